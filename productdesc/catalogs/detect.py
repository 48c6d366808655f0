"""Format detection: by a place's name, and by the column names of a table.

To detect one more shop's tables: the columns that only they have, in HEADS.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import CatalogError

SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".xml": "google-xml", ".rss": "google-xml", ".atom": "google-xml",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonld": "json-ld", ".parquet": "parquet",
}  # fmt: skip

HEADERS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("shopify-csv", (("handle", "body (html)"), ("handle", "variant price"),
                     ("url handle", "title"), ("handle", "title", "vendor"))),
    ("magento-csv", (("sku", "product_type", "attribute_set_code"),
                     ("sku", "_type", "_attribute_set"))),
    ("google-tsv", (("id", "title", "availability"), ("id", "title", "image_link"),
                    ("id", "title", "image link"), ("id", "structured_title"))),
)  # fmt: skip


def by_name(place: str | os.PathLike[str]) -> str:
    """The format that a name alone suggests, "" where it does not."""
    text = os.fspath(place)
    if text.lower().endswith(".myshopify.com"):
        return "shopify"
    if text.lower().startswith(("https://", "http://")):
        return "woocommerce"
    return SUFFIXES.get(Path(text).suffix.lower(), "")


def detect_format(place: str | os.PathLike[str]) -> str:
    """The format of a catalogue, by its name and by the head of its table.

    Raises `CatalogError` for what is not there, or is of no known format.
    """
    name = by_name(place)
    if name in ("shopify", "woocommerce"):
        return name
    path = Path(place)
    if path.is_dir():
        return "folder"
    if not path.exists():
        raise CatalogError(f"{path}: there is no such file")
    if name == "csv":
        return _table_format(path)
    if not name:
        known = ", ".join(sorted(SUFFIXES))
        raise CatalogError(
            f"{path}: what it is cannot be told from its name; name its format, or give "
            f"it one of the endings {known}"
        )
    return name


def _table_format(path: Path) -> str:
    """The format of a table: some columns are in one shop's files only."""
    from .delimited.table import open_table
    from .woocommerce.csv_file.columns import is_export

    header = open_table(path).header
    head = {name.strip().casefold() for name in header}
    if is_export(header):
        return "woocommerce-csv"
    for format, columns in HEADERS:
        if any(all(c in head for c in some) for some in columns):
            return format
    return "csv"
