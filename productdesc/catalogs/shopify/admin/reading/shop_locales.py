"""Locales of a Shopify shop: the languages that it has, and the one of a language code."""

from __future__ import annotations

from typing import NamedTuple

from .....errors import CatalogError
from .....text.printable import listed, quoted
from ..api.client import ShopifyClient
from ..api.queries import SHOP_LOCALES

SCOPE = "read_locales"
"""The access scope that reading them takes; Shopify names it where a token lacks it."""


class ShopLocale(NamedTuple):
    """One language of a shop. primary: of the products themselves, not of translations.

    published: whether buyers can see it.
    """

    code: str
    primary: bool
    published: bool


class ShopLocales(NamedTuple):
    """Languages of a shop, its primary one first."""

    domain: str
    locales: tuple[ShopLocale, ...]

    @property
    def primary(self) -> str:
        """The code of the primary language."""
        return self.locales[0].code

    def find(self, language: str) -> ShopLocale:
        """The shop's locale of a language; "pt" is pt-BR too, where there is no other.

        Raises `CatalogError` where it has none, or cannot know which is meant.
        """
        wanted = language.replace("_", "-").casefold()
        codes = {one.code.casefold(): one for one in self.locales}
        kinds = [one for code, one in codes.items() if code.startswith(f"{wanted}-")]
        if (exact := codes.get(wanted)) or len(kinds) == 1:
            return exact or kinds[0]
        if kinds:
            raise CatalogError(
                f"{self.domain}: language {quoted(language, 'code')} may be "
                f"{listed([one.code for one in kinds])} of this shop; name one of them"
            )
        raise CatalogError(
            f"{self.domain}: the shop has no language {quoted(language, 'code')}; it has "
            f"{listed([one.code for one in self.locales])}; add it in Shopify under "
            "Settings > Languages"
        )


def shop_locales(client: ShopifyClient) -> ShopLocales:
    """The locales of a shop; raises `CatalogError`."""
    found = [
        ShopLocale(one["locale"], one["primary"], one["published"])
        for one in client.query(SHOP_LOCALES)["shopLocales"]
    ]
    if sum(one.primary for one in found) != 1:
        raise CatalogError(
            f"{client.domain}: the answer is not what the API promises: of {len(found)} "
            f"languages {sum(one.primary for one in found)} are the primary one"
        )
    ordered = sorted(found, key=lambda one: (not one.primary, one.code))
    return ShopLocales(client.domain, tuple(ordered))
