"""Closed lists that the observe stage chooses from: product types, visible attributes.

To add a product type: one row in `words/product_types.toml`. A user's own lists go into
`describe(categories=..., visible=...)`; a model trained on its own list says so in its
`EngineInfo`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from ..words import word_tables

OTHER = "other product"
"""What a model says when none of the categories fits."""

UNKNOWN = "unknown"
"""What a model says when an attribute cannot be seen; the attribute is then left out."""

PATTERNS: tuple[str, ...] = (
    "solid", "striped", "checked", "dotted", "floral", "printed", "colour-blocked", UNKNOWN,
)  # fmt: skip

VISIBLE: Mapping[str, tuple[str, ...]] = {"pattern": PATTERNS}
"""Attributes that a photo can show, beside colour, and the words for each."""


@cache
def product_types() -> tuple[str, ...]:
    """Names of the product types that a model chooses from, and OTHER, in their order."""
    rows = word_tables.product_types()
    return (*(row.name for row in rows if not row.is_group), OTHER)


def closed_list(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """A closed list without repeats; attributes of which nothing is known need UNKNOWN."""
    if isinstance(values, str) or not values:
        raise ValueError(f"{name} is a list of at least one text, not {values!r}")
    texts = tuple(dict.fromkeys(str(v).strip() for v in values))
    if not all(texts):
        raise ValueError(f"{name} holds an empty text")
    return texts if name == "categories" or UNKNOWN in texts else (*texts, UNKNOWN)
