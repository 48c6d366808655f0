"""Source of a shop's products: by pages, or all in one bulk operation."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .....errors import CatalogError
from .....records import Product
from ....protocol import Closing, Problem, Problems
from ..api import bulk
from ..api.client import ShopifyClient
from ..api.queries import bulk_products
from . import fetch
from .bulk_join import BulkJoin
from .product_node import ProductNode, to_product


class ShopifySource(Closing):
    """Source of every product of a Shopify shop, by rising id.

    bulk: have the shop write them all into a file first: for large shops, where pages
    would use up the rate limit. query: only some, in Shopify's search syntax, e.g.
    "status:active vendor:Acme". namespaces: whose metafields become attributes.
    own: leaving this closes the client too.
    """

    def __init__(
        self,
        client: ShopifyClient,
        *,
        bulk: bool = False,
        query: str = "",
        namespaces: Collection[str] = ("custom",),
        own: bool = False,
    ) -> None:
        if isinstance(namespaces, str):
            raise ValueError(f"namespaces is a list, not the text {namespaces!r}")
        self._client = client
        self._own = own
        self._bulk = bulk
        self._query = query
        self._namespaces = frozenset(namespaces)
        self.problems = Problems()

    def close(self) -> None:
        """Close the client, where it is this source's own."""
        if self._own:
            self._client.close()

    def products(self) -> Iterator[Product]:
        """Every product; raises `CatalogError` where the shop gives none, or not all."""
        self.problems = Problems()
        pages = fetch.pages(self._client, self._query)
        for node in self._from_file() if self._bulk else pages:
            if isinstance(node, Problem):
                self.problems.add(node)
            else:
                yield to_product(node, self._namespaces)

    def _from_file(self) -> Iterator[ProductNode | Problem]:
        domain = self._client.domain
        operation = bulk.start_query(self._client, bulk_products(self._query))
        result = bulk.poll(self._client, operation)
        if result is None:
            seconds = self._client.retry.bulk_seconds
            raise CatalogError(f"{domain}: a bulk read took more than {seconds:.0f} s")
        if not result.completed:
            raise CatalogError(f"{domain}: {result.reason}")
        with BulkJoin() as joined:
            joined.add(bulk.result_lines(self._client, result), self.problems)
            if not joined.roots <= result.roots <= joined.roots + joined.bad:
                raise CatalogError(
                    f"{domain}: a bulk file holds {joined.roots} products "
                    f"instead of {result.roots}"
                )
            if strays := joined.strays():
                self.problems.add(
                    Problem("bulk file", f"{strays} lines belong to no product")
                )
            yield from joined.nodes()
