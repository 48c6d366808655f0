"""Queries for products: pages by cursors, with all their media and metafields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .....errors import CatalogError
from .....records import VARIANT_LIMITS
from ....live import cursor_pages
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
    VARIANTS,
    Document,
)
from ..api.response_shapes import LISTS, WrongShape, checked
from .product_node import (
    GID,
    ProductNode,
    gid_of,
    named,
    numeric_id,
    parse,
    parse_variants,
    varies,
)

MAX_VARIANTS = 4 * VARIANT_LIMITS.variants
"""Variants of one product that are read; of more no new value is to be expected."""

_Node = Mapping[str, Any]
_Page = Callable[[str | None], tuple[Sequence[_Node], str | None]]

MAX_WALK = 20_000
"""Products by one chain of cursors: Shopify gives at most 25,000, so a new one begins."""


def pages(
    client: ShopifyClient, query: str = "", *, walk: int = MAX_WALK
) -> Iterator[ProductNode | Problem]:
    """Every product that matches, by rising id; a bad one as a `Problem`.

    query: Shopify's search syntax. walk: products by one chain of cursors. Raises
    `CatalogError`.
    """
    last, more = "", True
    while more:
        chosen = query
        if last:
            later = f"id:>{numeric_id(last)}"
            chosen = f"({query}) AND {later}" if query else later
        seen = 0
        for page in cursor_pages(_products(client, chosen), client.domain):
            nodes, more = page
            gids = list(filter(None, map(gid_of, nodes)))
            if nodes and not gids:
                raise CatalogError(
                    f"{client.domain}: the answer is not what the API promises: of "
                    f"{len(nodes)} products none has an id"
                )
            if gids and not seen and last and not _rises(last, gids[0]):
                first = numeric_id(gids[0])
                raise CatalogError(
                    f"{client.domain}: the shop began again at product {first} when asked "
                    f"for those after {numeric_id(last)}"
                )
            for node in nodes:
                yield complete(client, node, variants=True)
            seen += len(nodes)
            last = gids[-1] if gids else last
            if seen >= walk:
                break


def _products(client: ShopifyClient, query: str) -> _Page:
    def page(cursor: str | None) -> tuple[Sequence[_Node], str | None]:
        return _nodes(client.query(PRODUCTS, after=cursor, query=query or None)["products"])

    return page


def by_id(client: ShopifyClient, gid: str) -> ProductNode | None:
    """One product as it is now; None: there is none. Raises `CatalogError`."""
    node = client.query(PRODUCT, id=gid)["product"]
    return _node(client, node) if node else None


def by_ids(
    client: ShopifyClient, gids: Sequence[str]
) -> Iterator[tuple[str, ProductNode | None]]:
    """Products as they are now, with the id asked for; the same as `by_id` of each."""
    for start in range(0, len(gids), PAGE_PRODUCTS):
        part = list(gids[start : start + PAGE_PRODUCTS])
        nodes = client.query(PRODUCTS_BY_ID, ids=part)["nodes"]
        if len(nodes) != len(part):
            raise CatalogError(
                f"{client.domain}: the shop gave {len(nodes)} products for {len(part)} ids"
            )
        for gid, node in zip(part, nodes, strict=True):
            yield gid, _node(client, node) if node else None


def find_gid(client: ShopifyClient, key: str) -> str | None:
    """The global id (gid) of a product named by number, global id or handle."""
    if key.startswith(GID):
        return key
    if key.isascii() and key.isdigit():
        return f"{GID}{key}"
    if not key:
        return None
    node = client.query(PRODUCT_BY_HANDLE, handle=key)["productByIdentifier"]
    return str(node["id"]) if node else None


def complete(
    client: ShopifyClient, node: _Node, *, variants: bool = False
) -> ProductNode | Problem:
    """A product node of a page, parsed, with the media and metafields that did not fit.

    variants: with those of a product that has several, one request more for each.
    """
    try:
        lists = checked(LISTS, node)
        parsed = parse(
            node,
            _all(client, MEDIA, "media", lists),
            _all(client, METAFIELDS, "metafields", lists),
        )
        if not (variants and varies(parsed)):
            return parsed
        return replace(parsed, variants=parse_variants(_variants(client, parsed.gid)))
    except WrongShape as e:
        return Problem(named(gid_of(node)), f"the shop's answer is not whole: {e}")


def _node(client: ShopifyClient, node: _Node) -> ProductNode:
    found = complete(client, node)
    if isinstance(found, Problem):
        raise CatalogError(f"{client.domain}: {found}")
    return found


def _all(client: ShopifyClient, document: Document, name: str, node: _Node) -> list[_Node]:
    """The nodes of a connection of one product, its later pages too."""

    def page(cursor: str | None) -> tuple[Sequence[_Node], str | None]:
        if cursor is None:
            return _nodes(node[name])
        product = client.query(document, id=node["id"], after=cursor)["product"]
        # deleted meanwhile: what was read of it still stands
        return _nodes(product[name]) if product else ((), None)

    return [one for nodes, _ in cursor_pages(page, client.domain) for one in nodes]


def _variants(client: ShopifyClient, gid: str) -> list[_Node]:
    """The variants of one product, as many as are kept of any."""

    def page(cursor: str | None) -> tuple[Sequence[_Node], str | None]:
        product = client.query(VARIANTS, id=gid, after=cursor)["product"]
        return _nodes(product["variants"]) if product else ((), None)

    found: list[_Node] = []
    for nodes, _ in cursor_pages(page, client.domain):
        found += nodes
        if len(found) >= MAX_VARIANTS:
            break
    return found


def _nodes(connection: _Node) -> tuple[Sequence[_Node], str | None]:
    """The nodes of a connection, and the cursor of its next page; None: it has none."""
    page = connection["pageInfo"]
    return connection["nodes"], (page["endCursor"] or "") if page["hasNextPage"] else None


def _rises(before: str, after: str) -> bool:
    """Whether ids rise, as numbers; ids that are none are taken as they come."""
    a, b = numeric_id(before), numeric_id(after)
    return int(b) > int(a) if _is_number(a) and _is_number(b) else a != b


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 100
