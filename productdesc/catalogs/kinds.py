"""Every kind of catalogue by name: the table that the command line looks at.

To add one: one line in KINDS.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import CatalogError
from .protocol import Sink, Source
from .secret import Secret


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


Reader = Callable[[str, Opening], Source]
Writer = Callable[[str, Opening], Sink]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of catalogue; `channel` is whose limits its copy keeps.

    same: it rewrites a file that its own reader reads, so it needs that file.
    secrets: what a live shop asks for, in the order of `Opening.secrets`.
    """

    label: str
    channel: str
    read: Reader | None = None
    write: Writer | None = None
    same: str = ""
    secrets: tuple[str, ...] = ()


def _shopify_csv(place: str, how: Opening) -> Source:
    from .shopify_csv import ShopifyCsv

    return ShopifyCsv(place)


def _shopify_csv_file(place: str, how: Opening) -> Sink:
    from .shopify_csv import ShopifyCsvFile

    return ShopifyCsvFile(_beside(how), place, overwrite=how.overwrite)


def _shopify_csv_changes(place: str, how: Opening) -> Sink:
    from .shopify_csv import ShopifyCsvChanges

    return ShopifyCsvChanges(_beside(how), place, overwrite=how.overwrite)


def _shopify_csv_review(place: str, how: Opening) -> Sink:
    from .shopify_csv import ShopifyCsvReview

    return ShopifyCsvReview(_beside(how), place, overwrite=how.overwrite)


def _shopify_csv_new(place: str, how: Opening) -> Sink:
    from .shopify_csv_new import ShopifyCsvNew

    return ShopifyCsvNew(place, overwrite=how.overwrite)


def _woocommerce_csv(place: str, how: Opening) -> Source:
    from .woocommerce_csv import WooCommerceCsv

    return WooCommerceCsv(place)


def _woocommerce_csv_file(place: str, how: Opening) -> Sink:
    from .woocommerce_csv import WooCommerceCsvFile

    return WooCommerceCsvFile(_beside(how), place, overwrite=how.overwrite)


def _woocommerce_csv_changes(place: str, how: Opening) -> Sink:
    from .woocommerce_csv import WooCommerceCsvChanges

    return WooCommerceCsvChanges(_beside(how), place, overwrite=how.overwrite)


def _woocommerce_csv_new(place: str, how: Opening) -> Sink:
    from .woocommerce_csv_new import WooCommerceCsvNew

    return WooCommerceCsvNew(place, overwrite=how.overwrite)


def _shopify(place: str, how: Opening) -> Source:
    from .shopify import Shopify, ShopifySource

    return ShopifySource(Shopify(place, *how.secrets))


def _shopify_sink(place: str, how: Opening) -> Sink:
    from .shopify import Shopify, ShopifySink

    shop = Shopify(place, *how.secrets)
    return ShopifySink(
        shop, overwrite=how.overwrite, apply=how.apply, category_id=how.category_id
    )


def _woocommerce(place: str, how: Opening) -> Source:
    from .woocommerce import WooCommerce

    return WooCommerce(place, *how.secrets)


def _woocommerce_sink(place: str, how: Opening) -> Sink:
    from .woocommerce import WooCommerceSink

    key, secret = how.secrets
    return WooCommerceSink(place, key, secret, overwrite=how.overwrite, apply=how.apply)


def _google(place: str, how: Opening) -> Source:
    from .google import GoogleSource

    return GoogleSource(place)


def _google_sink(format: Literal["xml", "tsv"]) -> Writer:
    def write(place: str, how: Opening) -> Sink:
        from .google import GoogleSink

        return GoogleSink(place, format=format, overwrite=how.overwrite)

    return write


def _table(place: str, how: Opening) -> Source:
    from .tables import TableSource

    return TableSource(place, photos_folder=how.photos_folder)


def _table_sink(form: Literal["import", "review"]) -> Writer:
    def write(place: str, how: Opening) -> Sink:
        from .tables import TableSink

        return TableSink(place, form=form, overwrite=how.overwrite)

    return write


def _jsonl(place: str, how: Opening) -> Source:
    from .jsonl import JsonlSource

    return JsonlSource(place, photos_folder=how.photos_folder)


def _jsonl_sink(place: str, how: Opening) -> Sink:
    from .jsonl import JsonlSink

    return JsonlSink(place, overwrite=how.overwrite)


def _parquet(place: str, how: Opening) -> Source:
    from .parquet import ParquetSource

    return ParquetSource(place, photos_folder=how.photos_folder)


def _parquet_sink(place: str, how: Opening) -> Sink:
    from .parquet import ParquetSink

    return ParquetSink(place, overwrite=how.overwrite)


def _folder(place: str, how: Opening) -> Source:
    from .folder import FolderSource

    return FolderSource(place)


def _magento_csv(place: str, how: Opening) -> Source:
    from .magento_csv import MagentoCsvSource

    return MagentoCsvSource(place, media_url=how.media_url)


def _jsonld_sink(place: str, how: Opening) -> Sink:
    from .jsonld import JsonLdSink

    return JsonLdSink(place, overwrite=how.overwrite)


def _beside(how: Opening) -> Path:
    if how.beside is None:
        raise ValueError("this kind of file is made from the file that was read")
    return how.beside


