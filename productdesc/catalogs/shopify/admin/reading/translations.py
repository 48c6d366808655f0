"""Translations of products: their texts in a language beside the shop's primary one.

A translation belongs to a resource (a product, an image) and a key of it; those that are
of one market alone are neither read nor written.

To translate one more text of a product: a line in KEYS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from .....errors import CatalogError
from .....records import Present, Product, Translation
from ....protocol import Problem
from ....shop_text.body import body_text
from ..api.client import ShopifyClient
from ..api.queries import (
    PAGE_PRODUCTS,
    PAGE_TRANSLATABLE,
    PAGE_TRANSLATED,
    TRANSLATABLE,
    TRANSLATED,
)
from .product_node import ProductNode, TranslatedText
from .shop_locales import ShopLocale, ShopLocales

KEYS: Mapping[str, str] = {
    "title": "title",
    "description": "body_html",
    "seo_title": "meta_title",
    "seo_description": "meta_description",
}
"""A field of a description -> Shopify's key of that text of a product."""
ALT_KEY = "alt"
"""The key of an image's alt text."""

T = TypeVar("T")
Texts = Mapping[tuple[str, str], TranslatedText]
"""Translated texts by the global id of their resource, and key."""
NO_TEXT = TranslatedText()


class ReadLanguages(NamedTuple):
    """The languages in which a source reads products: the first one, then further ones.

    asked: by the code that was asked for, since that is what a product's `translations`
    are kept under.
    """

    shop: ShopLocales
    asked: Mapping[str, ShopLocale]

    @classmethod
    def of(cls, shop: ShopLocales, languages: Sequence[str]) -> ReadLanguages:
        """Raises `CatalogError` for a language that the shop has not."""
        return cls(shop, {code: shop.find(code) for code in languages})

    @property
    def translated(self) -> list[str]:
        """The locales whose texts are translations."""
        return [*dict.fromkeys(o.code for o in self.asked.values() if not o.primary)]

    def product(
        self, product: Product, node: ProductNode, texts: Mapping[str, Texts]
    ) -> Product:
        """The product in the first language, with its copy in the others.

        texts: by locale.
        """
        copies = {
            code: _copy(product)
            if one.primary
            else translation_of(node, texts.get(one.code, {}))
            for code, one in self.asked.items()
        }
        first, *others = copies
        further = {code: copies[code] for code in others}
        if self.asked[first].primary:
            return product.model_copy(update={"translations": further})
        inside = in_translation(product, copies[first])
        has_none = product.title and not inside.title
        name = {f"name ({self.shop.primary})": product.title} if has_none else {}
        attributes = {**name, **product.attributes}
        return inside.model_copy(update={"attributes": attributes, "translations": further})


def in_translation(product: Product, copy: Translation) -> Product:
    """The product with the copy of one language in place of its own."""
    texts = {name: getattr(copy, name) for name in type(copy).model_fields}
    return product.model_copy(update=texts)


def translation_of(node: ProductNode, texts: Texts) -> Translation:
    """The copy of a product in a further language, as far as the shop has it translated.

    Category and tags are of all languages alike, and no part of it.
    """
    own = {field: texts.get((node.gid, key), NO_TEXT).value for field, key in KEYS.items()}
    alts = (texts.get((image.id, ALT_KEY), NO_TEXT).value for image in node.images)
    return Translation(
        title=own["title"],
        description=body_text(own["description"]),
        present=Present(
            seo_title=own["seo_title"],
            seo_description=own["seo_description"],
            alt_texts=tuple(alts),
        ),
    )


def resources(node: ProductNode) -> list[str]:
    """The global ids of what a product's texts belong to: itself and its images."""
    return [node.gid, *(image.id for image in node.images)]


def with_translations(
    client: ShopifyClient, nodes: Iterable[ProductNode | Problem], locales: Sequence[str]
) -> Iterator[tuple[ProductNode | Problem, Mapping[str, Texts]]]:
    """Each product with its translated texts by locale, as many at a time as a page has.

    Raises `CatalogError`.
    """
    for part in _parts(nodes, PAGE_PRODUCTS):
        products = [one for one in part if isinstance(one, ProductNode)]
        ids = [*dict.fromkeys(gid for one in products for gid in resources(one))]
        texts = {locale: _translated(client, ids, locale) for locale in locales}
        for one in part:
            yield one, texts


def translatable(
    client: ShopifyClient, nodes: Sequence[ProductNode], locale: str
) -> Iterator[ProductNode]:
    """The same nodes, each with its texts of a locale and what these are translations of.

    A product that the shop does not have any more is left out. Raises `CatalogError`.
    """
    ids = [*dict.fromkeys(gid for one in nodes for gid in resources(one))]
    texts: dict[str, dict[str, TranslatedText]] = {}
    for part in _parts(ids, PAGE_TRANSLATABLE):
        data = client.query(TRANSLATABLE, ids=part, locale=locale)
        for resource in data["translatableResourcesByIds"]["nodes"]:
            there = {one["key"]: one for one in resource["translations"]}
            own = {one["key"]: one for one in resource["translatableContent"]}
            texts[resource["resourceId"]] = {
                key: TranslatedText(
                    there.get(key, {}).get("value") or "",
                    own.get(key, {}).get("value") or "",
                    own.get(key, {}).get("digest") or "",
                    bool(there.get(key, {}).get("outdated")),
                )
                for key in own.keys() | there.keys()
            }
    for node in nodes:
        if node.gid in texts:
            found = {
                (gid, key): text
                for gid in resources(node)
                for key, text in texts.get(gid, {}).items()
            }
            yield replace(node, translated=found)


def _translated(client: ShopifyClient, ids: Sequence[str], locale: str) -> Texts:
    texts: dict[tuple[str, str], TranslatedText] = {}
    for part in _parts(ids, PAGE_TRANSLATED):
        data = client.query(TRANSLATED, ids=part, locale=locale)
        for resource in data["translatableResourcesByIds"]["nodes"]:
            texts |= texts_of(resource["resourceId"], resource["translations"])
    return texts


def texts_of(
    gid: str, translations: Iterable[Mapping[str, str | None]]
) -> dict[tuple[str, str], TranslatedText]:
    """The translations of one resource of an answer."""
    return {
        (gid, str(one["key"])): TranslatedText(one["value"] or "") for one in translations
    }


def _copy(product: Product) -> Translation:
    """A product's own copy, where its primary language is a further one."""
    return Translation(
        title=product.title, description=product.description, present=product.present
    )


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    part: list[T] = []
    try:
        for thing in things:
            part.append(thing)
            if len(part) == size:
                yield part
                part = []
    except CatalogError:  # what was read before it is given first
        if part:
            yield part
        raise
    if part:
        yield part
