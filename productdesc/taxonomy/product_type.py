"""The product type: what the merchant's data names, against what the model saw.

Words are the English ones of `words/product_types.toml`; a name in another language names
no type here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from ..records import Facts, Product
from ..words import word_tables
from ..words.colour_names import colour_families
from ..words.tokens import FormSet, Token, form_of, forms_of, linked, tokenize
from .closed_lists import OTHER, UNKNOWN

__all__ = [
    "Settled",
    "Stated",
    "TypeComparison",
    "compare_types",
    "food_types",
    "settled_kind",
    "types_at",
]

_CATEGORY_NAMES = FormSet("category kategorie catégorie categoría kind")
_TYPE_NAMES = FormSet("type typ")
_FOLLOWED_BY = FormSet("with for from in on by mit für aus von avec pour en con para de")


class Stated(NamedTuple):
    """The product type that the merchant's data names.

    `source` is the attribute, or "title". `kinds` is empty where no known kind is named;
    `word` is the name of the one kind, the merchant's own word (folded) where it may mean
    several, or `OTHER` for a list without one in common. `beside` are all kinds that its
    words name: also "long sleeve" in "Long sleeve tee".
    """

    source: str
    value: str
    word: str
    kinds: frozenset[str]
    beside: frozenset[str]


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
    """

    stated: Stated
    seen: frozenset[str]
    is_mistaken: bool
    settled: Settled


def compare_types(product: Product, facts: Facts) -> TypeComparison:
    """Compare the product type in the data with the one the model saw.

    The merchant's kind is settled upon where the model was mistaken or saw none. Names of
    food are names of colours and scents as well: they contradict food only.
    """
    is_told = facts.category not in (OTHER, UNKNOWN, "")
    seen = frozenset[str]()
    if is_told:
        seen = _last(_named(facts.category)).kinds | {facts.category}
    stated = _stated(product, is_told)
    differs = bool(seen and stated.kinds) and not seen & (stated.kinds | stated.beside)
    mistaken = differs and (not stated.kinds <= food_types() or bool(seen & food_types()))
    settled = Settled(facts.category, "")
    if stated.kinds and (mistaken or not is_told):
        settled = Settled(stated.word, stated.source)
    return TypeComparison(stated, seen, mistaken, settled)


def settled_kind(product: Product, facts: Facts) -> Settled:
    """The settled type: the model's; the merchant's where that is mistaken or saw none."""
    return compare_types(product, facts).settled


def _stated(product: Product, is_told: bool) -> Stated:
    """The category or type among the attributes, else the title."""
    for name, value in product.attributes.items():
        forms = forms_of(name.replace("_", " "))
        last = forms[-1] if forms else ""
        if last not in _CATEGORY_NAMES | _TYPE_NAMES or not any(map(str.isalpha, value)):
            continue  # a number is some taxonomy's id, not a name
        own = value.split(">")[-1].split("/")[-1]
        named = _named(own)
        if last in _CATEGORY_NAMES or named or not is_told:
            kind = _of_list(named) if _list_marks().search(own) else _last(named)
            return Stated(name, value, kind.word, kind.kinds, _all(named))
    named = _named(product.title)
    head = _head(product.title, named)
    return Stated("title", product.title, head.word, head.kinds, _all(named))


class _Named(NamedTuple):
    """A kind that the words `first` to `last` name, and what to call it."""

    first: int
    last: int
    word: str
    kinds: frozenset[str]


def _named(text: str) -> list[_Named]:
    """The kinds in a name, left to right; not of what the product is for or comes with."""
    found = tokenize(text)
    forms = tuple(word.form for word in found)
    named: list[_Named] = []
    at = 0
    while at < len(forms) and forms[at] not in _FOLLOWED_BY:
        size, kinds = types_at(forms, at)
        if size and not text.endswith("-", 0, found[at].start):  # low-top is no top
            own = " ".join(forms[at : at + size])
            word = next(iter(kinds)) if len(kinds) == 1 else own
            named.append(_Named(at, at + size - 1, word, kinds))
        at += size or 1
    return named


_NONE = _Named(0, 0, "", frozenset())


def _last(named: Sequence[_Named]) -> _Named:
    """The kind of a category's name: English puts it at the end."""
    return named[-1] if named else _NONE


def _of_list(named: Sequence[_Named]) -> _Named:
    """The type that all names of a list have in common, or OTHER: which of them is it?

    "Hoodies & Sweatshirts" are longsleeves, "Hats & Scarves" are hats or scarves.
    """
    last, types = _last(named), {kind.kinds for kind in named}
    if len(types) < 2:
        return last
    common = frozenset.intersection(*types)
    if len(common) == 1:
        return last._replace(word=next(iter(common)), kinds=common)
    return last._replace(word=OTHER)


def _all(named: Sequence[_Named]) -> frozenset[str]:
    return frozenset().union(*(kind.kinds for kind in named))


def _head(title: str, named: Sequence[_Named]) -> _Named:
    """The kind that a title names where English puts it, at the end of a name.

    "Tee (V-neck)" and "Hoodie black M" do; "Phone case", "Ring light" and "Bed linen" name
    no phone, ring or bed, and "Candle - peach" no fruit.
    """
    found = tokenize(title)
    ends, until = False, -1
    for kind in named:
        first = kind.first
        if kind.last > until:
            ends, until = _ends_name(title, found, kind.last)
        is_beside = first > 0 and not _goes_on(title, found[first - 1], found[first])
        if ends and not (is_beside and kind.kinds <= food_types()):
            return kind
    return _NONE


def _ends_name(title: str, found: Sequence[Token], at: int) -> tuple[bool, int]:
    """Whether nothing but colours and sizes follows the word before the next pause.

    With the last of these: the same holds for each of them.
    """
    while at + 1 < len(found) and _goes_on(title, found[at], found[at + 1]):
        after = found[at + 1]
        if after.form in _FOLLOWED_BY:
            return True, at
        is_colour = colour_families(f"{after.form} item")  # "linen" and "milk" are things
        if not (after.is_number or after.form in _sizes() or is_colour):
            return False, at
        at += 1
    return True, at


def _goes_on(title: str, left: Token, right: Token) -> bool:
    """Whether two words stand in one name: "low-top tee" do, "Tee - peach" do not."""
    between = title[left.end : right.start]
    is_pause = between[:1].isspace() and between[-1:].isspace() and between.strip()
    return linked(title, left, right) and (not is_pause or "&" in between)


def types_at(forms: tuple[str, ...], at: int) -> tuple[int, frozenset[str]]:
    """How many words at `at` name a product type (0: none), and which types."""
    for size in (3, 2, 1):
        kinds = _types_by_forms().get(forms[at : at + size])
        if kinds and at + size <= len(forms):
            return size, kinds
    return 0, frozenset()


@cache
def _types_by_forms() -> Mapping[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for row in word_tables.product_types():
        if row.synonyms is not None:
            for name in (row.name, *row.aliases, *row.synonyms):
                found.setdefault(forms_of(name), set()).add(row.name)
    return {forms: frozenset(names) for forms, names in found.items()}


@cache
def food_types() -> frozenset[str]:
    """Product types whose names are colours as well: orange, plum, lime, cream, peach."""
    return frozenset(row.name for row in word_tables.product_types() if row.is_food)


@cache
def _sizes() -> frozenset[str]:
    return frozenset(map(form_of, word_tables.letter_sizes()))


@cache
def _list_marks() -> re.Pattern[str]:
    """ "Hats & Scarves": which of them?"""
    return re.compile(r"[&+,]|\b(?:and|und|et|y)\b")
