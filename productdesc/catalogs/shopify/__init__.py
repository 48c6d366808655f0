"""A Shopify shop through its Admin GraphQL API: products out, descriptions in.

queries, pacing, answers -> client -> reading, bulk -> source, sink
"""

from .client import Patience, Shopify
from .queries import VERSIONS
from .sink import ShopifySink
from .source import ShopifySource

__all__ = ["VERSIONS", "Patience", "Shopify", "ShopifySink", "ShopifySource"]
