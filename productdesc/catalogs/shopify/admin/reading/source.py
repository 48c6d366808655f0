"""Source of a shop's products: by pages, or all in one bulk operation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from .....errors import CatalogError
from .....records import Product
from ....protocol import Closing, Problem, Problems
from ..api import bulk
from ..api.client import ShopifyClient
from ..api.queries import bulk_products, bulk_translations
from . import fetch
from .bulk_join import BulkJoin
from .product_node import ProductNode, to_product
from .shop_locales import shop_locales
from .translations import ReadLanguages, Texts, with_translations

TRANSLATED_KINDS = ("PRODUCT", "MEDIA_IMAGE")
"""What has texts of further languages; a bulk read is made of each."""

_Read = tuple[ProductNode | Problem, Mapping[str, Texts]]


class ShopifySource(Closing):
    """Source of every product of a Shopify shop, by rising id.

    bulk: have the shop write them all into a file first: for large shops, where pages
    would use up the rate limit. query: only some, in Shopify's search syntax, e.g.
    "status:active vendor:Acme". namespaces: whose metafields become attributes.
    languages: products are read in the first; what the shop has of each further one is in
    `Product.translations`; (): in the shop's primary one. own: leaving this closes the
    client too.
    """

    def __init__(
        self,
        client: ShopifyClient,
        *,
        bulk: bool = False,
        query: str = "",
        namespaces: Collection[str] = ("custom",),
        languages: Sequence[str] = (),
        own: bool = False,
    ) -> None:
        for name, given in (("namespaces", namespaces), ("languages", languages)):
            if isinstance(given, str):
                raise ValueError(f"{name} is a list, not the text {given!r}")
        if "" in languages or len(set(languages)) < len(languages):
            raise ValueError(f"languages is {list(languages)!r}; name each once")
        self._client = client
        self._own = own
        self._bulk = bulk
        self._query = query
        self._namespaces = frozenset(namespaces)
        self.languages = tuple(languages)
        self.problems = Problems()

    def close(self) -> None:
        """Close the client, where it is this source's own."""
        if self._own:
            self._client.close()

    def products(self) -> Iterator[Product]:
        """Every product; raises `CatalogError` where the shop gives none, or not all."""
        self.problems = Problems()
        client, languages = self._client, None
        if self.languages:
            languages = ReadLanguages.of(shop_locales(client), self.languages)
        locales = languages.translated if languages else []
        nodes = (
            self._from_file(locales)
            if self._bulk
            else with_translations(client, fetch.pages(client, self._query), locales)
            if locales
            else ((node, {}) for node in fetch.pages(client, self._query))
        )
        for node, texts in nodes:
            if isinstance(node, Problem):
                self.problems.add(node)
                continue
            product = to_product(node, self._namespaces)
            yield languages.product(product, node, texts) if languages else product

    def _from_file(self, locales: Sequence[str]) -> Iterator[_Read]:
        with BulkJoin() as joined:
            result = self._bulk_read(bulk_products(self._query))
            joined.add(bulk.result_lines(self._client, result), self.problems)
            self._check_whole(result, joined.roots, joined.roots + joined.bad)
            if strays := joined.strays():
                self.problems.add(
                    Problem("bulk file", f"{strays} lines belong to no product")
                )
            for kind in TRANSLATED_KINDS if locales else ():
                result = self._bulk_read(bulk_translations(kind, locales))
                lines = bulk.result_lines(self._client, result)
                count = joined.add_translations(lines, locales, self.problems)
                self._check_whole(result, count, count, "things with translations")
            for node in joined.nodes():
                if isinstance(node, Problem) or not locales:
                    yield node, {}
                else:
                    yield node, joined.translations(node, locales)

    def _bulk_read(self, query: str) -> bulk.BulkResult:
        """The result of a bulk read that came to its end; raises `CatalogError`."""
        domain = self._client.domain
        operation = bulk.start_query(self._client, query)
        result = bulk.poll(self._client, operation)
        if result is None:
            seconds = self._client.retry.bulk_seconds
            raise CatalogError(f"{domain}: a bulk read took more than {seconds:.0f} s")
        if not result.completed:
            raise CatalogError(f"{domain}: {result.reason}")
        return result

    def _check_whole(
        self, result: bulk.BulkResult, least: int, most: int, what: str = "products"
    ) -> None:
        """Raises `CatalogError` where a file has more things, or fewer, than was said."""
        if not least <= result.roots <= most:
            raise CatalogError(
                f"{self._client.domain}: a bulk file holds {least} {what} "
                f"instead of {result.roots}"
            )
