"""A source or a sink by a shop's address; leaving it closes its connection."""

from __future__ import annotations

from collections.abc import Collection

from ...secret import Secret
from .client import Shopify
from .edits import CategoryId
from .sink import ShopifySink
from .source import ShopifySource


def source(domain: str, token: Secret) -> ShopifySource:
    return ShopifySource(Shopify(domain, token), own=True)


def sink(
    domain: str,
    token: Secret,
    *,
    overwrite: Collection[str] = (),
    apply: bool = False,
    category_id: CategoryId | None = None,
) -> ShopifySink:
    return ShopifySink(
        Shopify(domain, token),
        overwrite=overwrite,
        apply=apply,
        category_id=category_id,
        own=True,
    )
