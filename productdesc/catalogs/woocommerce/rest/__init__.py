"""A WooCommerce shop through its REST API (wc/v3): products out, descriptions in.

oauth, replies -> client -> item, tags, edits (pure) -> source, sink
"""

from .client import WooCommerceClient
from .item import RANK_MATH, YOAST
from .sink import WooCommerceSink
from .source import WooCommerceSource

__all__ = [
    "RANK_MATH",
    "YOAST",
    "WooCommerceClient",
    "WooCommerceSink",
    "WooCommerceSource",
]
