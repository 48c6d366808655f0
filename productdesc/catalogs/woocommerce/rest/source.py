"""`WooCommerce`: the products of a shop, over its REST API, in the order of their ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from ....errors import CatalogError
from ....net import Http
from ....records import Product
from ....secret import Secret
from ...protocol import Closing, Problem, Problems
from .client import Patience, WooCommerceClient
from .item import FIELDS, Item, Variation, parse_item, to_product

PER_PAGE = 100  # WooCommerce gives no more
OVERLAP = 5  # products of a page that are read again with the next

Status = Literal["any", "publish", "draft", "pending", "private"]


class WooCommerceSource(Closing):
    """Products of a shop; leave the `with` block and its connections are closed.

    url: the address of the WordPress site. key, secret: of a REST key that may read.
    status: "any" is all but the trash. variations: whether to ask for the variations of
    each variable product (one request more for each), so that only values that can be
    bought are its attributes; False: all values that it lists. seo: the two custom fields
    of an SEO plugin, such as `YOAST` or `RANK_MATH`. http, clock, sleep, now: for tests
    and networks of one's own.
    """

    def __init__(
        self,
        url: str,
        key: str | Secret,
        secret: str | Secret,
        *,
        status: Status = "any",
        variations: bool = True,
        seo: tuple[str, str] | None = None,
        http: Http | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = WooCommerceClient(
            url,
            key,
            secret,
            http=http,
            patience=patience,
            clock=clock,
            sleep=sleep,
            now=now,
        )
        self._status = status
        self._variations = variations
        self._seo = seo
        self.problems = Problems()

    def products(self) -> Iterator[Product]:
        """Each product once, by rising id, those that are added meanwhile too.

        Raises `CatalogError` in the shop's own words.
        """
        self.problems = Problems()
        for value in self._values():
            item = parse_item(value)
            if isinstance(item, str):
                self.problems.add(Problem(f"product {_id(value)}", item))
                continue
            try:
                yield to_product(item, self._seo, self.problems, self._varieties(item))
            except ValidationError as e:
                self.problems.add(Problem(f"product {item.id}", str(e)))

    def _values(self) -> Iterator[Any]:
        """The JSON of each product with a rising id.

        A page is asked for by its offset and begins within the page before. A product that
        is deleted meanwhile moves all later ones up: if a page begins behind the last
        product known, what may lie between is read first, backwards.
        """
        last, offset, total = 0, 0, 1
        while offset < total:
            page, total = self._page(offset)
            start, pages = offset, [page]
            while start and (not pages[-1] or _id(pages[-1][0]) > last):
                start = max(0, start - PER_PAGE)
                pages.append(self._page(start)[0])
            for value in (v for page in reversed(pages) for v in page):
                if _id(value) > last or not _id(value):
                    last = _id(value) or last
                    yield value
            offset += PER_PAGE - OVERLAP if offset + PER_PAGE < total else PER_PAGE

    def _page(self, offset: int) -> tuple[list[Any], int]:
        """Some products, and how many there are in all."""
        answer = self._api.get(
            "products",
            context="edit",  # as stored: "view" runs shortcodes and adds paragraphs
            status=self._status,
            orderby="id",
            order="asc",
            per_page=PER_PAGE,
            offset=offset,
            _fields=FIELDS,
        )
        values, stated = answer.value, answer.headers.get("x-wp-total", "")
        if not isinstance(values, list):
            raise CatalogError(f"{self._api.url}: reading products: the answer is no list")
        ids = [_id(value) for value in values if _id(value)]
        if ids != sorted(ids):
            raise CatalogError(
                f"{self._api.url}: products come in another order than by id, so that "
                "some could be missed; does a plugin sort them?"
            )
        if not stated.isdecimal():
            # a proxy may drop the header: then an empty page is the end
            return values, offset + len(values) + (PER_PAGE if values else 0)
        return values, int(stated)

    def _varieties(self, item: Item) -> list[Variation]:
        if not (self._variations and item.type == "variable"):
            return []
        found: list[Variation] = []
        page = pages = 1
        while page <= pages:
            answer = self._api.get(
                f"products/{item.id}/variations",
                per_page=PER_PAGE,
                page=page,
                orderby="id",
                order="asc",
                _fields="id,attributes",
            )
            values = answer.value if isinstance(answer.value, list) else []
            found += [Variation.model_validate(value) for value in values]
            stated = answer.headers.get("x-wp-totalpages", "1")
            pages, page = int(stated) if stated.isdecimal() else 1, page + 1
        return found

    def close(self) -> None:
        """Close the connections that this one opened."""
        self._api.close()


def _id(value: Any) -> int:
    number = value.get("id") if isinstance(value, dict) else None
    return number if isinstance(number, int) else 0
