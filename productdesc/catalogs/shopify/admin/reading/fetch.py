"""Products out of a shop by cursor pages, with all their media and metafields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .....errors import CatalogError
from ....protocol import Problem
from ..api.client import ShopifyClient
from ..api.queries import (
    MEDIA,
    METAFIELDS,
    PAGE_PRODUCTS,
    PRODUCT,
    PRODUCT_BY_HANDLE,
    PRODUCTS,
    PRODUCTS_BY_ID,
    Document,
)
from .product_node import GID, ProductNode, numeric_id, parse

MAX_WALK = 20_000
"""Products by one chain of cursors: Shopify gives at most 25,000, so a new one begins."""


def pages(
    shop: ShopifyClient, query: str = "", *, walk: int = MAX_WALK
) -> Iterator[ProductNode | Problem]:
    """Every product that matches, by rising id; a bad one as a `Problem`.

    query: Shopify's search syntax. walk: products by one chain of cursors. Raises
    `CatalogError`.
    """
    last = ""
    while True:
        chosen = query
        if last:
            later = f"id:>{numeric_id(last)}"
            chosen = f"({query}) AND {later}" if query else later
        seen = 0
        after: str | None = None
        more = True
        while more and seen < walk:
            found = shop.query(PRODUCTS, after=after, query=chosen or None)["products"]
            nodes = found["nodes"]
            if nodes and after is None and last and not _rises(last, nodes[0]["id"]):
                first = numeric_id(nodes[0]["id"])
                raise CatalogError(
                    f"{shop.domain}: the shop began again at product {first} when asked "
                    f"for those after {numeric_id(last)}"
                )
            for node in nodes:
                yield complete(shop, node)
            seen += len(nodes)
            last = nodes[-1]["id"] if nodes else last
            more, after = _next(shop, found["pageInfo"], after)
        if not more:
            return


def by_id(shop: ShopifyClient, gid: str) -> ProductNode | None:
    """One product as it is now; None: there is none. Raises `CatalogError`."""
    node = shop.query(PRODUCT, id=gid)["product"]
    return _node(shop, node) if node else None


def by_ids(
    shop: ShopifyClient, gids: Sequence[str]
) -> Iterator[tuple[str, ProductNode | None]]:
    """Products as they are now, with the id asked for; the same as `by_id` of each."""
    for start in range(0, len(gids), PAGE_PRODUCTS):
        part = list(gids[start : start + PAGE_PRODUCTS])
        nodes = shop.query(PRODUCTS_BY_ID, ids=part)["nodes"]
        for gid, node in zip(part, nodes, strict=True):
            yield gid, _node(shop, node) if node else None


def find_gid(shop: ShopifyClient, key: str) -> str | None:
    """The shop's global id of a product named by number, global id or handle."""
    if key.startswith(GID):
        return key
    if key.isascii() and key.isdigit():
        return f"{GID}{key}"
    if not key:
        return None
    node = shop.query(PRODUCT_BY_HANDLE, handle=key)["productByIdentifier"]
    return str(node["id"]) if node else None


def complete(shop: ShopifyClient, node: Mapping[str, Any]) -> ProductNode | Problem:
    """One product of a page with what did not fit into it."""
    try:
        return parse(
            node,
            _all(shop, MEDIA, "media", node),
            _all(shop, METAFIELDS, "metafields", node),
        )
    except (KeyError, TypeError) as e:
        name = numeric_id(str(node.get("id", "without id")))
        return Problem(f"product {name}", f"the shop's answer is not whole: {e!r}")


def _node(shop: ShopifyClient, node: Mapping[str, Any]) -> ProductNode:
    found = complete(shop, node)
    if isinstance(found, Problem):
        raise CatalogError(f"{shop.domain}: {found}")
    return found


def _all(
    shop: ShopifyClient, document: Document, name: str, node: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The nodes of a connection of one product, its later pages too."""
    connection = node[name]
    found = list(connection["nodes"])
    more, after = _next(shop, connection["pageInfo"], None)
    while more:
        product = shop.query(document, id=node["id"], after=after)["product"]
        if product is None:  # deleted meanwhile: what was read of it still stands
            break
        found += product[name]["nodes"]
        more, after = _next(shop, product[name]["pageInfo"], after)
    return found


def _next(
    shop: ShopifyClient, page: Mapping[str, Any], before: str | None
) -> tuple[bool, str | None]:
    """Whether there is a next page, and its cursor."""
    if not page["hasNextPage"]:
        return False, None
    after = page["endCursor"]
    if not after or after == before:
        raise CatalogError(f"{shop.domain}: the shop gives the same page again and again")
    return True, after


def _rises(before: str, after: str) -> bool:
    """Whether ids rise, as numbers; ids that are none are taken as they come."""
    a, b = numeric_id(before), numeric_id(after)
    return int(b) > int(a) if a.isdigit() and b.isdigit() else a != b
