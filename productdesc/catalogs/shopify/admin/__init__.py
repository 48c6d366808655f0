"""A Shopify shop through its Admin GraphQL API: products out, descriptions in.

queries, pacing, answers -> client -> reading, bulk -> source, sink
"""

from .api.client import Patience, ShopifyClient
from .api.queries import VERSIONS
from .reading.source import ShopifySource
from .writing.sink import ShopifySink

__all__ = ["VERSIONS", "Patience", "ShopifyClient", "ShopifySink", "ShopifySource"]
