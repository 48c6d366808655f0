"""Magento product files (CSV), read only: import and export files of Magento 1 and 2.

A configurable product stands for its variants, whose options it lists. Photos are paths
on the shop's server, so the shop's media URL must be given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from ..errors import CatalogError
from ..net.network_access import NO_ACCESS, NetworkAccess
from ..records import PhotoSource, Present, Product
from ..text.printable import quoted
from .delimited.table import Table, open_table
from .magento_pairs import attribute_pairs, variation_options, variations
from .protocol import Closing, Problem, Problems
from .shop_text.body import body_text
from .shop_text.image_urls import checked_folder, photo_links
from .shop_text.photo_lists import split_photos
from .shop_text.placeholders import stated, stated_attributes, stated_html, stated_list
from .shop_text.product_ids import IdCheck
from .shop_text.shop_html import to_text
from .shop_text.variant_rows import VariantRow, variants_of

_HIDDEN = ("not visible individually", "1")
_ALL_VIEWS = ("", "admin", "all")
_ROOT = "Default Category"
"""The category that every other one is below; alone it is none."""
_OWN_COLUMNS = (
    *("manufacturer", "brand", "color", "colour", "size", "material", "gender", "pattern"),
    *("style", "style_general", "fabric", "shape", "model", "country_of_manufacture"),
    *("season", "finish", "fit", "age_group", "composition"),
)
"""Attributes that Magento 1 gives a column each; what else has one is trade or layout."""
SAMPLE_ROWS = 200

Cells = Mapping[str, str]


class MagentoCsvSource(Closing):
    """The products that a shop shows, in the file's order; the id is the SKU.

    media_url: where the shop's product images lie, such as
    "https://shop.example/media/catalog/product"; without it a path is no photo,
    or one in photos_folder, the folder of yours that holds what lies there.
    variants: also products that are "Not Visible Individually". Rows of single store
    views (translations) are left out, unless the file has no others.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        media_url: str | None = None,
        variants: bool = False,
        delimiter: str | None = None,
        encoding: str | None = None,
        photos_folder: str | os.PathLike[str] | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        if media_url is not None and not (
            media_url.lower().startswith("https://") or network.allows(media_url)
        ):
            raise ValueError(f"media_url is {media_url!r}; it must be an https URL")
        self.path = Path(path)
        self.problems = Problems()
        self._media = media_url
        self._network = network
        self._folder = checked_folder(photos_folder)
        self._variants = variants
        self._delimiter, self._encoding = delimiter, encoding

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for what is no table, or has no column sku."""
        self.problems = Problems()
        table = open_table(self.path, delimiter=self._delimiter, encoding=self._encoding)
        names = [name.strip().lower() for name in table.header]
        if "sku" not in names:
            raise CatalogError(f"{self.path}: has no column sku, so it is no Magento file")
        view = _main_view(table, names)
        with IdCheck(self.problems) as ids:
            for line, rows in self._products(table, names, view):
                if self._variants or _cell(rows, "visibility").lower() not in _HIDDEN:
                    ids.look(rows[0]["sku"], line)
                    yield self._product(rows, line)

    def _products(
        self, table: Table, names: Sequence[str], view: str
    ) -> Iterator[tuple[int, list[Cells]]]:
        """The rows of each product: its own, and those below it that carry it on."""
        line, sku, rows = 0, "", list[Cells]()
        strays, stray = 0, 0  # how many, and the line of the first
        for row in table.rows():
            if isinstance(row, Problem):
                self.problems.add(row)
                continue
            cells = _cells(names, row.cells)
            own = _view(cells) in (*_ALL_VIEWS, view)
            if rows and own and not cells["sku"] and _carries_on(cells):
                rows.append(cells)
            elif own:
                if rows:
                    yield line, rows
                line, sku, rows = row.line, cells["sku"], [cells] if cells["sku"] else []
                if not rows:
                    message = "has no sku, so it was left out"
                    self.problems.add(Problem(f"line {line}", message, line))
            elif cells["sku"] not in ("", sku):
                strays, stray = strays + 1, stray or row.line
        if rows:
            yield line, rows
        if strays:
            message = (
                f"{strays} rows of single store views, which do not stand below their "
                "product's own row, were left out"
            )
            self.problems.add(Problem(f"line {stray}", message, stray))

    def _product(self, rows: Sequence[Cells], line: int) -> Product:
        def cell(*names: str) -> str:
            return _cell(rows, *names)

        sku = rows[0]["sku"]
        shown = [(self._url(link), label) for link, label in _images(rows)]
        photos = photo_links(
            (url for url, _ in shown),
            self.problems,
            f"line {line}, product {quoted(sku, 'name')}",
            line=line,
            folder=self._folder,
            network=self._network,
        )
        alts = {url: label for url, label in reversed(shown)}
        texts = tuple(stated(alts.get(self._name(p), "")) for p in photos.photos)
        keywords = [t.strip() for t in cell("meta_keywords", "meta_keyword").split(",")]
        return Product(
            id=sku,
            title=to_text(stated_html(cell("name"))),
            description=body_text(
                stated_html(cell("description")) or stated_html(cell("short_description"))
            ),
            photos=photos.photos,
            photo_error=photos.error,
            attributes=stated_attributes(_attributes(rows)),
            variants=variants_of(_variants(rows), photos.photos),
            present=Present(
                category=_category(rows),
                seo_title=stated(cell("meta_title")),
                seo_description=stated(cell("meta_description")),
                alt_texts=texts if any(texts) else (),
                tags=stated_list(list(filter(None, keywords))),
            ),
        )

    def _url(self, text: str) -> str:
        """A path on the shop's server as a URL; whatever has a scheme stays as it is."""
        if not text or text == "no_selection":
            return ""
        if re.match(r"[a-z][a-z0-9+.-]*:|//", text, re.IGNORECASE):
            return text
        if self._media is None:  # in the shop's folder, as all of its paths are
            return text.lstrip("/") if self._folder else text
        return f"{self._media.rstrip('/')}/{quote(text.lstrip('/'))}"

    def _name(self, photo: PhotoSource) -> str:
        """What the file calls a photo."""
        if isinstance(photo, Path) and self._folder:
            return os.path.relpath(photo, os.path.realpath(self._folder))
        return str(photo)