KINDS: dict[str, Kind] = {
    "shopify-csv": Kind(
        "Shopify product CSV", "shopify",
        _shopify_csv, _shopify_csv_file, same="shopify-csv"),
    "shopify-csv-changes": Kind(
        "a Shopify product CSV of the changed columns only", "shopify",
        None, _shopify_csv_changes, same="shopify-csv"),
    "shopify-csv-review": Kind(
        "the changes to a Shopify CSV, to be read by a person", "shopify",
        None, _shopify_csv_review, same="shopify-csv"),
    "shopify-csv-new": Kind(
        "a Shopify product CSV of new, draft products", "shopify",
        None, _shopify_csv_new),
    "shopify": Kind(
        "a Shopify shop, by its address my-shop.myshopify.com", "shopify",
        _shopify, _shopify_sink, secrets=("token",)),
    "woocommerce": Kind(
        "a WooCommerce shop, by its address https://...", "woocommerce",
        _woocommerce, _woocommerce_sink, secrets=("key", "secret")),
    "woocommerce-csv": Kind(
        "WooCommerce product CSV", "woocommerce",
        _woocommerce_csv, _woocommerce_csv_file, same="woocommerce-csv"),
    "woocommerce-csv-changes": Kind(
        "a WooCommerce product CSV of the changed columns only", "woocommerce",
        None, _woocommerce_csv_changes, same="woocommerce-csv"),
    "woocommerce-csv-new": Kind(
        "a WooCommerce product CSV of new, draft products", "woocommerce",
        None, _woocommerce_csv_new),
    "google-xml": Kind(
        "Google Merchant feed, RSS or Atom", "google", _google, _google_sink("xml")),
    "google-tsv": Kind(
        "Google Merchant feed, text", "google", _google, _google_sink("tsv")),
    "csv": Kind(
        "any CSV or TSV, its columns guessed", "plain", _table, _table_sink("import")),
    "csv-review": Kind(
        "a CSV or TSV to be read by a person", "plain", None, _table_sink("review")),
    "jsonl": Kind("a JSON object a line", "plain", _jsonl, _jsonl_sink),
    "parquet": Kind("a Parquet file", "plain", _parquet, _parquet_sink),
    "folder": Kind("a folder of photos, grouped by name", "plain", _folder),
    "magento-csv": Kind("Magento product import CSV", "plain", _magento_csv),
    "json-ld": Kind("schema.org JSON-LD, a product a line", "plain", None, _jsonld_sink),
}  # fmt: skip


def open_source(
    place: str | os.PathLike[str], kind: str = "", how: Opening | None = None
) -> Source:
    """The source at a path or shop address; its kind is recognised where none is given.

    Raises `ValueError` for a kind that is not known or cannot be read, `CatalogError` for
    what is not there.
    """
    name = kind or recognise(place)
    found = _known(name)
    if found.read is None:
        raise ValueError(f"{name} is only written; read are: {', '.join(readable())}")
    return found.read(os.fspath(place), how or Opening())


def open_sink(place: str | os.PathLike[str], kind: str, how: Opening | None = None) -> Sink:
    """A sink of that kind at a path or address; raises `ValueError`, `CatalogError`."""
    found = _known(kind)
    if found.write is None:
        raise ValueError(f"{kind} is only read; written are: {', '.join(writable())}")
    return found.write(os.fspath(place), how or Opening())


def readable() -> list[str]:
    """The kinds that can be read."""
    return [name for name, kind in KINDS.items() if kind.read]


def writable() -> list[str]:
    """The kinds that can be written."""
    return [name for name, kind in KINDS.items() if kind.write]


def _known(name: str) -> Kind:
    if name not in KINDS:
        raise ValueError(f"kind {name!r} is not known; known are: {', '.join(KINDS)}")
    return KINDS[name]


_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".xml": "google-xml", ".rss": "google-xml", ".atom": "google-xml",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonld": "json-ld", ".parquet": "parquet",
}  # fmt: skip


def by_name(place: str | os.PathLike[str]) -> str:
    """The kind that a name alone suggests, "" where it does not."""
    text = os.fspath(place)
    if text.lower().endswith(".myshopify.com"):
        return "shopify"
    if text.lower().startswith(("https://", "http://")):
        return "woocommerce"
    return _ENDINGS.get(Path(text).suffix.lower(), "")


def recognise(place: str | os.PathLike[str]) -> str:
    """What kind of catalogue this is, by its name and by the head of its table.

    Raises `CatalogError` for what is not there, or is of no kind that is known.
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
        return _table_kind(path)
    if not name:
        known = ", ".join(sorted(_ENDINGS))
        raise CatalogError(
            f"{path}: what it is cannot be told from its name; name its kind, or give "
            f"it one of the endings {known}"
        )
    return name


def _table_kind(path: Path) -> str:
    """Which shop a table is from: some columns are in no other shop's files."""
    from .delimited import open_table

    head = {name.strip().casefold() for name in open_table(path).header}
    for kind, columns in _HEADS:
        if any(all(c in head for c in some) for some in columns):
            return kind
    return "csv"


_HEADS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("shopify-csv", (("handle", "body (html)"), ("handle", "variant price"),
                     ("url handle", "title"), ("handle", "title", "vendor"))),
    ("magento-csv", (("sku", "product_type", "attribute_set_code"),
                     ("sku", "_type", "_attribute_set"))),
    ("woocommerce-csv", (("sku", "name", "in stock?"), ("id", "type", "sku", "name"),
                         ("short description", "visibility in catalog"))),
    ("google-tsv", (("id", "title", "availability"), ("id", "title", "image_link"),
                    ("id", "title", "image link"), ("id", "structured_title"))),
)  # fmt: skip
