"""Source of a shop's products over its REST API, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ValidationError

from ....errors import CatalogError
from ....records import Product
from ...live import offset_pages
from ...protocol import Closing, Problem, Problems
from ...shop_text.answer_part import in_one_line
from ..terms import is_variable, is_variation
from .client import WooCommerceClient
from .item import FIELDS, Item, Variation, parse_item, to_product
from .replies import Unreadable

PER_PAGE = 100  # WooCommerce gives no more
OVERLAP = 5  # products of a page that are read again with the next

Status = Literal["any", "publish", "draft", "pending", "private"]


class WooCommerceSource(Closing):
    """Source of every product of a WooCommerce shop, by rising id.

    status: "any" is all but the trash. variations: whether to ask for the variations of
    each variable product (one request more for each), so that only values that can be
    bought are its attributes; False: all values that it lists. seo: the two custom fields
    of an SEO plugin, such as `YOAST` or `RANK_MATH`. own: leaving this closes the client
    too.
    """

    def __init__(
        self,
        client: WooCommerceClient,
        *,
        status: Status = "any",
        variations: bool = True,
        seo: tuple[str, str] | None = None,
        own: bool = False,
    ) -> None:
        self._client = client
        self._own = own
        self._status = status
        self._variations = variations
        self._seo = seo
        self.problems = Problems()

    def products(self) -> Iterator[Product]:
        """Each product once, by rising id, those that are added meanwhile too.

        Raises `CatalogError` in the shop's own words.
        """
        self.problems = Problems()
        pages = offset_pages(self._page, _id, size=PER_PAGE, overlap=OVERLAP)
        for value in pages:
            item = parse_item(value)
            if isinstance(item, str):
                self.problems.add(Problem(f"product {_id(value)}", item))
                continue
            if is_variation(item.type):
                continue  # of a product that lists its values
            try:
                yield to_product(
                    item,
                    self._seo,
                    self.problems,
                    self._varieties(item),
                    self._client.network,
                )
            except ValidationError as e:
                self.problems.add(
                    Problem(f"product {item.id}", in_one_line(e, "WooCommerce"))
                )

    def _page(self, offset: int) -> tuple[list[Any], int]:
        """Some products, and how many there are in all."""
        answer = self._client.get(
            "products",
            context="edit",  # as stored: "view" runs shortcodes and adds paragraphs
            status=self._status,
            orderby="id",
            order="asc",
            per_page=PER_PAGE,
            offset=offset,
            _fields=FIELDS,
        )
        url = self._client.url
        values, stated = answer.value, answer.headers.get("x-wp-total", "")
        if not isinstance(values, list):
            raise CatalogError(f"{url}: reading products: the answer is no list")
        ids = [_id(value) for value in values if _id(value)]
        if ids != sorted(ids):
            raise CatalogError(
                f"{url}: products come in another order than by id, so that "
                "some could be missed; does a plugin sort them?"
            )
        if not stated.isdecimal():
            # a proxy may drop the header: then an empty page is the end
            return values, offset + len(values) + (PER_PAGE if values else 0)
        return values, int(stated)

    def _varieties(self, item: Item) -> list[Variation]:
        if not (self._variations and is_variable(item.type)):
            return []
        found: list[Variation] = []
        page = pages = 1
        while page <= pages:
            answer = self._client.get(
                f"products/{item.id}/variations",
                per_page=PER_PAGE,
                page=page,
                orderby="id",
                order="asc",
                _fields="id,sku,image,attributes",
            )
            values = answer.value if isinstance(answer.value, list) else []
            found += [Variation.model_validate(value) for value in values]
            stated = answer.headers.get("x-wp-totalpages", "1")
            pages, page = int(stated) if stated.isdecimal() else 1, page + 1
        return found

    def close(self) -> None:
        """Close the client, where it is this source's own."""
        if self._own:
            self._client.close()


def _id(value: Any) -> int:
    if isinstance(value, Unreadable):
        return value.id
    number = value.get("id") if isinstance(value, dict) else None
    return number if isinstance(number, int) and number > 0 else 0
