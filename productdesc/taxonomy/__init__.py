"""Where products are filed: closed lists of our own, and the taxonomies of shops.

    kinds (what a model chooses from) . tree (`Taxonomy`) . search (nearest names)
    shopify, google (their formats) . load (any of them from a file) . mapping . download

To add a taxonomy: one module that parses its format, and one line in `load.py`.
"""

from .closed_lists import KINDS, OTHER, PATTERNS, UNKNOWN, VISIBLE
from .google_mapping import CategoryMap
from .load_taxonomy import load_mapping, load_taxonomy
from .tree import Attribute, Category, Taxonomy

__all__ = [
    "KINDS",
    "OTHER",
    "PATTERNS",
    "UNKNOWN",
    "VISIBLE",
    "Attribute",
    "Category",
    "CategoryMap",
    "Taxonomy",
    "load_mapping",
    "load_taxonomy",
]
