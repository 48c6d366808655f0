"""Rollback files: what takes back the changes of a Shopify or WooCommerce CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from doubles.publishing.small_shops import description

from productdesc.catalogs import OpenOptions, open_sink, open_source

SHOPIFY = (
    "Handle,Title,Body (HTML),Tags,SEO Title,Image Src,Image Alt Text\n"
    "mug,Mug,<p>An <b>old</b> mug.</p>,tea,,https://cdn.example.com/1.jpg,\n"
    "mug,,,,,https://cdn.example.com/2.jpg,The back\n"
    "cup,Cup,,,A cup,,\n"
)
WOOCOMMERCE = (
    "ID,Type,SKU,Name,Published,Short description,Description,Tags\n"
    '7,simple,M1,Mug,1,,"<p>An <b>old</b> mug.</p>",tea\n'
    "8,simple,C1,Cup,1,,,\n"
)
FILES = {"shopify-csv": (SHOPIFY, "Handle"), "woocommerce-csv": (WOOCOMMERCE, "ID")}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [*csv.DictReader(file)]


@pytest.mark.parametrize("name", FILES)
def test_a_rollback_file_has_the_cells_of_the_source(name: str, tmp_path: Path) -> None:
    text, key = FILES[name]
    source = tmp_path / "export.csv"
    source.write_text(text, "utf-8")
    overwrite = ("title", "description", "tags")
    made = {}
    for mode in ("changes", "rollback"):
        options = OpenOptions(source_path=source, overwrite=overwrite)
        path = made[mode] = tmp_path / f"{mode}.csv"
        with (
            open_source(source, name) as opened,
            open_sink(path, f"{name}-{mode}", options) as sink,
        ):
            for product in opened.products():
                more = {"title": "Another title", "tags": ("gift",),
                        "alt_texts": ("One",) * len(product.photos)}  # fmt: skip
                saved = sink.save(product, description(product, ("plain", "en"), **more))
                assert saved.status == "written"
    changes, rollback = rows(made["changes"]), rows(made["rollback"])
    assert changes[0].keys() == rollback[0].keys()
    assert len(changes) == len(rollback)
    before = rows(source)
    assert changes != rollback
    for row in rollback:
        image = row.get("Image Src")
        [former] = [
            one for one in before if one[key] == row[key] and one.get("Image Src") == image
        ]
        assert {name: former[name] for name in row} == row
