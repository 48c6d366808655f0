"""A Vendure shop through its Admin GraphQL API: products out, copy of one language in.

documents, replies -> shop_settings -> client
-> item, edits -> stored -> source, sink
"""

from .client import VendureClient
from .login import log_in
from .sink import VendureSink
from .source import VendureSource

__all__ = ["VendureClient", "VendureSink", "VendureSource", "log_in"]
