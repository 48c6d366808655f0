"""A WooCommerce export in a folder, rewritten whole; read by the csv module alone."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from doubles.shops import Seed, Shop

from productdesc.catalogs import WooCommerceCsvSink, WooCommerceCsvSource

HEADER = [
    "ID",
    "Type",
    "SKU",
    "Name",
    "Published",
    "Short description",
    "Description",
    "Regular price",
    "Categories",
    "Tags",
    "Images",
    "Parent",
]


def imported(cell: str) -> str:
    """What WooCommerce's importer makes of a description or name, for an administrator."""
    text = re.sub(r"(?<!\\)\\n", "\n", cell)
    return text.replace("\\", "")


class SHOP(Shop):
    name = "woocommerce-csv"
    fields = ("title", "bullets", "description", "tags")

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.path = folder / "export.csv"
        self._seen = (0, 0)
        self._held: dict[str, Mapping[str, Any]] = {}
        with self.path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for seed in seeds:
                cells = ["", "simple", seed.id, seed.title, "1", "", seed.description, "9"]
                tags, images = ", ".join(seed.tags), ", ".join(seed.photos)
                writer.writerow([*cells, "Shoes", tags, images, ""])

    def source(self) -> Any:
        return WooCommerceCsvSource(self.path)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Any:
        return WooCommerceCsvSink(self.path, self.path, mode="whole", overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        there = self.path.stat()
        if self._seen != (there.st_mtime_ns, there.st_size):
            self._seen = there.st_mtime_ns, there.st_size
            self._held = self._looked()
        return self._held

    def _looked(self) -> dict[str, Mapping[str, Any]]:
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            return {
                row["SKU"]: {
                    "title": row["Name"],
                    "description": row["Description"],
                    "bullets": row["Short description"],
                    "tags": row["Tags"],
                    "photos": row["Images"],
                }
                for row in csv.DictReader(file)
            }

    def plain(self, product_id: str, field: str) -> Any:
        cell = self.held()[product_id][field]
        if field == "tags":
            return tuple(tag.strip() for tag in cell.split(","))
        return html.unescape(re.sub(r"<[^>]*>", " ", imported(cell)))
