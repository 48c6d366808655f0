"""Shops and files: where products come from and where their copy goes.

    sink = ShopifyCsvSink("export.csv", "import.csv")
    with open_source("export.csv") as source, sink:
        for outcome in describe_many(source.products(), engine):
            if isinstance(outcome, Described):
                sink.save(outcome.product, outcome.description)

Each name is imported when it is first used. To add a shop: docs/add-a-shop.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..net import RetryPolicy
    from ..secret import Secret
    from .folder import FolderSource
    from .formats import Format, open_sink, open_source
    from .google.feed import GoogleSink, GoogleSource
    from .jsonl import JsonlSink, JsonlSource
    from .jsonld import JsonLdSink
    from .live import RETRY_POLICIES
    from .magento_csv import MagentoCsvSource
    from .openers import OpenOptions
    from .passthrough import passthrough_copy
    from .protocol import (
        BulkSink,
        Edit,
        FileSink,
        Problem,
        Problems,
        Saved,
        SelectiveSink,
        Sink,
        Source,
        needs,
        save_all,
    )
    from .shopify.admin import ShopifyClient, ShopifySink, ShopifySource
    from .shopify.csv_file.new_products import ShopifyCsvNewSink
    from .shopify.csv_file.sink import ShopifyCsvSink
    from .shopify.csv_file.source import ShopifyCsvSource
    from .tables.csv_table import TableNewSink, TableSource
    from .tables.parquet import ParquetSink, ParquetSource
    from .tables.table_sink import TableSink
    from .vendure import VendureClient, VendureSink, VendureSource
    from .woocommerce.csv_file.new_products import WooCommerceCsvNewSink
    from .woocommerce.csv_file.sink import WooCommerceCsvSink
    from .woocommerce.csv_file.source import WooCommerceCsvSource
    from .woocommerce.rest import WooCommerceClient, WooCommerceSink, WooCommerceSource

_HOME = {
    "BulkSink": "protocol",
    "Edit": "protocol",
    "FileSink": "protocol",
    "FolderSource": "folder",
    "Format": "formats",
    "GoogleSink": "google.feed",
    "GoogleSource": "google.feed",
    "JsonLdSink": "jsonld",
    "JsonlSink": "jsonl",
    "JsonlSource": "jsonl",
    "MagentoCsvSource": "magento_csv",
    "OpenOptions": "openers",
    "ParquetSink": "tables.parquet",
    "ParquetSource": "tables.parquet",
    "Problem": "protocol",
    "Problems": "protocol",
    "RETRY_POLICIES": "live",
    "RetryPolicy": ".net",  # one package up
    "Saved": "protocol",
    "Secret": ".secret",  # one package up
    "SelectiveSink": "protocol",
    "ShopifyClient": "shopify.admin",
    "ShopifyCsvNewSink": "shopify.csv_file.new_products",
    "ShopifyCsvSink": "shopify.csv_file.sink",
    "ShopifyCsvSource": "shopify.csv_file.source",
    "ShopifySink": "shopify.admin",
    "ShopifySource": "shopify.admin",
    "Sink": "protocol",
    "Source": "protocol",
    "TableNewSink": "tables.csv_table",
    "TableSink": "tables.table_sink",
    "TableSource": "tables.csv_table",
    "VendureClient": "vendure",
    "VendureSink": "vendure",
    "VendureSource": "vendure",
    "WooCommerceClient": "woocommerce.rest",
    "WooCommerceCsvNewSink": "woocommerce.csv_file.new_products",
    "WooCommerceCsvSink": "woocommerce.csv_file.sink",
    "WooCommerceCsvSource": "woocommerce.csv_file.source",
    "WooCommerceSink": "woocommerce.rest",
    "WooCommerceSource": "woocommerce.rest",
    "needs": "protocol",
    "open_sink": "formats",
    "open_source": "formats",
    "passthrough_copy": "passthrough",
    "save_all": "protocol",
}

__all__ = [
    "RETRY_POLICIES",
    "BulkSink",
    "Edit",
    "FileSink",
    "FolderSource",
    "Format",
    "GoogleSink",
    "GoogleSource",
    "JsonLdSink",
    "JsonlSink",
    "JsonlSource",
    "MagentoCsvSource",
    "OpenOptions",
    "ParquetSink",
    "ParquetSource",
    "Problem",
    "Problems",
    "RetryPolicy",
    "Saved",
    "Secret",
    "SelectiveSink",
    "ShopifyClient",
    "ShopifyCsvNewSink",
    "ShopifyCsvSink",
    "ShopifyCsvSource",
    "ShopifySink",
    "ShopifySource",
    "Sink",
    "Source",
    "TableNewSink",
    "TableSink",
    "TableSource",
    "VendureClient",
    "VendureSink",
    "VendureSource",
    "WooCommerceClient",
    "WooCommerceCsvNewSink",
    "WooCommerceCsvSink",
    "WooCommerceCsvSource",
    "WooCommerceSink",
    "WooCommerceSource",
    "needs",
    "open_sink",
    "open_source",
    "passthrough_copy",
    "save_all",
]


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
