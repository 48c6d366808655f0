"""A Shopify shop through its Admin GraphQL API: products out, descriptions in.

api (client, bulk operations) -> reading (source) -> writing (sink)
"""

from .api.client import ShopifyClient
from .api.queries import VERSIONS
from .reading.source import ShopifySource
from .writing.sink import ShopifySink

__all__ = ["VERSIONS", "ShopifyClient", "ShopifySink", "ShopifySource"]
