"""Source of a shop's products in one language, in the order of their ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from ...errors import CatalogError
from ...records import Product
from ...text.printable import printable
from ..live import offset_pages
from ..protocol import Closing, Problem, Problems
from ..shop_text.answer_part import in_one_line
from .client import VendureClient
from .documents import products
from .item import parse_item, to_product
from .shop_settings import Seo

PER_PAGE = 100
OVERLAP = 5  # products of a page that are read again with the next


class VendureSource(Closing):
    """Source of every product of a channel that is not deleted, by rising id.

    language: whose texts are read; "": the channel's default one. languages: instead, those
    that are read, the first for the product itself, the others as its `translations`, which
    are empty in a language that the channel has not. seo:
    the two custom fields of SEO texts, or "custom-fields" for those that the shop has.
    variants: whether to ask for the variants of each product, so that only options that can
    be bought are its attributes; False: all options that it lists. per_page: products of
    one request. own: leaving this closes the client too.
    """

    def __init__(
        self,
        client: VendureClient,
        *,
        language: str = "",
        languages: Sequence[str] = (),
        seo: Seo = None,
        variants: bool = True,
        per_page: int = PER_PAGE,
        own: bool = False,
    ) -> None:
        if per_page <= OVERLAP:
            raise ValueError(f"per_page is {per_page}; it must be over {OVERLAP}")
        if language and languages:
            raise ValueError("give either language= or languages=")
        self._client = client
        self._own = own
        self._language, *self._further = languages or [language]
        self._seo = seo
        self._variants = variants
        self._size = per_page
        self.problems = Problems()

    def products(self) -> Iterator[Product]:
        """Each product once, by rising id, those that are added meanwhile too.

        Raises `CatalogError` in the shop's own words.
        """
        self.problems = Problems()
        settings = self._client.settings()
        language, seo = settings.language(self._language), settings.seo(self._seo)
        further = {
            code: settings.language(code) if settings.has(code) else ""
            for code in self._further
        }
        pages = offset_pages(self._page, _key, size=self._size, overlap=OVERLAP)
        for value in pages:
            item = parse_item(value)
            if isinstance(item, str):
                shown = printable(_id(value), "name") or "without id"
                self.problems.add(Problem(f"product {shown}", item))
                continue
            try:
                yield to_product(
                    item,
                    language,
                    settings.languages[0],
                    seo,
                    self.problems,
                    url=self._client.url,
                    network=self._client.network,
                    further=further,
                )
            except ValidationError as e:
                why = in_one_line(e, "Vendure")
                self.problems.add(Problem(f"product {item.id}", why))

    def _page(self, offset: int) -> tuple[list[Any], int]:
        """Some products, and how many there are in all."""
        settings = self._client.settings()
        seo = settings.seo(self._seo)
        document = products(
            seo.names(localized=True) if seo else (),
            seo.names(localized=False) if seo else (),
            variants=self._variants,
        )
        options = {"take": self._size, "skip": offset, "sort": {"id": "ASC"}}
        language = settings.language(self._language)
        answer = self._client.query(document, language=language, options=options)
        values, total = listed_items(answer.data, self._client.url)
        numbers = [key for value in values if isinstance(key := _key(value), int) and key]
        if numbers != sorted(numbers):
            raise CatalogError(
                f"{self._client.url}: products come in another order than by id, so that "
                "some could be missed; does a plugin sort them?"
            )
        return values, total

    def close(self) -> None:
        """Close the client, where it is this source's own."""
        if self._own:
            self._client.close()


def listed_items(data: Any, url: str) -> tuple[list[Any], int]:
    """The products of an answer, and how many there are; raises `CatalogError`."""
    page = data.get("products")
    items = page.get("items") if isinstance(page, dict) else None
    total = page.get("totalItems") if isinstance(page, dict) else None
    if not isinstance(items, list) or not isinstance(total, int) or total >= 1 << 53:
        raise CatalogError(f"{url}: reading products: the answer is no list of them")
    return items, total


def _id(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    if isinstance(found, int):
        return str(found) if 0 <= found < 1 << 63 else ""
    return found if isinstance(found, str) else ""


def _key(value: Any) -> int | str:
    """An id by what orders it: a number, a UUID, else the text, which has no order."""
    text = _id(value)
    if text.isascii() and text.isdecimal() and len(text) < 20:
        return int(text)
    with suppress(ValueError):
        return uuid.UUID(text).int
    return text
