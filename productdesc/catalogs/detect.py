"""Format detection: by a file's bytes, the columns of a table, and a place's name.

To detect one more shop's tables: the columns that only they have, in HEADERS.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import CatalogError

_SHOPIFY = re.compile(
    r"[^/]+\.myshopify\.com|https?://([^/]+\.myshopify\.com|admin\.shopify\.com)(/.*)?",
    re.IGNORECASE,
)
"""A shop's domain, and what a merchant may copy from the browser instead of it."""

SHOPS = ("shopify", "vendure", "woocommerce")

VENDURE = "vendure:"
"""What stands before the address of a Vendure shop, which looks like any other."""

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
"""The columns of a table that are in one shop's files only, each in lower case."""


def by_name(place: str | os.PathLike[str]) -> str:
    """The format that a name alone suggests, "" where it does not."""
    text = os.fspath(place)
    if _SHOPIFY.fullmatch(text):
        return "shopify"
    if text.lower().startswith(VENDURE):
        return "vendure"
    if text.lower().startswith(("https://", "http://")):
        return "woocommerce"
    return SUFFIXES.get(Path(text).suffix.lower(), "")


def detect_format(
    place: str | os.PathLike[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> str:
    """The format of a catalogue: of a file by its bytes, then by the head of its table.

    Its name counts where its bytes may be several formats, and for what is read but once,
    as a pipe. Raises `CatalogError` for what is not there, or is of no known format: that
    error says which format it is of, where its bytes show it, and what to do.
    delimiter, encoding: of a table, where they should not be found out.
    """
    name = by_name(place)
    if name in SHOPS:
        return name
    path = Path(place)
    if path.is_dir():
        return "folder"
    if not path.exists():
        raise CatalogError(f"{path}: there is no such file")
    if path.is_file():
        return _file_format(path, name, delimiter, encoding)
    if not name:
        raise _unknown(path)
    return _table_format(path, delimiter, encoding)[0] if name == "csv" else name


def _file_format(path: Path, name: str, delimiter: str | None, encoding: str | None) -> str:
    from .delimited.signatures import later_format, refuse_binary, text_format

    try:
        with path.open("rb") as file:
            head = refuse_binary(path, file, parquet=True)
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
    if format := text_format(head):
        return name if (format, name) == ("jsonl", "json-ld") else format
    if name == "parquet" or (name not in ("", "csv") and not head.strip()):
        return name  # whose reader says what is wrong with it
    if name not in ("", "csv") and (format := later_format(head)):
        return format
    format, columns = _table_format(path, delimiter, encoding)
    if columns == 1 and name != "csv":
        if name:
            return name
        raise _unknown(path)
    return format


def _unknown(path: Path) -> CatalogError:
    known = ", ".join(sorted(SUFFIXES))
    return CatalogError(
        f"{path}: what it is cannot be told from its name or its first bytes; name its "
        f"format, or give it one of the endings {known}"
    )


def _table_format(
    path: Path, delimiter: str | None, encoding: str | None
) -> tuple[str, int]:
    """The format of a table, and how many columns it has."""
    from .delimited.table import open_table
    from .woocommerce.csv_file.columns import is_export

    header = open_table(path, delimiter=delimiter, encoding=encoding).header
    names = {name.casefold() for name in header}
    if is_export(header):
        return "woocommerce-csv", len(header)
    for format, columns in HEADERS:
        if any(names.issuperset(some) for some in columns):
            return format, len(header)
    return "csv", len(header)
