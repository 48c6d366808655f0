"""WooCommerce shops over their REST API (wc/v3).

item (pure) -> client (requests) -> source
text, changes (pure) -> client -> sink
"""

from .client import Patience
from .item import RANK_MATH, YOAST
from .sink import WooCommerceSink
from .source import WooCommerceSource

__all__ = ["RANK_MATH", "YOAST", "Patience", "WooCommerceSink", "WooCommerceSource"]
