"""A Shopify product export of today; the full file that is written takes its place."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from productdesc.catalogs import ShopifyCsvSink, ShopifyCsvSource
from productdesc.catalogs.protocol import Sink
from productdesc.catalogs.shop_text.shop_html import to_html, to_text

from . import Seed, Shop

HEADER = (
    *("Title", "URL handle", "Description", "Vendor", "Tags", "SKU", "Price"),
    *("Product image URL", "Image position", "Image alt text", "SEO title"),
    "SEO description",
)


class ShopifyCsvShop(Shop):
    name: ClassVar[str] = "shopify csv"
    fields = ("title", "description", "seo_title", "seo_description", "alt_texts", "tags")

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.export = folder / "products_export.csv"
        self.new = folder / "products_import.csv"
        self.seen = b""
        self.fields_held: dict[str, Mapping[str, Any]] = {}
        with self.export.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for seed in seeds:
                for n, (photo, alt) in enumerate(_photos(seed), 1):
                    body = (
                        to_html(seed.description),
                        "",
                        ", ".join(seed.tags),
                        "S-1",
                        "9.90",
                    )
                    first = (
                        (seed.title, seed.id, *body) if n == 1 else ("", seed.id, *"     ")
                    )
                    last = (seed.seo_title, seed.seo_description) if n == 1 else ("", "")
                    cells = (*first, photo, str(n) if photo else "", alt, *last)
                    writer.writerow(cell.strip() for cell in cells)

    def source(self) -> ShopifyCsvSource:
        self.take()
        return ShopifyCsvSource(self.export)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Sink:
        return ShopifyCsvSink(self.export, self.new, overwrite=overwrite)

    def take(self) -> None:
        if self.new.exists():
            os.replace(self.new, self.export)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self.take()
        content = self.export.read_bytes()
        if content != self.seen:
            self.seen, self.fields_held = content, self.look()
        return self.fields_held

    def look(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        with self.export.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                fields = found.setdefault(
                    row["URL handle"],
                    {
                        "title": row["Title"],
                        "description": row["Description"],
                        "tags": row["Tags"],
                        "seo_title": row["SEO title"],
                        "seo_description": row["SEO description"],
                        "others": (row["Vendor"], row["SKU"], row["Price"]),
                        "photos": (),
                        "alt_texts": (),
                    },
                )
                if row["Product image URL"]:
                    fields["photos"] += (row["Product image URL"],)
                    fields["alt_texts"] += (row["Image alt text"],)
        return dict(found)

    def plain(self, product_id: str, field: str) -> Any:
        value = self.held()[product_id][field]
        match field:
            case "description":
                return to_text(value)
            case "tags":
                return tuple(value.split(", "))
            case _:
                return value


def _photos(seed: Seed) -> list[tuple[str, str]]:
    alts = (*seed.alt_texts, *[""] * len(seed.photos))
    return list(zip(seed.photos, alts, strict=False)) or [("", "")]


SHOP = ShopifyCsvShop
