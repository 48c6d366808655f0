"""The kind of product: what the merchant's data names, against what the model saw.

Words are English, as in `vocabulary.py`; a name in another language names no kind here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..colours import colour_families
from ..records import Facts, Product
from ..taxonomy import OTHER, UNKNOWN
from .vocabulary import FOODS, kinds_at, kinds_in
from .words import Word, folded, folds, linked, words

__all__ = [
    "Settled",
    "Stated",
    "is_mistaken",
    "seen_kinds",
    "settled_kind",
    "stated_kind",
]

_CATEGORY_NAMES = folds("category kategorie catégorie categoría kind")
_TYPE_NAMES = folds("type typ")
_FOLLOWED_BY = folds("with for from in on by mit für aus von avec pour en con para de")
_SIZES = folds("xxs xs s m l xl xxl xxxl")
_FOODS = frozenset(FOODS)


class Stated(NamedTuple):
    """What the merchant calls the product.

    `source` is the attribute, or "title". `kinds` is empty where no known kind is named;
    `word` is the name of the one kind, or the merchant's own word where it may mean
    several. `beside` are the kinds that the other words name: "long sleeve" in "Long
    sleeve tee".
    """

    source: str
    value: str
    word: str
    kinds: frozenset[str]
    beside: frozenset[str]


class Settled(NamedTuple):
    """The kind to file and to write of, and the attribute or "title" that names it.

    `source` is "" where it is what the model saw.
    """

    kind: str
    source: str


def stated_kind(product: Product, facts: Facts) -> Stated:
    """The category or type among the attributes, else the title."""
    for name, value in product.attributes.items():
        forms = folded(name.replace("_", " "))
        last = forms[-1] if forms else ""
        own = value.split(">")[-1].split("/")[-1]
        kinds = kinds_in(own)
        is_type = last in _TYPE_NAMES and (kinds or not seen_kinds(facts))
        is_named = last in _CATEGORY_NAMES or is_type
        if is_named and any(c.isalpha() for c in value):
            # A number is some taxonomy's id, not a name.
            return Stated(name, value, _one(kinds, own), kinds, _all_kinds(own))
    title = product.title
    word, kinds = _kind_of_title(title)
    return Stated("title", title, _one(kinds, word), kinds, _all_kinds(title))


def seen_kinds(facts: Facts) -> frozenset[str]:
    """The kind the model saw, and the kinds its name stands for; empty if it saw none."""
    seen = facts.category
    is_told = seen not in (OTHER, UNKNOWN, "")
    return kinds_in(seen) | {seen} if is_told else frozenset()


def is_mistaken(product: Product, facts: Facts) -> bool:
    """Whether the merchant's data names another kind than the model saw.

    Names of food are names of colours and scents as well: they contradict food only.
    """
    seen, stated = seen_kinds(facts), stated_kind(product, facts)
    if not seen or not stated.kinds or seen & (stated.kinds | stated.beside):
        return False
    return not stated.kinds <= _FOODS or bool(seen & _FOODS)


def settled_kind(product: Product, facts: Facts) -> Settled:
    """The model's kind; the merchant's where that is mistaken, or where it saw none."""
    stated = stated_kind(product, facts)
    if stated.kinds and (not seen_kinds(facts) or is_mistaken(product, facts)):
        return Settled(stated.word, stated.source)
    return Settled(facts.category, "")


def _one(kinds: frozenset[str], word: str) -> str:
    return next(iter(kinds)) if len(kinds) == 1 else word.strip().casefold()


def _kind_of_title(title: str) -> tuple[str, frozenset[str]]:
    """The kinds that a title names where English puts them, at the end of a name.

    "Tee (V-neck)" and "Hoodie black M" do; "Phone case", "Ring light" and "Bed linen" name
    no phone, ring or bed, and "Candle - peach" no fruit.
    """
    found = words(title)
    for first, last, kinds in _named(title, found):
        is_beside = first > 0 and not _goes_on(title, found[first - 1], found[first])
        if _ends_name(title, found, last) and not (is_beside and kinds <= _FOODS):
            return title[found[first].start : found[last].end], kinds
    return "", frozenset()


def _all_kinds(text: str) -> frozenset[str]:
    return frozenset().union(*(kinds for *_, kinds in _named(text, words(text))))


def _named(text: str, found: Sequence[Word]) -> Iterator[tuple[int, int, frozenset[str]]]:
    """First word, last word and meaning of each kind in a name; not of what it is for."""
    forms = tuple(word.fold for word in found)
    at = 0
    while at < len(forms) and forms[at] not in _FOLLOWED_BY:
        size, kinds = kinds_at(forms, at)
        if size and not text[: found[at].start].endswith("-"):  # low-top is no top
            yield at, at + size - 1, kinds
        at += size or 1


def _ends_name(title: str, found: Sequence[Word], at: int) -> bool:
    """Whether nothing but colours and sizes follows the word before the next pause."""
    while at + 1 < len(found) and _goes_on(title, found[at], found[at + 1]):
        after = found[at + 1]
        if after.fold in _FOLLOWED_BY:
            return True
        is_colour = colour_families(f"{after.fold} item")  # "linen" and "milk" are things
        if not (after.is_number or after.fold in _SIZES or is_colour):
            return False
        at += 1
    return True


def _goes_on(title: str, left: Word, right: Word) -> bool:
    """Whether two words stand in one name: "low-top tee" do, "Tee - peach" do not."""
    between = title[left.end : right.start]
    is_pause = between[:1].isspace() and between[-1:].isspace() and between.strip()
    return linked(title, left, right) and (not is_pause or "&" in between)
