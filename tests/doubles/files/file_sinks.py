"""Every sink that writes a file, opened over a source of its own where it needs one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from factories import description

from productdesc.catalogs import (
    GoogleSink,
    JsonLdSink,
    JsonlSink,
    ParquetSink,
    ShopifyCsvNewSink,
    ShopifyCsvSink,
    TableNewSink,
    TableSink,
    WooCommerceCsvNewSink,
    WooCommerceCsvSink,
)
from productdesc.records import Product

IDS = ("jug", *(f"jug{number}" for number in range(1, 31)))
"""The products that each source has."""
SHOPIFY = "Handle,Title,Body (HTML),Image Src\n" + "".join(
    f"{one},Jug,,https://x.example/1.jpg\n" for one in IDS
)
WOO = "ID,Type,SKU,Name,Short description,Description\n" + "".join(
    f"{one},simple,s-{one},Jug,,\n" for one in IDS
)
PLAIN = "sku,name,description,price\n" + "".join(f"{one},Jug,,9\n" for one in IDS)
JUG = Product(id="jug", title="Jug", photos=("https://x.example/1.jpg",))
OURS = description(description="A green jug.", title="Green jug")


def source(folder: Path, text: str) -> Path:
    path = folder / "source.csv"
    path.write_text(text, "utf-8")
    return path


Opened = Callable[..., Any]
SINKS: dict[str, Opened] = {
    "jsonl": lambda folder, out, **o: JsonlSink(out, **o),
    "json-ld": lambda folder, out, **o: JsonLdSink(out, **o),
    "parquet": lambda folder, out, **o: ParquetSink(out, **o),
    "google-xml": lambda folder, out, **o: GoogleSink(out, format="xml", **o),
    "google-tsv": lambda folder, out, **o: GoogleSink(out, format="tsv", **o),
    "new table": lambda folder, out, **o: TableNewSink(out, **o),
    "review": lambda folder, out, **o: TableNewSink(out, form="review", **o),
    "shopify new": lambda folder, out, **o: ShopifyCsvNewSink(out, **o),
    "woocommerce new": lambda folder, out, **o: WooCommerceCsvNewSink(out, **o),
    "table": lambda folder, out, **o: TableSink(source(folder, PLAIN), out, **o),
    "shopify": lambda folder, out, **o: ShopifyCsvSink(source(folder, SHOPIFY), out, **o),
    "shopify changes": lambda folder, out, **o: ShopifyCsvSink(
        source(folder, SHOPIFY), out, mode="changes", **o
    ),
    "woocommerce": lambda folder, out, **o: WooCommerceCsvSink(
        source(folder, WOO), out, **o
    ),
    "woocommerce whole": lambda folder, out, **o: WooCommerceCsvSink(
        source(folder, WOO), out, mode="whole", **o
    ),
}
