"""A source or a sink by a shop's address; leaving it closes its connection."""

from __future__ import annotations

from collections.abc import Collection

from ....secret import Secret
from .client import WooCommerceClient
from .sink import WooCommerceSink
from .source import WooCommerceSource


def source(url: str, key: Secret, secret: Secret) -> WooCommerceSource:
    return WooCommerceSource(WooCommerceClient(url, key, secret), own=True)


def sink(
    url: str,
    key: Secret,
    secret: Secret,
    *,
    overwrite: Collection[str] = (),
    apply: bool = False,
) -> WooCommerceSink:
    client = WooCommerceClient(url, key, secret)
    return WooCommerceSink(client, overwrite=overwrite, apply=apply, own=True)
