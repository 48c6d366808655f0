"""Phrase look-up in the tables of claims: what stands at a word, and what it names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from ...words.claims.claim_phrases import (
    ANY_WORD,
    ListedPhrase,
    PhraseIndex,
    Sense,
    claim_index,
    concept_index,
    listed_forms,
    with_kinds,
)
from ...words.claims.claim_tables import function_words
from ...words.tokens import Token, same_at, without_possessive

__all__ = ["Concept", "concepts_at", "ids_of", "listed_at", "pattern_at", "phrase_at"]


class Concept(NamedTuple):
    """What a merchant's words name: how many words, the rows' ids, in what sense.

    `only_in`: the attribute that it must be a value of to mean that.
    """

    size: int
    ids: frozenset[str]
    sense: Sense
    only_in: str


_SHORTEST_STEM = 4
_LONGEST_STEM = 24


def phrase_at(
    text: str, found: Sequence[Token], at: int, language: str
) -> ListedPhrase | None:
    """The longest phrase of the tables of claims at word `at`, or None."""
    return listed_at(claim_index(language), text, found, at)


def listed_at(
    index: PhraseIndex, text: str, found: Sequence[Token], at: int
) -> ListedPhrase | None:
    """The longest phrase of an index at word `at`, or None."""
    for phrase in index.phrases.get(found[at].form, ()):
        # "Child seat" and "man bag" claim nothing, "children's seat" and "men's bag" do.
        if _stands(text, found, at, phrase) and (
            phrase.code
            or _plain(text, found[at : at + len(phrase.forms)])[:-1] == phrase.plain[:-1]
        ):
            return phrase
    return _compound(text, found[at], index)


def concepts_at(text: str, found: Sequence[Token], at: int) -> Iterator[Concept]:
    """What the longest phrase at a merchant's word `at` names, in any language.

    Several where it is a phrase of several rows; one without ids for what names nothing
    ("silk flower").
    """
    index = concept_index()
    size = 0
    for phrase in index.phrases.get(found[at].form, ()):
        if len(phrase.forms) < size:
            return
        if _stands(text, found, at, phrase):
            size = len(phrase.forms)
            yield _concept(phrase)
    compound = None if size else _compound(text, found[at], index)
    if compound:
        yield _concept(compound)


@cache
def ids_of(forms: tuple[str, ...]) -> frozenset[str]:
    """The rows that a phrase by itself stands in, in any language."""
    named = frozenset[str]()
    for phrase in concept_index().phrases.get(forms[0], ()):
        if phrase.forms == forms:
            named |= phrase.ids
    return named


def pattern_at(text: str, found: Sequence[Token], at: int, language: str) -> int:
    """How many words at `at` name a pattern (0: none)."""
    some = listed_forms("pattern", language).get(found[at].form, ())
    return next((len(forms) for forms in some if same_at(text, found, at, forms)), 0)


def _concept(phrase: ListedPhrase) -> Concept:
    ids = with_kinds(phrase.ids)
    return Concept(len(phrase.forms), ids, phrase.sense, phrase.only_in)


def _stands(text: str, found: Sequence[Token], at: int, phrase: ListedPhrase) -> bool:
    forms, words = phrase.forms, found[at : at + len(phrase.forms)]
    if ANY_WORD in forms and len(words) == len(forms):
        forms = tuple(map(_or_any, forms, (word.form for word in words)))
    if not same_at(text, found, at, forms):
        return False
    as_listed = map(_is_same_word, _plain(text, words), phrase.plain)
    if not phrase.is_english and not all(as_listed):
        return False
    kind, listed = phrase.written
    if not kind:
        return True
    written = text[found[at].start : found[at + len(phrase.forms) - 1].end]
    if kind == "capital":
        return written[0].isupper() or _follows_made_in(found, at)
    written = unicodedata.normalize("NFC", written)
    return (written if kind == "case" else written.casefold()) == listed


def _is_same_word(here: str, listed: str) -> bool:
    """Whether it is the word, or its plural or genitive: no "flach" for "Flachs"."""
    as_listed = here == listed or here.removesuffix("s") == listed
    return as_listed or listed == ANY_WORD or listed.isdigit()


def _or_any(listed: str, here: str) -> str:
    return here if listed == ANY_WORD else listed


def _follows_made_in(found: Sequence[Token], at: int) -> bool:
    """Whether a name without its capital stands after "made in", as tags write it."""
    return at > 1 and found[at - 1].form == "in" and found[at - 2].form == "made"


def _plain(text: str, tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(without_possessive(text[word.start : word.end]) for word in tokens)


# ---- compounds ---------------------------------------------------------------------------

_AFTER: dict[str, Sense] = {"not_after": "not", "like_after": "like"}
_BEFORE: dict[str, Sense] = {"like_before": "like"}


def _compound(text: str, word: Token, index: PhraseIndex) -> ListedPhrase | None:
    """The longest beginning, else the longest end, of a compound that a table lists."""
    [written] = _plain(text, (word,))
    sizes = range(min(len(written), _LONGEST_STEM), _SHORTEST_STEM - 1, -1)
    for size in sizes:
        phrase = index.heads.get(written[:size])
        if phrase:
            return _part_of(phrase, word.form, written[size:], _AFTER)
    for size in sizes:
        phrase = index.tails.get(written[-size:])
        if phrase:
            return _part_of(phrase, word.form, written[:-size], _BEFORE)
    return None


def _part_of(
    phrase: ListedPhrase, form: str, rest: str, senses: dict[str, Sense]
) -> ListedPhrase | None:
    """The phrase as the rest of its compound turns it: "Lederimitat", "bleifrei"."""
    if rest in _german("shade_endings"):
        return None  # "lederfarben" is a colour
    sense = next((to for name, to in senses.items() if rest in _german(name)), phrase.sense)
    return replace(phrase, forms=(form,), sense=sense)


@cache
def _german(name: str) -> frozenset[str]:
    return frozenset(map(without_possessive, function_words()[name]["de"]))
