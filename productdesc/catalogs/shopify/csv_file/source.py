"""Shopify's product CSV: the products of an export, and the files to import back.

    with ShopifyCsv("export.csv") as shop, ShopifyCsvFile("export.csv", "new.csv") as sink:
        for product in shop.products(): ...

Three sinks, in `shopify_csv_sinks`: the full file, the changed cells only, and a list for
a person to review. `product.id` is the handle.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ....records import Product
from ...delimited.adjacency import is_adjacent
from ...delimited.recent import Recent
from ...delimited.row_index import RowIndex, adjacent_groups
from ...delimited.table import open_table
from ...protocol import Closing, Problems
from .columns import find_columns
from .product import product_of
from .sink import ShopifyCsvChanges, ShopifyCsvFile, ShopifyCsvReview

__all__ = ["ShopifyCsvChanges", "ShopifyCsvFile", "ShopifyCsvReview", "ShopifyCsvSource"]


class ShopifyCsvSource(Closing):
    """The products of a Shopify CSV, in the order in which their first rows come.

    Its dialect and columns are found at once, so that a file of another kind is told
    before any work; raises `CatalogError`. `table` and `columns` say what was found.
    Rows that cannot be read are in `problems`, as of the last call of `products`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> None:
        self.table = open_table(path, delimiter=delimiter, encoding=encoding)
        self.columns = find_columns(self.table.header, self.table.path)
        self.problems = Problems()

    def products(self) -> Iterator[Product]:
        """Every product of which a row can be read, from the start of the file."""
        problems = self.problems = Problems()
        handle = self.columns.at["handle"]
        adjacent = is_adjacent(self.table, handle)
        recent = Recent.of(self.table, handle)
        if adjacent:
            for group in adjacent_groups(self.table, handle, problems):
                yield product_of(recent.put(group), self.columns, problems)
            return
        index = RowIndex(self.table, handle, problems)
        try:
            for group in index.groups():
                yield product_of(recent.put(group), self.columns, problems)
        finally:
            index.close()
