"""A source or a sink by a shop's address; leaving it closes its connection."""

from __future__ import annotations

from collections.abc import Collection

from ....secret import Secret
from .api.client import ShopifyClient
from .reading.source import ShopifySource
from .writing.edits import CategoryId
from .writing.sink import ShopifySink


def source(domain: str, token: Secret) -> ShopifySource:
    return ShopifySource(ShopifyClient(domain, token), own=True)


def sink(
    domain: str,
    token: Secret,
    *,
    overwrite: Collection[str] = (),
    apply: bool = False,
    category_id: CategoryId | None = None,
) -> ShopifySink:
    return ShopifySink(
        ShopifyClient(domain, token),
        overwrite=overwrite,
        apply=apply,
        category_id=category_id,
        own=True,
    )
