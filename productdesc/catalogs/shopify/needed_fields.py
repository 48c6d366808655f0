"""The fields that a Shopify product still needs, in a shop or in its export; pure."""

from __future__ import annotations

from collections.abc import Collection

from ...records import Product
from ..merge_policy import Current, missing_fields


def needed_fields(
    product: Product,
    current: Current,
    *,
    writes: Collection[str],
    overwrite: Collection[str],
) -> frozenset[str]:
    """As `missing_fields` says, in the names of what has to be described.

    A body holds a description and its bullets. A category is one of a taxonomy or none.
    """
    missing = missing_fields(
        current, writes=writes, overwrite=overwrite, photos=len(product.photos)
    )
    asked = {"description": {"description", "bullets"}, "category": {"category_id"}}
    return frozenset().union(*(asked.get(name, {name}) for name in missing))
