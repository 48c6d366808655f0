"""Reading and writing a Shopify CSV of a million rows: speed, and whether memory grows.

    python benchmarks/shopify_csv.py [--rows 1000000] [--only PART] [--repeats 1]

Makes a file in a temporary folder, then runs each part of PARTS in a process of its own,
one thread each, pandas and polars where they are installed. Seconds are of processor time,
the least of the repeats, which go through all parts in turn. Writing alone is what a part
that writes takes longer than reading.
"Grows" is the slope of the resident memory from the first fifth on, per 100,000 rows. Four
minutes and 1.5 GB of disk for a million rows.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from productdesc.catalogs.shopify.csv_file.sink import Mode, ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.records import Description, Provenance

ROWS_A_PRODUCT = 4
SAMPLES_EVERY = 20_000  # rows
BODY = (
    "<p>"
    + "A soft shoe of <strong>canvas</strong>, made for long days &amp; short nights. " * 6
    + '</p>\n<p>Fits 12" lasts, wide too.</p>\n<ul>\n<li>Upper: canvas</li>\n'
    "<li>Sole: rubber, 3 cm</li>\n</ul>"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.part:
        measure(wanted.part, wanted.file, wanted.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        for apart in (False, True):
            path = Path(folder) / "export.csv"
            generate(path, wanted.rows, apart=apart)
            size = path.stat().st_size / 1e6
            how = "rows of a product apart" if apart else "rows of a product together"
            print(f"\n{wanted.rows:,} rows, {size:.0f} MB, {how}\n", flush=True)
            parts = [wanted.only] if wanted.only else ["products"] if apart else [*PARTS]
            said = [
                {part: run(part, path, wanted.rows) for part in parts}
                for _ in range(wanted.repeats)
            ]
            show(said, wanted.rows)


def show(said: list[dict[str, Any]], rows: int) -> None:
    """The table of all repeats, each by its part."""
    print(
        "| part | seconds | rows a second | peak MB | grows MB |",
        "|---|---|---|---|---|",
        sep="\n",
    )
    seconds: dict[str, float] = {}
    for part in said[0]:
        runs = [one[part] for one in said if "seconds" in one[part]]
        if not runs:
            print(f"| {part} | {said[0][part]['failed']} | | | |")
            continue
        took = seconds[part] = min(run["seconds"] for run in runs)
        peak, slope = max(run["peak"] for run in runs), runs[-1]["slope"]
        print(f"| {part} | {took:.1f} | {rows / took:,.0f} | {peak:.0f} | {slope} |")
    for part in ("changed cells", "full file"):
        if part in seconds and "products" in seconds:
            alone = seconds[part] - seconds["products"]
            print(f"| {part}, writing alone | {alone:.1f} | {rows / alone:,.0f} | | |")
    print(flush=True)


def generate(path: Path, rows: int, *, apart: bool) -> None:
    """An export of `rows` rows, four a product; `apart`: in two runs far apart."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, restval="", lineterminator="\n")
        writer.writeheader()
        half = ROWS_A_PRODUCT // 2
        for part in [(0, half), (half, ROWS_A_PRODUCT)] if apart else [(0, ROWS_A_PRODUCT)]:
            for product in range(rows // ROWS_A_PRODUCT):
                writer.writerows(_row(product, n) for n in range(*part))


def _row(product: int, n: int) -> dict[str, str]:
    photo = (
        f"https://cdn.shopify.com/s/files/1/0000/0001/files/canvas-shoe-{product}-{n}.jpg"
    )
    row = {
        "Handle": f"canvas-shoe-{product}",
        "Option1 Value": str(36 + n),
        "Variant SKU": f"CS-{product}-{n}",
        "Variant Grams": "500",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "100",
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": "59.90",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Image Src": f"{photo}?v=1623104800",
        "Image Position": str(n + 1),
        "Image Alt Text": f"Canvas shoe {product}, view {n}",
        "Variant Weight Unit": "kg",
    }
    if n == 0:
        row |= {
            "Title": f"Canvas shoe {product}",
            "Body (HTML)": BODY,
            "Vendor": "Acme",
            "Product Category": "Apparel & Accessories > Shoes",
            "Type": "Sneakers",
            "Tags": "shoes, canvas, summer",
            "Published": "true",
            "Option1 Name": "Size",
            "Gift Card": "false",
            "Google Shopping / Gender": "unisex",
            "Fabric (product.metafields.shopify.fabric)": "canvas",
            "Status": "active",
        }
    return row


EMPTY = (
    *("Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value"),
    *("Variant Compare At Price", "Variant Barcode", "SEO Title", "SEO Description"),
    *("Variant Image", "Variant Tax Code", "Cost per item", "Price / International"),
    *(f"Google Shopping / Custom Label {n}" for n in range(5)),
)
HEADER = [*_row(0, 0), *EMPTY]


def run(part: str, path: Path, rows: int) -> dict[str, Any]:
    """One part in a process of its own."""
    module = part.split(",")[0]
    if module in ("pandas", "polars") and importlib.util.find_spec(module) is None:
        return {"failed": "not installed"}
    what = ["--part", part, "--file", str(path), "--rows", str(rows)]
    one_thread = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    answer = subprocess.run(
        [sys.executable, __file__, *what],
        env={**os.environ, **one_thread},
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        return {"failed": " ".join(answer.stderr.strip().splitlines()[-1:])}
    said: dict[str, Any] = json.loads(answer.stdout)
    print(f"{part}: {said['seconds']:.1f} s", file=sys.stderr, flush=True)
    return said


def measure(part: str, path: Path, rows: int) -> None:
    memory: list[tuple[int, float]] = []
    start = time.process_time()
    for done in PARTS[part](path):
        if done % SAMPLES_EVERY < ROWS_A_PRODUCT:
            memory.append((done, _resident()))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slope = _slope([m for m in memory if m[0] > rows // 5])
    print(json.dumps({"seconds": seconds, "peak": peak, "slope": slope}))


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def _slope(memory: list[tuple[int, float]]) -> str:
    if len(memory) < 3:
        return ""
    x = sum(m[0] for m in memory) / len(memory)
    y = sum(m[1] for m in memory) / len(memory)
    rise = sum((a - x) * (b - y) for a, b in memory) / sum((a - x) ** 2 for a, _ in memory)
    return f"{rise * 100_000:.3f}"


def _products(path: Path) -> Iterator[int]:
    """Rows read so far, after each product."""
    with ShopifyCsvSource(path) as source:
        for n, _ in enumerate(source.products(), 1):
            yield n * ROWS_A_PRODUCT


def _saved(path: Path, mode: Mode) -> Iterator[int]:
    """Reads every product and saves a description of it."""
    ours = Description(
        channel="shopify",
        seo_title="A canvas shoe for long days",
        seo_description="Soft, light and made of canvas.",
        description="Short.",
        provenance=Provenance(
            model="",
            revision="",
            weights_digest="",
            templates={},
            schemas={},
            photos=(),
            library="",
            settings={},
            time=datetime.now(UTC),
        ),
    )
    out = path.with_name("new.csv")
    with ShopifyCsvSource(path) as source, ShopifyCsvSink(path, out, mode=mode) as sink:
        for n, product in enumerate(source.products(), 1):
            assert sink.save(product, ours).status == "written"
            yield n * ROWS_A_PRODUCT


def _changes(path: Path) -> Iterator[int]:
    return _saved(path, "changes")


def _full(path: Path) -> Iterator[int]:
    return _saved(path, "whole")


def _csv(path: Path) -> Iterator[int]:
    with path.open(newline="", encoding="utf-8") as file:
        for n, _ in enumerate(csv.reader(file)):
            yield n


def _pandas(path: Path) -> Iterator[int]:
    import pandas

    frame: Any = pandas.read_csv(path, dtype=str, keep_default_na=False)
    yield len(frame)


def _pandas_chunks(path: Path) -> Iterator[int]:
    import pandas

    n = 0
    for frame in pandas.read_csv(path, dtype=str, keep_default_na=False, chunksize=20_000):
        n += len(frame)
        yield n


def _polars(path: Path) -> Iterator[int]:
    import polars

    yield len(polars.read_csv(path, infer_schema=False))


PARTS: dict[str, Callable[[Path], Iterator[int]]] = {
    "products": _products,
    "changed cells": _changes,
    "full file": _full,
    "csv module, rows only": _csv,
    "pandas, whole": _pandas,
    "pandas, 20,000 rows at a time": _pandas_chunks,
    "polars, whole": _polars,
}


if __name__ == "__main__":
    main()
