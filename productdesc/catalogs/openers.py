"""Openers: one typed function a format that opens its source or its sink.

Each imports its class when it is called, so that a catalogue loads nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from ..net.network_access import NO_ACCESS, NetworkAccess
from ..secret import Secret
from .protocol import Sink, Source

if TYPE_CHECKING:
    from .shopify.csv_file.source import ShopifyCsvSource
    from .tables.csv_table import TableSource
    from .woocommerce.built_in import Role


class Delimited(TypedDict):
    """Options of every source of delimited text."""

    delimiter: str | None
    encoding: str | None
    photos_folder: Path | None
    network: NetworkAccess


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """Options of `open_source` and `open_sink`; most formats need none.

    photos_folder, media_url: where the relative paths of a source's photos lead to.
    columns: a plain table's columns by role, where they are not understood by their names.
    delimiter, encoding: of a delimited file that is read, and of one that is made from it.
    overwrite: the fields that a sink may replace. replace: a file that exists may be
    replaced by the new one. apply: write to a live shop, not only say what. source_path:
    the file that a rewritten file is made from. category_id: finds the id of a category's
    path, for a shop that files products by id. secrets: a shop's token, or its key and
    secret. role, accept_cleaning: of a WooCommerce key or import, see `WooCommerceSink`.
    seo: the SEO plugin of a WooCommerce shop, "yoast" or "rank-math", or "custom-fields"
    of a Vendure shop. language: whose texts of a Vendure shop are read; "": the default
    one. network: hosts that a shop or its photos may be at although they are not public,
    see `NetworkAccess`.
    """

    photos_folder: Path | None = None
    media_url: str | None = None
    columns: Mapping[str, Sequence[str]] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    overwrite: Collection[str] = ()
    replace: bool = False
    apply: bool = False
    source_path: Path | None = None
    category_id: Callable[[str], str | None] | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    role: Role = "shop_manager"
    accept_cleaning: bool = False
    seo: str = ""
    language: str = ""
    network: NetworkAccess = NO_ACCESS

    def delimited(self) -> Delimited:
        return Delimited(
            delimiter=self.delimiter,
            encoding=self.encoding,
            photos_folder=self.photos_folder,
            network=self.network,
        )

    def rewritten_path(self) -> Path:
        """The file to rewrite; raises `ValueError` where none is given."""
        if self.source_path is None:
            raise ValueError(
                "such a file is made from the file that was read; give it as source_path"
            )
        return self.source_path


OpenSource = Callable[[str, OpenOptions], Source]
"""Opens the source at a path or address."""
OpenSink = Callable[[str, OpenOptions], Sink]
"""Opens a sink at a path or address."""


def shopify_csv_source(path: str, options: OpenOptions) -> ShopifyCsvSource:
    from .shopify.csv_file.source import ShopifyCsvSource

    return ShopifyCsvSource(path, **options.delimited())


def shopify_csv_sink(mode: Literal["whole", "changes", "review"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from .shopify.csv_file.sink import ShopifyCsvSink

        return ShopifyCsvSink(
            shopify_csv_source(str(options.rewritten_path()), options),
            path,
            mode=mode,
            overwrite=options.overwrite,
            replace=options.replace,
        )

    return open_sink


def shopify_csv_new_sink(path: str, options: OpenOptions) -> Sink:
    from .shopify.csv_file.new_products import ShopifyCsvNewSink

    return ShopifyCsvNewSink(path, overwrite=options.overwrite, replace=options.replace)


def woocommerce_csv_source(path: str, options: OpenOptions) -> Source:
    from .woocommerce.csv_file.source import WooCommerceCsvSource

    return WooCommerceCsvSource(path, **options.delimited())


def woocommerce_csv_sink(mode: Literal["whole", "changes"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from .woocommerce.csv_file.sink import WooCommerceCsvSink

        return WooCommerceCsvSink(
            options.rewritten_path(),
            path,
            mode=mode,
            overwrite=options.overwrite,
            replace=options.replace,
            role=options.role,
            accept_cleaning=options.accept_cleaning,
            delimiter=options.delimiter,
            encoding=options.encoding,
        )

    return open_sink


def woocommerce_csv_new_sink(path: str, options: OpenOptions) -> Sink:
    from .woocommerce.csv_file.new_products import WooCommerceCsvNewSink

    return WooCommerceCsvNewSink(path, overwrite=options.overwrite, replace=options.replace)


def google_source(path: str, options: OpenOptions) -> Source:
    from .google.feed import GoogleSource

    return GoogleSource(path, **options.delimited())


def google_sink(format: Literal["xml", "tsv"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from .google.feed import GoogleSink

        overwrite, replace = options.overwrite, options.replace
        return GoogleSink(path, format=format, overwrite=overwrite, replace=replace)

    return open_sink


def table_source(path: str, options: OpenOptions) -> TableSource:
    from .tables.csv_table import TableSource

    return TableSource(path, columns=options.columns, **options.delimited())


def table_sink(path: str, options: OpenOptions) -> Sink:
    """The table that was read, filled, where there is one; else a new table."""
    if options.source_path is None:
        return table_new_sink("import")(path, options)
    from .tables.table_sink import TableSink

    source = table_source(str(options.source_path), options)
    return TableSink(source, path, overwrite=options.overwrite, replace=options.replace)


def table_new_sink(form: Literal["import", "review"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from .tables.csv_table import TableNewSink

        overwrite, replace = options.overwrite, options.replace
        return TableNewSink(path, form=form, overwrite=overwrite, replace=replace)

    return open_sink


def parquet_source(path: str, options: OpenOptions) -> Source:
    from .tables.parquet import ParquetSource

    return ParquetSource(
        path,
        columns=options.columns,
        photos_folder=options.photos_folder,
        network=options.network,
    )


def parquet_sink(path: str, options: OpenOptions) -> Sink:
    from .tables.parquet import ParquetSink

    return ParquetSink(path, overwrite=options.overwrite, replace=options.replace)


def jsonl_source(path: str, options: OpenOptions) -> Source:
    from .jsonl import JsonlSource

    return JsonlSource(path, photos_folder=options.photos_folder, network=options.network)


def jsonl_sink(path: str, options: OpenOptions) -> Sink:
    from .jsonl import JsonlSink

    return JsonlSink(path, overwrite=options.overwrite, replace=options.replace)


def json_ld_sink(path: str, options: OpenOptions) -> Sink:
    from .jsonld import JsonLdSink

    return JsonLdSink(path, overwrite=options.overwrite, replace=options.replace)


def folder_source(path: str, options: OpenOptions) -> Source:
    from .folder import FolderSource

    return FolderSource(path)


def magento_csv_source(path: str, options: OpenOptions) -> Source:
    from .magento_csv import MagentoCsvSource

    return MagentoCsvSource(path, media_url=options.media_url, **options.delimited())
