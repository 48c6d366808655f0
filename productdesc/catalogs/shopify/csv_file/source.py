"""Shopify's product CSV as a source: the products of an export.

    with ShopifyCsvSource("export.csv") as source:
        for product in source.products(): ...

`product.id` is the handle. The files to import back are in `sink`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ....net.network_access import NO_ACCESS, NetworkAccess
from ....records import Product
from ...delimited.row_index import groups
from ...delimited.table import open_table
from ...protocol import Closing, Problems
from ...shop_text.image_urls import checked_folder
from ...shop_text.product_ids import IdCheck
from .columns import find_columns
from .product import to_product


class ShopifyCsvSource(Closing):
    """The products of a Shopify CSV, in the order in which their first rows come.

    Its dialect and columns are found at once, so that a file of another kind is told
    before any work; raises `CatalogError`. `table` and `columns` say what was found.
    Rows that cannot be read are in `problems`, as of the last call of `products`.
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
        self.table = open_table(path, delimiter=delimiter, encoding=encoding)
        folder = checked_folder(photos_folder)
        self.columns = find_columns(
            self.table.header, self.table.path, folder=folder, network=network
        )
        self.problems = Problems()

    def products(self) -> Iterator[Product]:
        """Every product of which a row can be read, from the start of the file."""
        problems = self.problems = Problems()
        with IdCheck(problems) as ids:
            for group in groups(self.table, self.columns.at["handle"], problems):
                ids.look(group.key, group.rows[0].line)
                yield to_product(group, self.columns, problems)
