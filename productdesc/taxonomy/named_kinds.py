"""Kinds in a name: those that a title or a category names, and which one it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from ..words import word_tables
from ..words.colour_names import colour_families
from ..words.kind_names import KIND_LANGUAGES, KindName, kind_at, kinds_above
from ..words.tokens import FormSet, Token, form_of, linked, tokenize
from .closed_lists import OTHER, product_types

__all__ = [
    "NamedKind",
    "all_of",
    "common_kind",
    "food_types",
    "groups",
    "head_of",
    "last_of",
    "list_marks",
    "named_kinds",
    "offered_type",
    "things_in",
]

_FOLLOWED_BY = FormSet(
    "with without for from in on by mit ohne für aus von avec sans pour en con sin para de"
    " per da di"
)
_USED_FOR = FormSet("for für pour para per")
_NOUN_FIRST = ("fr", "es", "it")  # languages in which a name begins with its noun
_ONE_WORD = ("de", "nl")  # languages that write "chair cover" as one word


class NamedKind(NamedTuple):
    """A kind that the words `first` to `last` name, what to call it, in which language."""

    first: int
    last: int
    word: str
    kinds: frozenset[str]
    language: str = "en"


def named_kinds(text: str, language: str) -> list[NamedKind]:
    """The kinds in a name, left to right; not of what the product is for or comes with."""
    first = tuple(dict.fromkeys((language, "en")))
    found = tokenize(text)
    return _in_languages(text, found, first) or _in_languages(text, found, KIND_LANGUAGES)


def _in_languages(
    text: str, found: Sequence[Token], languages: Sequence[str]
) -> list[NamedKind]:
    named: list[NamedKind] = []
    at = 0
    while at < len(found) and found[at].form not in _FOLLOWED_BY:
        name, language = _name_at(text, found, at, languages)
        if name and not text.endswith("-", 0, found[at].start):  # low-top is no top
            own = " ".join(word.form for word in found[at : at + name.size])
            only = offered_type(name.kinds) if len(name.kinds) == 1 else ""
            last = at + name.size - 1
            named.append(NamedKind(at, last, only or own, name.kinds, language))
        at += name.size if name else 1
    return named


def _name_at(
    text: str, found: Sequence[Token], at: int, languages: Sequence[str]
) -> tuple[KindName | None, str]:
    """The longest kind that any of the languages names there; the first of equals."""
    best, its = None, "en"
    for language in languages:
        if language in KIND_LANGUAGES:
            name = kind_at(text, found, at, language)
            if name and (best is None or name.size > best.size):
                best, its = name, language
            elif name and best and name.size == best.size:
                best = best._replace(kinds=best.kinds | name.kinds)
    return best, its


def things_in(text: str, named: Sequence[NamedKind]) -> frozenset[str]:
    """The kinds of a name that are things of their own, also what it comes with."""
    found = tokenize(text)
    languages = tuple({kind.language for kind in named} | {"en"})
    things: set[str] = set()
    at = 0
    while at < len(found) and found[at].form not in _USED_FOR:
        name, _ = _name_at(text, found, at, languages)
        if name is None:
            at += 1
            continue
        at += name.size
        ends = at == len(found) or found[at].form in _FOLLOWED_BY
        gap = "" if ends else text[found[at - 1].end : found[at].start]
        if ends or "&" in gap or not linked(text, found[at - 1], found[at]):
            things |= name.kinds
    return frozenset(things)


_NONE = NamedKind(0, 0, "", frozenset())


def last_of(named: Sequence[NamedKind]) -> NamedKind:
    """The kind of a category's name: English puts it at the end."""
    return named[-1] if named else _NONE


