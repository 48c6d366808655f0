"""The kind of product: what the merchant's data names, against what the model saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..colours import colour_families
from ..taxonomy import OTHER, UNKNOWN
from .known import Known
from .vocabulary import FOODS, kinds_at, kinds_in
from .words import Word, folded, folds, linked, words

__all__ = ["Stated", "mistaken_kinds", "seen_kinds", "settled_kind", "stated_kind"]

_CATEGORY_NAMES = folds("category kategorie catégorie categoría kind")
_TYPE_NAMES = folds("type typ")
_FOLLOWED_BY = folds("with for from in on by mit für aus von avec pour en con para de")
_SIZES = folds("xxs xs s m l xl xxl xxxl")
_FOODS = frozenset(FOODS)


class Stated(NamedTuple):
    """What the merchant calls the product: an attribute's value, or the title.

    `attribute` is "" for the title; `kinds` is empty where no known kind is named. `beside`
    are the kinds that other words of it name: "long sleeve" in "Long sleeve tee".
    """

    attribute: str
    value: str
    kinds: frozenset[str]
    beside: frozenset[str]


def stated_kind(known: Known) -> Stated:
    """The category or type among the attributes, else the title."""
    for name, value in known.product.attributes.items():
        forms = folded(name.replace("_", " "))
        last = forms[-1] if forms else ""
        own = value.split(">")[-1].split("/")[-1]
        kinds = kinds_in(own)
        is_type = last in _TYPE_NAMES and (kinds or not seen_kinds(known))
        is_named = last in _CATEGORY_NAMES or is_type
        if is_named and any(c.isalpha() for c in value):
            # A number is some taxonomy's id, not a name.
            return Stated(name, value, kinds, _all_kinds(own))
    title = known.product.title
    return Stated("", title, _kinds_of_title(title), _all_kinds(title))


def seen_kinds(known: Known) -> frozenset[str]:
    """The kind the model saw, and the kinds its name stands for; empty if it saw none."""
    seen = known.facts.category
    is_told = seen not in (OTHER, UNKNOWN, "")
    return kinds_in(seen) | {seen} if is_told else frozenset()


def mistaken_kinds(known: Known) -> frozenset[str]:
    """What the model took the product for, where the merchant's data names another kind.

    Names of food are names of colours and scents as well: they contradict food only.
    """
    seen, stated = seen_kinds(known), stated_kind(known)
    if not seen or not stated.kinds or seen & (stated.kinds | stated.beside):
        return frozenset()
    return frozenset() if stated.kinds <= _FOODS and not seen & _FOODS else seen


def settled_kind(known: Known) -> str:
    """The kind to write of: the model's; where that is mistaken, the merchant's.

    "" where the merchant's word may mean several kinds.
    """
    if not mistaken_kinds(known):
        return known.facts.category
    kinds = stated_kind(known).kinds
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _kinds_of_title(title: str) -> frozenset[str]:
    """The kinds that a title names where English puts them: at the end of a name.

    "Tee (V-neck)" and "Hoodie black M" do, "Phone case", "Ring light" and "Bed linen" name
    no phone, ring or bed.
    """
    found = words(title)
    for last, kinds in _named(title, found):
        if _ends_name(title, found, last):
            return kinds
    return frozenset()


def _all_kinds(text: str) -> frozenset[str]:
    return frozenset().union(*(kinds for _, kinds in _named(text, words(text))))


def _named(text: str, found: Sequence[Word]) -> Iterator[tuple[int, frozenset[str]]]:
    """The kinds that a name's words name, and the last word of each; not what it is for."""
    forms = tuple(word.fold for word in found)
    at = 0
    while at < len(forms) and forms[at] not in _FOLLOWED_BY:
        size, kinds = kinds_at(forms, at)
        if size and not text[: found[at].start].endswith("-"):  # low-top is no top
            yield at + size - 1, kinds
        at += size or 1


def _ends_name(title: str, found: Sequence[Word], at: int) -> bool:
    """Whether nothing but colours and sizes follows the word before the next pause."""
    while at + 1 < len(found) and linked(title, found[at], found[at + 1]):
        after = found[at + 1]
        if after.fold in _FOLLOWED_BY:
            return True
        is_colour = colour_families(f"{after.fold} item")  # "linen" and "milk" are things
        if not (after.is_number or after.fold in _SIZES or is_colour):
            return False
        at += 1
    return True
