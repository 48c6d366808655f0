"""A WooCommerce shop through its REST API (wc/v3): products out, descriptions in.

hints, oauth -> replies -> client
    -> item, tags, edits, side_effects, read_back -> source, sink
"""

from ..built_in import RANK_MATH, YOAST
from .client import WooCommerceClient
from .sink import WooCommerceSink
from .source import WooCommerceSource

__all__ = [
    "RANK_MATH",
    "YOAST",
    "WooCommerceClient",
    "WooCommerceSink",
    "WooCommerceSource",
]
