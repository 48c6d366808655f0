"""The product type: what the merchant's data names, against what the model saw.

Names are those of `words/kinds.toml` and `words/product_types.toml`: in English and in the
language of the copy first, else in any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..records import Facts, Product
from ..words.kind_names import are_related
from ..words.tokens import FormSet, forms_of
from .closed_lists import OTHER, UNKNOWN, product_types
from .named_kinds import (
    all_of,
    common_kind,
    food_types,
    groups,
    head_of,
    last_of,
    list_marks,
    named_kinds,
    offered_type,
    things_in,
)

__all__ = [
    "CATEGORY_NAMES",
    "TYPE_NAMES",
    "Settled",
    "Stated",
    "TypeComparison",
    "compare_types",
    "food_types",
    "settled_kind",
]

CATEGORY_NAMES = FormSet("category kategorie catégorie categoría categoria kind")
TYPE_NAMES = FormSet("type typ tipo")
"""Last words of attributes that say where a product is filed: its category, its type."""


class Stated(NamedTuple):
    """The product type that the merchant's data names.

    `source` is the attribute, or "title". `kinds` is empty where no known kind is named;
    `word` is the name of the one kind, the merchant's own word (folded) where it may mean
    several, or `OTHER` for a list without one in common. `beside` are all kinds that its
    words name: also "long sleeve" in "Long sleeve tee". `named` are those that the source
    and the title name as things of their own, the hat of "Jacket with hat" and no phone in
    "Phone case".
    """

    source: str
    value: str
    word: str
    kinds: frozenset[str]
    beside: frozenset[str]
    named: frozenset[str]


class Settled(NamedTuple):
    """The product type to file and to write of, and the attribute or "title" it is from.

    `source` is "" where it is what the model saw.
    """

    kind: str
    source: str


class TypeComparison(NamedTuple):
    """The type in a product's data against the type that the model saw.

    `seen`: the kind the model saw and the kinds its name stands for; empty if it saw none.
    `is_mistaken`: the merchant's data clearly names another kind than the model saw.
    `category`: the attribute that files the product, and its value, which may name no kind.
    """

    stated: Stated
    seen: frozenset[str]
    is_mistaken: bool
    settled: Settled
    category: tuple[str, str] | None


def compare_types(product: Product, facts: Facts, language: str = "en") -> TypeComparison:
    """Compare the product type in the data with the one the model saw.

    The merchant's kind is settled upon where the model was mistaken or saw none. Names of
    food are names of colours and scents as well: they contradict food only. A kind that is
    none of the list's leaves a model no right answer, which is then no mistake.
    """
    language = language.split("-")[0].casefold()
    is_told = facts.category not in (OTHER, UNKNOWN, "")
    seen = frozenset[str]()
    if is_told:
        seen = last_of(named_kinds(facts.category, language)).kinds | {facts.category}
    filed = list(_filed(product, is_told, language))
    stated = _stated(product, filed, language)
    differs = bool(seen and stated.kinds) and not are_related(
        seen, stated.kinds | stated.beside
    )
    has_answer = bool(offered_type(stated.kinds)) or facts.category not in product_types()
    is_food_only = stated.kinds <= food_types() and not seen & food_types()
    mistaken = differs and has_answer and not is_food_only
    settled = Settled(facts.category, "")
    if stated.kinds and (mistaken or not is_told):
        settled = Settled(stated.word, stated.source)
    return TypeComparison(stated, seen, mistaken, settled, filed[0] if filed else None)


def settled_kind(product: Product, facts: Facts, language: str = "en") -> Settled:
    """The settled type: the model's; the merchant's where that is mistaken or saw none."""
    return compare_types(product, facts, language).settled


def filed_in(product: Product) -> tuple[str, ...]:
    """Where the merchant files the product: its category, then attributes that say so."""
    named = [
        value
        for name, value in product.attributes.items()
        if (forms_of(name.replace("_", " ")) or ("",))[-1] in CATEGORY_NAMES | TYPE_NAMES
    ]
    return (product.present.category, *named)


def _filed(product: Product, is_told: bool, language: str) -> Iterator[tuple[str, str]]:
    """The attributes that say where the product is filed: its category, its type."""
    for name, value in product.attributes.items():
        forms = forms_of(name.replace("_", " "))
        last = forms[-1] if forms else ""
        if last not in CATEGORY_NAMES | TYPE_NAMES or not any(map(str.isalpha, value)):
            continue  # a number is some taxonomy's id, not a name
        if last in CATEGORY_NAMES or not is_told or named_kinds(path_end(value), language):
            yield name, value


def path_end(path: str) -> str:
    """The last part of a category's path, whose mark is > or /."""
    return path.split(">")[-1].split("/")[-1]


def _stated(product: Product, filed: Sequence[tuple[str, str]], language: str) -> Stated:
    """The category or type among the attributes that names a kind, else the title.

    One that names no kind ("Sale", "Photo") or a whole group ("Furniture") leaves it to
    the title, where that names one.
    """
    title = named_kinds(product.title, language)
    in_title = things_in(product.title, title)
    broad: Stated | None = None
    for name, value in filed:
        own = path_end(value)
        named = named_kinds(own, language)
        kind = common_kind(named) if list_marks().search(own) else last_of(named)
        if not kind.kinds:
            continue
        things = in_title | things_in(own, named)
        stated = Stated(name, value, kind.word, kind.kinds, all_of(named), things)
        if not kind.kinds <= groups():
            return stated
        broad = broad or stated
    head = head_of(product.title, title)
    if broad and not head.kinds:
        return broad
    beside = all_of(title) | (broad.beside if broad else frozenset())
    return Stated("title", product.title, head.word, head.kinds, beside, in_title)
