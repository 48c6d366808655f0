"""Catalogue formats by name: the registry of what can be read and written.

To add one here: a function in `openers`, and one row in FORMATS. From another package: an
entry point of the group `productdesc.catalogs` that names a `Format`. A name of FORMATS is
never looked for among the entry points, so none of them can be replaced.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from ..errors import CatalogError
from ..plugins import find_plugin, plugin_names
from ..text.suggest import did_you_mean
from .detect import detect_format
from .openers import OpenOptions, OpenSink, OpenSource, file_openers, shop_openers
from .protocol import Sink, Source

GROUP = "productdesc.catalogs"
"""The group of entry points by which installed packages add formats."""


SOURCE_OPTIONS = {
    "delimiter": "delimiter",
    "encoding": "encoding",
    "columns": "choice of columns",
    "photos_folder": "folder of photos",
    "media_url": "media URL",
}
"""Options that not every source takes, and what they are in a message."""
DELIMITED = ("delimiter", "encoding", "photos_folder")


@dataclass(frozen=True, slots=True)
class Format:
    """One format of catalogues, and how its source and sink are opened.

    channel: whose limits its copy keeps. open_source, open_sink: None where it is only
    written, or only read. rewrites: the format of the file that its sink is made from.
    creates: a sink of it can be made without such a file too. written_as: the format in
    which a file of this one is written back, where none is named. takes: the options of
    `OpenOptions` that its source takes, of those in SOURCE_OPTIONS. secrets: what a live
    shop asks for, in the order of `OpenOptions.secrets`. inferred: what `convert` does with
    sentences that nobody vouches for.
    """

    label: str
    channel: str
    open_source: OpenSource | None = None
    open_sink: OpenSink | None = None
    rewrites: str = ""
    creates: bool = False
    written_as: str = ""
    takes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    inferred: Literal["all", "opinions", "none"] = "opinions"


FORMATS: dict[str, Format] = {
    "shopify-csv": Format(
        "Shopify product CSV", "shopify",
        file_openers.shopify_csv_source, file_openers.shopify_csv_sink("whole"),
        rewrites="shopify-csv", written_as="shopify-csv", takes=DELIMITED),
    "shopify-csv-changes": Format(
        "a Shopify product CSV of the changed columns only", "shopify",
        open_sink=file_openers.shopify_csv_sink("changes"), rewrites="shopify-csv"),
    "shopify-csv-rollback": Format(
        "a Shopify product CSV that takes those changes back", "shopify",
        open_sink=file_openers.shopify_csv_sink("rollback"), rewrites="shopify-csv"),
    "shopify-csv-review": Format(
        "the changes to a Shopify CSV, to be read by a person", "shopify",
        open_sink=file_openers.shopify_csv_sink("review"), rewrites="shopify-csv"),
    "shopify-csv-new": Format(
        "a Shopify product CSV of new, draft products", "shopify",
        open_sink=file_openers.shopify_csv_new_sink),
    "shopify": Format(
        "a Shopify shop, by its address my-shop.myshopify.com", "shopify",
        shop_openers.shopify_source, shop_openers.shopify_sink, secrets=("token",)),
    "woocommerce": Format(
        "a WooCommerce shop, by its address https://...", "woocommerce",
        shop_openers.woocommerce_source, shop_openers.woocommerce_sink,
        secrets=("key", "secret")),
    "vendure": Format(
        "a Vendure shop, by its address vendure:https://.../admin-api", "vendure",
        shop_openers.vendure_source, shop_openers.vendure_sink, secrets=("token",)),
    "woocommerce-csv": Format(
        "WooCommerce product CSV", "woocommerce",
        file_openers.woocommerce_csv_source, file_openers.woocommerce_csv_sink("whole"),
        rewrites="woocommerce-csv", written_as="woocommerce-csv-changes",
        takes=DELIMITED),
    "woocommerce-csv-changes": Format(
        "a WooCommerce product CSV of the changed columns only", "woocommerce",
        open_sink=file_openers.woocommerce_csv_sink("changes"), rewrites="woocommerce-csv"),
    "woocommerce-csv-rollback": Format(
        "a WooCommerce product CSV that takes those changes back", "woocommerce",
        open_sink=file_openers.woocommerce_csv_sink("rollback"),
        rewrites="woocommerce-csv"),
    "woocommerce-csv-new": Format(
        "a WooCommerce product CSV of new, draft products", "woocommerce",
        open_sink=file_openers.woocommerce_csv_new_sink),
    "google-xml": Format(
        "Google Merchant feed, RSS or Atom", "google",
        file_openers.google_source, file_openers.google_sink("xml"),
        takes=("photos_folder",)),
    "google-tsv": Format(
        "Google Merchant feed, text", "google",
        file_openers.google_source, file_openers.google_sink("tsv"),
        written_as="google-tsv", takes=DELIMITED),
    "csv": Format(
        "any CSV or TSV, its columns guessed", "plain",
        file_openers.table_source, file_openers.table_sink,
        rewrites="csv", creates=True, written_as="csv", takes=(*DELIMITED, "columns")),
    "csv-review": Format(
        "a CSV or TSV to be read by a person", "plain",
        open_sink=file_openers.table_new_sink("review")),
    "jsonl": Format(
        "a JSON object a line", "plain", file_openers.jsonl_source, file_openers.jsonl_sink,
        takes=("photos_folder",), inferred="all"),
    "parquet": Format(
        "a Parquet file", "plain", file_openers.parquet_source, file_openers.parquet_sink,
        takes=("photos_folder", "columns")),
    "folder": Format(
        "a folder of photos, grouped by name", "plain", file_openers.folder_source),
    "magento-csv": Format(
        "Magento product import CSV", "plain", file_openers.magento_csv_source,
        takes=(*DELIMITED, "media_url")),
    "json-ld": Format(
        "schema.org JSON-LD, a product a line", "plain",
        open_sink=file_openers.json_ld_sink),
}  # fmt: skip


def open_source(
    place: str | os.PathLike[str], format: str = "", options: OpenOptions | None = None
) -> Source:
    """Open the source at a path or shop address; its format is detected unless given.

    Raises `ValueError` for a format that is not known or cannot be read, `CatalogError`
    for what is not there.
    """
    options = options or OpenOptions()
    delimiter, encoding = options.delimiter, options.encoding
    name = format or detect_format(place, delimiter=delimiter, encoding=encoding)
    known = find_format(name)
    if known.open_source is None:
        raise ValueError(f"{name} is only written; read are: {', '.join(readable())}")
    _check_secrets(name, known, options)
    _check_options(os.fspath(place), name, known, options)
    return known.open_source(os.fspath(place), options)


def _check_options(place: str, name: str, known: Format, options: OpenOptions) -> None:
    """Raises `ValueError` for an option that a source of this format would not heed."""
    for option, what in SOURCE_OPTIONS.items():
        if getattr(options, option) is not None and option not in known.takes:
            which = ", ".join(n for n, one in FORMATS.items() if option in one.takes)
            raise ValueError(
                f"{place} is read as {name}, which takes no {what}; taken with one are: "
                f"{which}"
            )


def open_sink(
    place: str | os.PathLike[str], format: str, options: OpenOptions | None = None
) -> Sink:
    """Open a sink of a format at a path or shop address.

    Raises `ValueError` for a format that is not known or cannot be written, and where
    `options` lack something; `CatalogError`.
    """
    known, options = find_format(format), options or OpenOptions()
    if known.open_sink is None:
        raise ValueError(f"{format} is only read; written are: {', '.join(writable())}")
    _check_secrets(format, known, options)
    return known.open_sink(os.fspath(place), options)


def _check_secrets(name: str, known: Format, options: OpenOptions) -> None:
    if len(options.secrets) != len(known.secrets) > 0:
        raise ValueError(
            f"{name} asks for {len(known.secrets)} secrets ({', '.join(known.secrets)}); "
            f"OpenOptions.secrets has {len(options.secrets)}"
        )


def find_format(name: str) -> Format:
    """The format of a name, built in or of an installed package.

    Raises `ValueError` for a name that is not known, `CatalogError` for a package's format
    that cannot be used.
    """
    if known := FORMATS.get(name) or find_plugin(GROUP, name, Format, error=CatalogError):
        return known
    names = [*FORMATS, *sorted({*plugin_names(GROUP)} - FORMATS.keys())]
    hint = did_you_mean(name, names)
    raise ValueError(f"format {name!r} is not known; known are: {', '.join(names)}{hint}")


def readable() -> list[str]:
    """The built-in formats that can be read."""
    return [name for name, known in FORMATS.items() if known.open_source]


def writable() -> list[str]:
    """The built-in formats that can be written."""
    return [name for name, known in FORMATS.items() if known.open_sink]
