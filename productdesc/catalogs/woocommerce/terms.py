"""WooCommerce's terms: names of categories, tags and attributes, and product types."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from ...text.fold import fold
from ...words.catalog_words import woocommerce_names

DEFAULT_CATEGORY = "uncategorized"
"""The slug of "Uncategorized" in a shop that was installed in English."""

_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")


def term_text(name: str) -> str:
    """A term's name as a reader sees it: WordPress keeps `&` in it as an entity.

    Only what ends in ";" is one, so that "R&D" and "this&copy that" stay.
    """
    return (
        _ENTITY.sub(lambda entity: html.unescape(entity[0]), name) if "&" in name else name
    )


def first_category(names: Iterable[str]) -> str:
    """The first category that is one, as text; "Uncategorized" is none in any language."""
    texts = (term_text(name).strip() for name in names)
    none = woocommerce_names().uncategorized
    return next((text for text in texts if text and fold(text) not in none), "")


def is_variable(kind: str) -> bool:
    """Whether a product of a type has variations; plugins have types such as
    `variable-subscription`."""
    return kind.strip().lower().startswith("variable")


def is_variation(kind: str) -> bool:
    """Whether a product type is a variation's; plugins have types such as
    `subscription_variation`, and a CSV file adds ", virtual" to a type."""
    return any(one.strip().lower().endswith("variation") for one in kind.split(","))