def _cells(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return {
        name: "" if cell == "__EMPTY__VALUE__" else cell.strip()
        for name, cell in zip(names, row, strict=False)
    }


def _cell(rows: Sequence[Cells], *names: str) -> str:
    """The product's own cell of the first of these columns that says something."""
    return next((text for name in names if (text := rows[0].get(name, ""))), "")


def _view(cells: Cells) -> str:
    """The code of the store view that a row is of."""
    return cells.get("store_view_code", "") or cells.get("_store", "")


def _carries_on(cells: Cells) -> bool:
    """Whether a row without a SKU has anything of the product above."""
    return any(text for name, text in cells.items() if name.startswith("_"))


def _main_view(table: Table, names: Sequence[str]) -> str:
    """The store view that speaks for the products where no row is of all views."""
    rows = (row.cells for row in table.rows() if not isinstance(row, Problem))
    views = [_view(_cells(names, row)) for row in islice(rows, SAMPLE_ROWS)]
    return "" if not views or any(v in _ALL_VIEWS for v in views) else views[0]


def _images(rows: Sequence[Cells]) -> Iterator[tuple[str, str]]:
    """Links of images and their labels: of Magento 2 in cells, of Magento 1 in rows."""
    first = rows[0]
    for image in ("base_image", "image"):
        yield first.get(image, ""), first.get(f"{image}_label", "")
    links = split_photos(first.get("additional_images", ""))
    labels = first.get("additional_image_labels", "").split(",")
    yield from zip(links, [*map(str.strip, labels), *[""] * len(links)], strict=False)
    media = [row for row in rows if row.get("_media_is_disabled", "") != "1"]
    for row in sorted(media, key=_position):
        # Magento 1 spells it so
        label = row.get("_media_lable", "") or row.get("_media_label", "")
        yield row.get("_media_image", ""), label


def _position(row: Cells) -> int:
    place = row.get("_media_position", "")
    return int(place) if place.isdecimal() and len(place) < 9 else 0


def _category(rows: Sequence[Cells]) -> str:
    """The first category below the root; paths are parted where another root begins."""
    paths = [row.get("_category", "") for row in rows]
    cell = rows[0].get("categories", "").strip()
    root = re.split("[/,|;]", cell, maxsplit=1)[0]
    start = 0
    for mark in re.finditer(r"[,|;]\s*+", cell):
        behind = mark.end() + len(root)
        if cell.startswith(root, mark.end()) and cell[behind : behind + 1] in "/,|;":
            paths.append(cell[start : mark.start()].rstrip())
            start = mark.end()
    paths.append(cell[start:])
    return next((p for p in paths if p not in ("", _ROOT) and stated(p)), "")


def _attributes(rows: Sequence[Cells]) -> dict[str, str]:
    first = rows[0]
    options: dict[str, dict[str, None]] = {}
    for row in rows:  # Magento 1 lists the options of a configurable product in rows
        if name := row.get("_super_attribute_code", ""):
            options.setdefault(name, {})[row.get("_super_attribute_option", "")] = None
    return {
        **{name: first.get(name, "") for name in _OWN_COLUMNS},
        **attribute_pairs(first.get("additional_attributes", "")),
        **variation_options(first.get("configurable_variations", "")),
        **{name: _listed(values) for name, values in options.items()},
    }


def _listed(values: Iterable[str]) -> str:
    return ", ".join(filter(None, values))


def _variants(rows: Sequence[Cells]) -> Iterator[VariantRow]:
    """The variants: of Magento 2 in a cell, of Magento 1 in the rows of each SKU."""
    for sku, options in variations(rows[0].get("configurable_variations", "")):
        yield VariantRow(sku, options)
    below: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows):
        sku, name = (row.get(f"_super_{x}", "") for x in ("products_sku", "attribute_code"))
        if name:
            options = below.setdefault(sku or f"row {number}", {})
            options[name] = row.get("_super_attribute_option", "")
    for sku, options in below.items():
        yield VariantRow("" if sku.startswith("row ") else sku, options)
