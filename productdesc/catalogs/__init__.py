"""Shops and files: where products come from and where their copy goes.

    sink = ShopifyCsvFile("export.csv", "import.csv")
    with open_source("export.csv") as source, sink:
        for outcome in describe_many(source.products(), engine):
            if isinstance(outcome, Described):
                sink.save(outcome.product, outcome.description)

Each name is imported when it is first used. To add a shop: docs/add-a-shop.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..secret import Secret
    from .folder import FolderSource
    from .google import GoogleSink, GoogleSource
    from .jsonl import JsonlSink, JsonlSource
    from .jsonld import JsonLdSink
    from .kinds import open_sink, open_source
    from .magento_csv import MagentoCsvSource
    from .own_copy import own_copy
    from .parquet import ParquetSink, ParquetSource
    from .protocol import Edit, Problem, Problems, Saved, Sink, Source
    from .shopify import Shopify, ShopifySink, ShopifySource
    from .shopify_csv import (
        ShopifyCsv,
        ShopifyCsvChanges,
        ShopifyCsvFile,
        ShopifyCsvReview,
    )
    from .shopify_csv_new import ShopifyCsvNew
    from .tables import TableSink, TableSource
    from .woocommerce import WooCommerce, WooCommerceSink
    from .woocommerce_csv import (
        WooCommerceCsv,
        WooCommerceCsvChanges,
        WooCommerceCsvFile,
    )
    from .woocommerce_csv_new import WooCommerceCsvNew

_HOME = {
    "Edit": "protocol",
    "FolderSource": "folder",
    "GoogleSink": "google",
    "GoogleSource": "google",
    "JsonLdSink": "jsonld",
    "JsonlSink": "jsonl",
    "JsonlSource": "jsonl",
    "MagentoCsvSource": "magento_csv",
    "ParquetSink": "parquet",
    "ParquetSource": "parquet",
    "Problem": "protocol",
    "Problems": "protocol",
    "Saved": "protocol",
    "Secret": ".secret",  # one package up
    "Shopify": "shopify",
    "ShopifyCsv": "shopify_csv",
    "ShopifyCsvChanges": "shopify_csv",
    "ShopifyCsvFile": "shopify_csv",
    "ShopifyCsvNew": "shopify_csv_new",
    "ShopifyCsvReview": "shopify_csv",
    "ShopifySink": "shopify",
    "ShopifySource": "shopify",
    "Sink": "protocol",
    "Source": "protocol",
    "TableSink": "tables",
    "TableSource": "tables",
    "WooCommerce": "woocommerce",
    "WooCommerceCsv": "woocommerce_csv",
    "WooCommerceCsvChanges": "woocommerce_csv",
    "WooCommerceCsvFile": "woocommerce_csv",
    "WooCommerceCsvNew": "woocommerce_csv_new",
    "WooCommerceSink": "woocommerce",
    "open_sink": "kinds",
    "open_source": "kinds",
    "own_copy": "own_copy",
}

__all__ = [
    "Edit",
    "FolderSource",
    "GoogleSink",
    "GoogleSource",
    "JsonLdSink",
    "JsonlSink",
    "JsonlSource",
    "MagentoCsvSource",
    "ParquetSink",
    "ParquetSource",
    "Problem",
    "Problems",
    "Saved",
    "Secret",
    "Shopify",
    "ShopifyCsv",
    "ShopifyCsvChanges",
    "ShopifyCsvFile",
    "ShopifyCsvNew",
    "ShopifyCsvReview",
    "ShopifySink",
    "ShopifySource",
    "Sink",
    "Source",
    "TableSink",
    "TableSource",
    "WooCommerce",
    "WooCommerceCsv",
    "WooCommerceCsvChanges",
    "WooCommerceCsvFile",
    "WooCommerceCsvNew",
    "WooCommerceSink",
    "open_sink",
    "open_source",
    "own_copy",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
