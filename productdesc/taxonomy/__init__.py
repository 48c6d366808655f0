"""Taxonomy: closed lists of our own, the taxonomies of shops, and a product's type.

    closed_lists (what a model chooses from) . product_type (data against photo)
    named_kinds (in a title or category)
    tree (`Taxonomy`) . search (nearest names) . shopify_format, google_format
    load_taxonomy (any of them from a file) . google_mapping . download

To add a taxonomy: one module that parses its format, and one line in `load_taxonomy.py`.
"""

from .closed_lists import OTHER, PATTERNS, UNKNOWN, VISIBLE, product_types
from .google_mapping import CategoryMap
from .load_taxonomy import load_mapping, load_taxonomy
from .named_kinds import offered_type
from .product_type import Settled, settled_kind
from .tree import Attribute, Category, Taxonomy

__all__ = [
    "OTHER",
    "PATTERNS",
    "UNKNOWN",
    "VISIBLE",
    "Attribute",
    "Category",
    "CategoryMap",
    "Settled",
    "Taxonomy",
    "load_mapping",
    "load_taxonomy",
    "offered_type",
    "product_types",
    "settled_kind",
]
