"""A Magento product import file; only read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from productdesc.catalogs.magento_csv import MagentoCsvSource

from . import Seed, Shop

MEDIA = "https://cdn.example.com"


class MagentoCsv(Shop):
    name = "magento csv"
    fields = ("title", "description", "seo_title", "seo_description", "alt_texts", "tags")
    writes = False

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(
                (
                    *("sku", "product_type", "name", "description", "meta_title"),
                    *("meta_description", "meta_keywords", "base_image"),
                    *("base_image_label", "additional_images"),
                    *("additional_image_labels", "visibility"),
                )
            )
            for s in seeds:
                paths = [url.removeprefix(MEDIA) for url in s.photos]
                alts = [*s.alt_texts, "", ""]
                writer.writerow(
                    (
                        *(s.id, "simple", s.title),
                        s.description and f"<p>{s.description}</p>",
                        *(s.seo_title, s.seo_description, ",".join(s.tags)),
                        *(paths[0], alts[0], ",".join(paths[1:]), alts[1]),
                        "Catalog, Search",
                    )
                )

    def source(self) -> MagentoCsvSource:
        return MagentoCsvSource(self.folder / "products.csv", media_url=MEDIA)


SHOP = MagentoCsv
