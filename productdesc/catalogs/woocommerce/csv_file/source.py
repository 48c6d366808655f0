"""WooCommerce's product CSV as a source: the products of an export.

    with WooCommerceCsvSource("export.csv") as source:
        for product in source.products(): ...

A variation is no product of its own: it is a variant of its parent. Neither alt texts nor
SEO texts have a column.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ....net.network_access import NO_ACCESS, NetworkAccess
from ....records import Present, Product
from ....text.printable import quoted
from ...delimited.table import open_table
from ...protocol import Closing, Problem, Problems
from ...shop_text.image_urls import checked_folder, photo_links
from ...shop_text.photo_lists import split_photos
from ...shop_text.product_ids import IdCheck, is_rounded, rounding
from .columns import Columns, find_columns, without_apostrophe
from .variations import Variations, of_parent, read_variations


class WooCommerceCsvSource(Closing):
    """The products of an export, in the file's order, without their variations.

    photos_folder: a folder of yours that relative paths of photos may lead into. network:
    hosts whose http URLs are photos too.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        delimiter: str | None = None,
        encoding: str | None = None,
        photos_folder: str | os.PathLike[str] | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        self._delimiter, self._encoding = delimiter, encoding
        self._network = network
        self._folder = checked_folder(photos_folder)

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for what is no table, or no export in a known language."""
        self.problems = Problems()
        table = open_table(self.path, delimiter=self._delimiter, encoding=self._encoding)
        columns = find_columns(table.header, self.path)
        variations = read_variations(table, columns)
        with IdCheck(self.problems) as ids:
            for row in table.rows():
                if isinstance(row, Problem):
                    self.problems.add(row)
                elif not columns.is_variation(row.cells):
                    product = self._product(columns, row.cells, row.line, variations)
                    ids.look(product.id, row.line)
                    yield product
                elif not columns.cell(row.cells, "parent").strip():
                    message = "is a variation without a parent, so it was left out"
                    self.problems.add(Problem(f"line {row.line}", message, row.line))

    def _product(
        self, columns: Columns, cells: Sequence[str], line: int, variations: Variations
    ) -> Product:
        current, key = columns.current(cells), columns.key(cells, line)
        if not columns.has_key(cells):
            message = (
                f"has neither ID nor SKU, so it goes by its line, {quoted(key, 'name')}"
            )
            self.problems.add(Problem(f"line {line}", message, line))
        sku = columns.cell(cells, "sku")
        if sku.strip() != key and is_rounded(sku):
            message = rounding("SKU", sku)
            self.problems.add(Problem(f"line {line}", message, line))
        images = without_apostrophe(columns.cell(cells, "images")).replace("\\,", ",")
        photos = photo_links(
            split_photos(images),
            self.problems,
            f"line {line}",
            line=line,
            folder=self._folder,
            network=self._network,
        )
        return Product(
            id=key,
            title=current.title,
            photos=photos.photos,
            photo_error=photos.error,
            attributes=current.attributes,
            description=current.description,
            variants=of_parent(variations, columns, cells, photos.photos),
            present=Present(
                category=current.category, bullets=current.bullets, tags=current.tags
            ),
        )
