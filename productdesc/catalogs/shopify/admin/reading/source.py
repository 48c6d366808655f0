"""`ShopifySource`: the products of a shop, a page at a time or all in one bulk read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .....errors import CatalogError
from .....records import Product
from ....protocol import Closing, Problem, Problems
from ..api import bulk
from ..api.client import ShopifyClient
from ..api.queries import bulk_products
from . import fetch as reading
from .bulk_join import BulkJoin
from .product_node import ProductNode, to_product


class ShopifySource(Closing):
    """Every product of a shop, by rising id.

    bulk: have the shop write them all into a file first: for large shops, where pages
    would use up the rate limit. query: only some, in Shopify's search syntax, e.g.
    "status:active vendor:Acme". namespaces: whose metafields become attributes.
    own: leaving this closes the shop's connections.
    """

    def __init__(
        self,
        shop: ShopifyClient,
        *,
        bulk: bool = False,
        query: str = "",
        namespaces: Collection[str] = ("custom",),
        own: bool = False,
    ) -> None:
        if isinstance(namespaces, str):
            raise ValueError(f"namespaces is a list, not the text {namespaces!r}")
        self._shop = shop
        self._own = own
        self._bulk = bulk
        self._query = query
        self._namespaces = frozenset(namespaces)
        self.problems = Problems()

    def close(self) -> None:
        """Close the shop's connections, where they are this one's own."""
        if self._own:
            self._shop.close()

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` where the shop gives none, or not all."""
        found = self._from_file() if self._bulk else reading.pages(self._shop, self._query)
        for one in found:
            if isinstance(one, Problem):
                self.problems.add(one)
            else:
                yield to_product(one, self._namespaces)

    def _from_file(self) -> Iterator[ProductNode | Problem]:
        domain = self._shop.domain
        ended = bulk.poll(
            self._shop, bulk.start_query(self._shop, bulk_products(self._query))
        )
        if ended is None:
            seconds = self._shop.patience.bulk_seconds
            raise CatalogError(f"{domain}: a bulk read took more than {seconds:.0f} s")
        if not ended.completed:
            raise CatalogError(f"{domain}: {ended.reason}")
        with BulkJoin() as joined:
            roots = joined.add(bulk.result_lines(self._shop, ended))
            if roots != ended.roots:
                raise CatalogError(
                    f"{domain}: a bulk file holds {roots} products instead of {ended.roots}"
                )
            if strays := joined.strays():
                self.problems.add(
                    Problem("bulk file", f"{strays} lines belong to no product")
                )
            yield from joined.products()
