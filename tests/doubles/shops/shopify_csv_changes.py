"""A Shopify product export; the changed cells that are written are imported into it.

The import is what Shopify documents: rows are found by handle, a column that is there is
taken whole, blanks too, and a column that is not there leaves its values.
"""

from __future__ import annotations

import csv
from collections.abc import Collection

from productdesc.catalogs import ShopifyCsvSink, Sink

from .shopify_csv import ShopifyCsvShop


class ShopifyCsvChangesShop(ShopifyCsvShop):
    name = "shopify csv, changed cells"

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Sink:
        return ShopifyCsvSink(self.export, self.new, mode="changes", overwrite=overwrite)

    def take(self) -> None:
        if not self.new.exists():
            return
        with self.export.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with self.new.open(newline="", encoding="utf-8") as file:
            for new in csv.DictReader(file):
                photo = new.get("Product image URL")
                for row in rows:
                    first = bool(row["Title"])
                    if row["URL handle"] != new["URL handle"] or first != bool(
                        new["Title"]
                    ):
                        continue
                    if first or row["Product image URL"] == photo:
                        row.update(new)
        with self.export.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        self.new.unlink()


SHOP = ShopifyCsvChangesShop
