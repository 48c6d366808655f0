"""Magento 2 product import files (CSV), read only: configurable and simple products.

A configurable product stands for its variants, whose options it lists. Photos are paths
on the shop's server, so the shop's media URL must be given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from ..errors import CatalogError
from ..records import Present, Product
from .delimited.table import open_table
from .protocol import Closing, Problem, Problems
from .shop_text.image_urls import photo_links
from .shop_text.shop_html import to_text

_NEXT = re.compile(r',(?="?[A-Za-z][A-Za-z0-9_]*=)')
_NOT_DESCRIBING = ("has_options", "required_options", "gift_message_available")
_HIDDEN = "not visible individually"


class MagentoCsvSource(Closing):
    """The products that a shop shows, in the file's order; the id is the SKU.

    media_url: where the shop's product images lie, such as
    "https://shop.example/media/catalog/product"; without it a path is no photo.
    variants: also products that are "Not Visible Individually". Rows of single store
    views (translations) are left out.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        media_url: str | None = None,
        variants: bool = False,
    ) -> None:
        if media_url is not None and not media_url.lower().startswith("https://"):
            raise ValueError(f"media_url is {media_url!r}; it must be an https URL")
        self.path = Path(path)
        self.problems = Problems()
        self._media = media_url
        self._variants = variants

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for what is no table, or has no column sku."""
        self.problems = Problems()
        table = open_table(self.path)
        names = [name.strip().lower() for name in table.header]
        if "sku" not in names:
            raise CatalogError(f"{self.path}: has no column sku, so it is no Magento file")
        for row in table.rows():
            if isinstance(row, Problem):
                self.problems.add(row)
                continue
            cells = {
                name: "" if cell == "__EMPTY__VALUE__" else cell.strip()
                for name, cell in zip(names, row.cells, strict=False)
            }
            if not cells["sku"]:
                message = "has no sku, so it was left out"
                self.problems.add(Problem(f"line {row.line}", message, row.line))
            elif self._is_shown(cells):
                yield self._product(cells, row.line)

    def _is_shown(self, cells: Mapping[str, str]) -> bool:
        if cells.get("store_view_code"):
            return False
        return self._variants or cells.get("visibility", "").lower() != _HIDDEN

    def _product(self, cells: Mapping[str, str], line: int) -> Product:
        def cell(name: str) -> str:
            return cells.get(name, "")

        links = [cell("base_image"), *cell("additional_images").split(",")]
        labels = [cell("base_image_label"), *cell("additional_image_labels").split(",")]
        shown = [(self._url(a.strip()), b.strip()) for a, b in _paired(links, labels)]
        photos = photo_links(
            (url for url, _ in shown),
            self.problems,
            f"line {line}, product {cell('sku')!r}",
            line=line,
        )
        alts = {url: label for url, label in reversed(shown)}
        texts = tuple(alts.get(p, "") if isinstance(p, str) else "" for p in photos)
        return Product(
            id=cell("sku"),
            title=to_text(cell("name")),
            description=to_text(cell("description") or cell("short_description")),
            photos=photos,
            attributes={
                **attribute_pairs(cell("additional_attributes")),
                **variation_options(cell("configurable_variations")),
            },
            present=Present(
                category=cell("categories").split(",")[0],
                seo_title=cell("meta_title"),
                seo_description=cell("meta_description"),
                alt_texts=texts if any(texts) else (),
                tags=tuple(
                    t.strip() for t in cell("meta_keywords").split(",") if t.strip()
                ),
            ),
        )

    def _url(self, text: str) -> str:
        """A path on the shop's server as a URL; whatever has a scheme stays as it is."""
        if not text or text == "no_selection":
            return ""
        if self._media is None or re.match(r"[a-z][a-z0-9+.-]*:|//", text, re.IGNORECASE):
            return text
        return f"{self._media.rstrip('/')}/{quote(text.lstrip('/'))}"


def _paired(links: list[str], labels: list[str]) -> list[tuple[str, str]]:
    labels = labels + [""] * len(links)
    return list(zip(links, labels, strict=False))


def attribute_pairs(cell: str) -> dict[str, str]:
    """name=value pairs of one cell; several values of one name with ", " between them."""
    found: dict[str, str] = {}
    for part in _NEXT.split(cell):
        name, _, value = part.strip().strip('"').partition("=")
        # "no" describes nothing: such an attribute is a switch of the shop
        if value and name not in _NOT_DESCRIBING and value.lower() != "no":
            found[name] = value.replace('""', '"').replace("|", ", ")
    return found


def variation_options(cell: str) -> dict[str, str]:
    """The values that a configurable product comes in, by option."""
    found: dict[str, dict[str, None]] = {}
    for variation in cell.split("|"):
        for name, value in attribute_pairs(variation).items():
            if name not in ("sku", "display", "default"):
                found.setdefault(name, {})[value] = None
    return {name: ", ".join(values) for name, values in found.items()}
