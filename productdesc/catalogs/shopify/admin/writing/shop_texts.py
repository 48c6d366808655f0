"""Texts of a shop's products in one language: read, planned, verified, given back.

`PrimaryTexts` are the products' own, `TranslatedTexts` are translations of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .....records import Description, Product
from ....output.guarded_writes import Held
from ....protocol import Edit
from ..api.client import ShopifyClient
from ..api.queries import (
    FILE_UPDATE,
    PAGE_PRODUCTS,
    PRODUCT_UPDATE,
    TRANSLATIONS_REGISTER,
    TRANSLATIONS_REMOVE,
    Document,
)
from ..reading import fetch
from ..reading.product_node import ProductNode
from ..reading.translations import translatable
from . import edits, restoring, translated_edits, verify
from .edits import Plan, Rules, Step
from .translated_edits import TranslationRules


class ShopTexts(Protocol):
    """What a sink needs to know of the texts that it writes."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """The mutations that change them, in the order in which they are sent."""
        ...

    def read(self, gids: Sequence[str]) -> Iterator[tuple[str, ProductNode | None]]:
        """Products as they are now, with the id asked for; raises `CatalogError`."""
        ...

    def read_one(self, gid: str) -> ProductNode | None: ...

    def needs(self, product: Product) -> frozenset[str]: ...

    def plan(
        self, node: ProductNode, product: Product, description: Description
    ) -> Plan: ...

    def restoring(self, node: ProductNode, wanted: Sequence[Edit]) -> Plan: ...

    def held(self, node: ProductNode) -> Held: ...

    def missing(self, step: Step, node: ProductNode) -> tuple[Edit, ...]: ...


@dataclass(frozen=True, slots=True)
class PrimaryTexts:
    """Texts of the products themselves. language: that they are in; "": nobody asked."""

    client: ShopifyClient
    rules: Rules
    language: str = ""
    documents: tuple[Document, ...] = (PRODUCT_UPDATE, FILE_UPDATE)

    def read(self, gids: Sequence[str]) -> Iterator[tuple[str, ProductNode | None]]:
        return fetch.by_ids(self.client, gids)

    def read_one(self, gid: str) -> ProductNode | None:
        return fetch.by_id(self.client, gid)

    def needs(self, product: Product) -> frozenset[str]:
        return edits.needs(product, self.rules)

    def plan(self, node: ProductNode, product: Product, description: Description) -> Plan:
        if why := _other_language(description, self.language):
            return Plan(unfit=why)
        return edits.plan(node, product, description, self.rules)

    def restoring(self, node: ProductNode, wanted: Sequence[Edit]) -> Plan:
        return restoring.restoring(node, wanted, self.rules)

    def held(self, node: ProductNode) -> Held:
        return restoring.held(node, self.rules)

    def missing(self, step: Step, node: ProductNode) -> tuple[Edit, ...]:
        return verify.missing(step, node, self.rules)


@dataclass(frozen=True, slots=True)
class TranslatedTexts:
    """Texts of the products in a language beside the shop's primary one."""

    client: ShopifyClient
    rules: TranslationRules
    documents: tuple[Document, ...] = (TRANSLATIONS_REGISTER, TRANSLATIONS_REMOVE)

    @property
    def locale(self) -> str:
        return self.rules.locale.code

    def read(self, gids: Sequence[str]) -> Iterator[tuple[str, ProductNode | None]]:
        for start in range(0, len(gids), PAGE_PRODUCTS):
            part = gids[start : start + PAGE_PRODUCTS]
            nodes = dict(fetch.by_ids(self.client, part))
            there = [node for node in nodes.values() if node]
            full = {n.gid: n for n in translatable(self.client, there, self.locale)}
            for gid, node in nodes.items():
                yield gid, full.get(node.gid) if node else None

    def read_one(self, gid: str) -> ProductNode | None:
        node = fetch.by_id(self.client, gid)
        return next(translatable(self.client, [node], self.locale), None) if node else None

    def needs(self, product: Product) -> frozenset[str]:
        return translated_edits.needs(product, self.rules)

    def plan(self, node: ProductNode, product: Product, description: Description) -> Plan:
        if why := _other_language(description, self.locale):
            return Plan(unfit=why)
        return translated_edits.plan(node, product, description, self.rules)

    def restoring(self, node: ProductNode, wanted: Sequence[Edit]) -> Plan:
        return translated_edits.restoring(node, wanted, self.rules)

    def held(self, node: ProductNode) -> Held:
        return translated_edits.held(node, self.locale)

    def missing(self, step: Step, node: ProductNode) -> tuple[Edit, ...]:
        return translated_edits.missing(step, node, self.locale)


def _other_language(description: Description, language: str) -> str:
    """Why a description is not of the language that is written; "": it is.

    One in "pt" may go into pt-BR.
    """
    given, wanted = (one.replace("_", "-") for one in (description.language, language))
    if not wanted or given.partition("-")[0] == wanted.partition("-")[0]:
        return ""
    return (
        f"its copy is in {given}, and this sink writes texts in {wanted}; give it "
        f"language={given!a}"
    )