def common_kind(named: Sequence[NamedKind]) -> NamedKind:
    """The type that all names of a list have in common, or OTHER: which of them is it?

    "Hoodies & Sweatshirts" are longsleeves, "Hats & Scarves" are hats or scarves.
    """
    last, types = last_of(named), {kind.kinds for kind in named}
    if len(types) < 2:
        return last
    common = frozenset.intersection(
        *(frozenset[str]().union(*map(kinds_above, kinds)) for kinds in types)
    )
    above = frozenset[str]().union(*(kinds_above(kind) - {kind} for kind in common))
    nearest = common - above - groups()
    if len(nearest) == 1:
        [kind] = nearest
        return last._replace(word=offered_type(nearest) or kind, kinds=nearest)
    return last._replace(word=OTHER)


def all_of(named: Sequence[NamedKind]) -> frozenset[str]:
    return frozenset().union(*(kind.kinds for kind in named))


def head_of(title: str, named: Sequence[NamedKind]) -> NamedKind:
    """The kind that a title names where English puts it, at the end of a name.

    "Tee (V-neck)" and "Hoodie black M" do; "Table runner" names no table, and "Candle -
    peach" no fruit. Where French, Spanish or Italian names it, it is the first noun.
    """
    found = tokenize(title)
    ends, until = False, -1
    for kind in named:
        first = kind.first
        if kind.last > until:
            ends, until = _ends_name(title, found, kind.last, kind.language)
        is_beside = first > 0 and not _goes_on(title, found[first - 1], found[first])
        if ends and not (is_beside and kind.kinds <= food_types()):
            return kind
    return next((kind for kind in named if kind.language in _NOUN_FIRST), _NONE)


def _ends_name(
    title: str, found: Sequence[Token], at: int, language: str
) -> tuple[bool, int]:
    """Whether nothing but colours and sizes follows the word before the next pause.

    With the last of these: the same holds for each of them.
    """
    while at + 1 < len(found) and _goes_on(title, found[at], found[at + 1]):
        after = found[at + 1]
        if after.form in _FOLLOWED_BY:
            return True, at
        if language in _ONE_WORD:
            return _name_at(title, found, at + 1, (language,))[0] is None, at
        is_colour = colour_families(f"{after.form} item")  # "linen" and "milk" are things
        # "LUMO" is a model's name
        is_model = after.end > after.start + 1 and title[after.start : after.end].isupper()
        is_known = after.is_number or after.form in _sizes() or bool(is_colour)
        if not (is_known or is_model):
            return False, at
        at += 1
    return True, at


def _goes_on(title: str, left: Token, right: Token) -> bool:
    """Whether two words stand in one name: "low-top tee" do, "Tee - peach" do not."""
    between = title[left.end : right.start]
    is_pause = between[:1].isspace() and between[-1:].isspace() and between.strip()
    return linked(title, left, right) and (not is_pause or "&" in between)


@cache
def food_types() -> frozenset[str]:
    """Product types whose names are colours as well: orange, plum, lime, cream, peach."""
    food = {row.name for row in word_tables.product_types() if row.is_food} | {"food"}
    rows = (row.name for row in word_tables.kinds())
    return frozenset(name for name in (*rows, *food) if kinds_above(name) & food)


@cache
def _sizes() -> frozenset[str]:
    return frozenset(map(form_of, word_tables.letter_sizes()))


@cache
def list_marks() -> re.Pattern[str]:
    """ "Hats & Scarves": which of them?"""
    return re.compile(r"[&+,]|\b(?:and|und|et|y|e)\b")


@cache
def groups() -> frozenset[str]:
    """Kinds of kinds that no model is offered: clothing, furniture."""
    parents = {parent for row in word_tables.kinds() for parent in row.is_a}
    return frozenset(parents - set(product_types()))


def offered_type(kinds: Iterable[str], types: Sequence[str] = ()) -> str:
    """The nearest of some types that a kind is or belongs to, "" where there is none.

    types: by default the list that a model chooses from.
    """
    parents = {row.name: row.is_a for row in word_tables.kinds()}
    types = types or product_types()
    level = list(kinds)
    while level:
        for kind in level:
            if kind in types:
                return kind
        level = [parent for kind in level for parent in parents.get(kind, ())]
    return ""
