"""Openers of files: one typed function a format that opens its source or its sink.

Each imports its class when it is called, so that a file loads nothing of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..protocol import Sink, Source
from .open_options import OpenOptions, OpenSink

if TYPE_CHECKING:
    from ..shopify.csv_file.source import ShopifyCsvSource
    from ..tables.csv_table import TableSource


def shopify_csv_source(path: str, options: OpenOptions) -> ShopifyCsvSource:
    from ..shopify.csv_file.source import ShopifyCsvSource

    return ShopifyCsvSource(path, **options.delimited())


def shopify_csv_sink(mode: Literal["whole", "changes", "rollback", "review"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from ..shopify.csv_file.sink import ShopifyCsvSink

        return ShopifyCsvSink(
            shopify_csv_source(str(options.rewritten_path()), options),
            path,
            mode=mode,
            overwrite=options.overwrite,
            replace=options.replace,
        )

    return open_sink


def shopify_csv_new_sink(path: str, options: OpenOptions) -> Sink:
    from ..shopify.csv_file.new_products import ShopifyCsvNewSink

    return ShopifyCsvNewSink(path, overwrite=options.overwrite, replace=options.replace)


def woocommerce_csv_source(path: str, options: OpenOptions) -> Source:
    from ..woocommerce.csv_file.source import WooCommerceCsvSource

    return WooCommerceCsvSource(path, **options.delimited())


def woocommerce_csv_sink(mode: Literal["whole", "changes", "rollback"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from ..woocommerce.csv_file.sink import WooCommerceCsvSink

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
    from ..woocommerce.csv_file.new_products import WooCommerceCsvNewSink

    return WooCommerceCsvNewSink(path, overwrite=options.overwrite, replace=options.replace)


def google_source(path: str, options: OpenOptions) -> Source:
    from ..google.feed import GoogleSource

    return GoogleSource(path, **options.delimited())


def google_sink(format: Literal["xml", "tsv"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from ..google.feed import GoogleSink

        overwrite, replace = options.overwrite, options.replace
        return GoogleSink(path, format=format, overwrite=overwrite, replace=replace)

    return open_sink


def table_source(path: str, options: OpenOptions) -> TableSource:
    from ..tables.csv_table import TableSource

    return TableSource(path, columns=options.columns, **options.delimited())


def table_sink(path: str, options: OpenOptions) -> Sink:
    """The table that was read, filled, where there is one; else a new table."""
    if options.source_path is None:
        return table_new_sink("import")(path, options)
    from ..tables.table_sink import TableSink

    source = table_source(str(options.source_path), options)
    return TableSink(source, path, overwrite=options.overwrite, replace=options.replace)


def table_new_sink(form: Literal["import", "review"]) -> OpenSink:
    def open_sink(path: str, options: OpenOptions) -> Sink:
        from ..tables.csv_table import TableNewSink

        overwrite, replace = options.overwrite, options.replace
        return TableNewSink(path, form=form, overwrite=overwrite, replace=replace)

    return open_sink


def parquet_source(path: str, options: OpenOptions) -> Source:
    from ..tables.parquet import ParquetSource

    return ParquetSource(
        path,
        columns=options.columns,
        photos_folder=options.photos_folder,
        network=options.network,
    )


def parquet_sink(path: str, options: OpenOptions) -> Sink:
    from ..tables.parquet import ParquetSink

    return ParquetSink(path, overwrite=options.overwrite, replace=options.replace)


def jsonl_source(path: str, options: OpenOptions) -> Source:
    from ..jsonl import JsonlSource

    return JsonlSource(path, photos_folder=options.photos_folder, network=options.network)


def jsonl_sink(path: str, options: OpenOptions) -> Sink:
    from ..jsonl import JsonlSink

    return JsonlSink(path, overwrite=options.overwrite, replace=options.replace)


def json_ld_sink(path: str, options: OpenOptions) -> Sink:
    from ..jsonld import JsonLdSink

    return JsonLdSink(path, overwrite=options.overwrite, replace=options.replace)


def folder_source(path: str, options: OpenOptions) -> Source:
    from ..folder import FolderSource

    return FolderSource(path)


def magento_csv_source(path: str, options: OpenOptions) -> Source:
    from ..magento_csv import MagentoCsvSource

    return MagentoCsvSource(path, media_url=options.media_url, **options.delimited())
