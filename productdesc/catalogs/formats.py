"""Every kind of catalogue by name: the table that the command line looks at.

To add one: one line in KINDS. A class is named by its module, which is imported when it is
opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from ..secret import Secret
from .detect import by_name, detect_format
from .protocol import Sink, Source

__all__ = [
    "FORMATS",
    "Format",
    "Opening",
    "by_name",
    "detect_format",
    "open_sink",
    "open_source",
    "readable",
    "writable",
]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a source or sink may need beside its place; most need nothing.

    secrets: a shop's token, or its key and secret. beside: the file that a rewritten
    file is made from. category_id: finds the id of a category's path, for a shop that
    files products by id.
    """

    photos_folder: Path | None = None
    media_url: str | None = None
    overwrite: Collection[str] = ()
    apply: bool = False
    beside: Path | None = None
    category_id: Callable[[str], str | None] | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of catalogue; `channel` is whose limits its copy keeps.

    read, write: "module.Class" of its source and sink, "" where there is none.
    same: it rewrites a file that its own reader reads, so it needs that file.
    secrets: what a live shop asks for, in the order of `Opening.secrets`.
    reads, writes: which values of `Opening` the two take; every sink takes `overwrite`.
    form: what else its sink is told.
    """

    label: str
    channel: str
    read: str = ""
    write: str = ""
    same: str = ""
    secrets: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)


_FOLDER = ("photos_folder",)

FORMATS: dict[str, Format] = {
    "shopify-csv": Format(
        "Shopify product CSV", "shopify",
        "shopify.csv_file.source.ShopifyCsvSource",
        "shopify.csv_file.source.ShopifyCsvFile", same="shopify-csv"),
    "shopify-csv-changes": Format(
        "a Shopify product CSV of the changed columns only", "shopify",
        write="shopify.csv_file.source.ShopifyCsvChanges", same="shopify-csv"),
    "shopify-csv-review": Format(
        "the changes to a Shopify CSV, to be read by a person", "shopify",
        write="shopify.csv_file.source.ShopifyCsvReview", same="shopify-csv"),
    "shopify-csv-new": Format(
        "a Shopify product CSV of new, draft products", "shopify",
        write="shopify.csv_file.new_products.ShopifyCsvNewSink"),
    "shopify": Format(
        "a Shopify shop, by its address my-shop.myshopify.com", "shopify",
        "shopify.admin.opening.source", "shopify.admin.opening.sink",
        secrets=("token",), writes=("apply", "category_id")),
    "woocommerce": Format(
        "a WooCommerce shop, by its address https://...", "woocommerce",
        "woocommerce.rest.opening.source", "woocommerce.rest.opening.sink",
        secrets=("key", "secret"), writes=("apply",)),
    "woocommerce-csv": Format(
        "WooCommerce product CSV", "woocommerce",
        "woocommerce.csv_file.source.WooCommerceCsvSource",
        "woocommerce.csv_file.source.WooCommerceCsvFile",
        same="woocommerce-csv"),
    "woocommerce-csv-changes": Format(
        "a WooCommerce product CSV of the changed columns only", "woocommerce",
        write="woocommerce.csv_file.source.WooCommerceCsvChanges", same="woocommerce-csv"),
    "woocommerce-csv-new": Format(
        "a WooCommerce product CSV of new, draft products", "woocommerce",
        write="woocommerce.csv_file.new_products.WooCommerceCsvNewSink"),
    "google-xml": Format(
        "Google Merchant feed, RSS or Atom", "google",
        "google.feed.GoogleSource", "google.feed.GoogleSink", form={"format": "xml"}),
    "google-tsv": Format(
        "Google Merchant feed, text", "google",
        "google.feed.GoogleSource", "google.feed.GoogleSink", form={"format": "tsv"}),
    "csv": Format(
        "any CSV or TSV, its columns guessed", "plain",
        "tables.csv_table.TableSource", "tables.csv_table.TableSink",
        reads=_FOLDER, form={"form": "import"}),
    "csv-review": Format(
        "a CSV or TSV to be read by a person", "plain",
        write="tables.csv_table.TableSink", form={"form": "review"}),
    "jsonl": Format(
        "a JSON object a line", "plain",
        "jsonl.JsonlSource", "jsonl.JsonlSink", reads=_FOLDER),
    "parquet": Format(
        "a Parquet file", "plain",
        "tables.parquet.ParquetSource", "tables.parquet.ParquetSink", reads=_FOLDER),
    "folder": Format(
        "a folder of photos, grouped by name", "plain", "folder.FolderSource"),
    "magento-csv": Format(
        "Magento product import CSV", "plain",
        "magento_csv.MagentoCsvSource", reads=("media_url",)),
    "json-ld": Format(
        "schema.org JSON-LD, a product a line", "plain", write="jsonld.JsonLdSink"),
}  # fmt: skip


def open_source(
    place: str | os.PathLike[str], kind: str = "", how: Opening | None = None
) -> Source:
    """The source at a path or shop address; its kind is recognised where none is given.

    Raises `ValueError` for a kind that is not known or cannot be read, `CatalogError` for
    what is not there.
    """
    name = kind or detect_format(place)
    found, how = _known(name), how or Opening()
    if not found.read:
        raise ValueError(f"{name} is only written; read are: {', '.join(readable())}")
    given = {value: getattr(how, value) for value in found.reads}
    secrets = how.secrets if found.secrets else ()
    source: Source = _named(found.read)(os.fspath(place), *secrets, **given)
    return source


def open_sink(place: str | os.PathLike[str], kind: str, how: Opening | None = None) -> Sink:
    """A sink of that kind at a path or address; raises `ValueError`, `CatalogError`."""
    found, how = _known(kind), how or Opening()
    if not found.write:
        raise ValueError(f"{kind} is only read; written are: {', '.join(writable())}")
    if found.same and how.beside is None:
        raise ValueError("this kind of file is made from the file that was read")
    made_from = (how.beside,) if found.same else ()
    secrets = how.secrets if found.secrets else ()
    given = {value: getattr(how, value) for value in ("overwrite", *found.writes)}
    sink: Sink = _named(found.write)(
        *made_from, os.fspath(place), *secrets, **given, **found.form
    )
    return sink


def _named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(f".{module}", __package__), attribute)


def readable() -> list[str]:
    """The kinds that can be read."""
    return [name for name, kind in FORMATS.items() if kind.read]


def writable() -> list[str]:
    """The kinds that can be written."""
    return [name for name, kind in FORMATS.items() if kind.write]


def _known(name: str) -> Format:
    if name not in FORMATS:
        raise ValueError(f"kind {name!r} is not known; known are: {', '.join(FORMATS)}")
    return FORMATS[name]
