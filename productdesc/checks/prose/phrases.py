"""Phrase look-up in the claim lexicon: the longest phrase that stands at a word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ...words.tokens import Token, forms_of, same_at, tokenize, without_possessive
from .lexicon import LEXICON, NOT_CLAIMS

__all__ = ["Phrase", "phrase_at"]


class Phrase(NamedTuple):
    """One entry of the lexicon; `code` is empty for what only looks like a claim.

    `plain` are its words folded, in the number in which they are listed.
    """

    forms: tuple[str, ...]
    code: str
    any_ending: bool
    cased: str
    plain: tuple[str, ...]


# Shorter English words mean other things in other languages: "fur", "man", "men", "eco".
_MIN_BORROWED = 5


def phrase_at(text: str, found: Sequence[Token], at: int, language: str) -> Phrase | None:
    """The longest phrase of the lexicon at word `at`, or None."""
    index, stems = _index(language)
    for phrase in index.get(found[at].form, ()):
        if phrase.cased and text[found[at].start : found[at].end] != phrase.cased:
            continue
        if not same_at(text, found, at, phrase.forms):
            continue
        # "Child seat" and "man bag" claim nothing, "children's seat" and "men's bag" do.
        if (
            phrase.code
            or _plain(text, found[at : at + len(phrase.forms)])[:-1] == (phrase.plain[:-1])
        ):
            return phrase
    [written] = _plain(text, found[at : at + 1])
    for size in range(min(len(written), _LONGEST_STEM), _SHORTEST_STEM - 1, -1):
        code = stems.get(written[:size])
        if code is not None:
            return Phrase((found[at].form,), code, True, "", (written,))
    return None


def _plain(text: str, tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(without_possessive(text[word.start : word.end]) for word in tokens)


_SHORTEST_STEM = 4
_LONGEST_STEM = 24


@lru_cache(maxsize=64)
def _index(language: str) -> tuple[dict[str, tuple[Phrase, ...]], dict[str, str]]:
    entries: dict[str, dict[tuple[tuple[str, ...], str], Phrase]] = {}
    stems: dict[str, str] = {}
    tables = [("", NOT_CLAIMS), *LEXICON.items()]
    for code, table in tables:
        for tongue in dict.fromkeys(("en", language)):
            for phrase in _phrases(code, table.get(tongue, "")):
                borrowed = tongue == "en" and language != "en"
                if borrowed and _is_short(phrase):
                    continue
                if phrase.any_ending and len(phrase.forms) == 1:
                    stems.setdefault(phrase.plain[0], code)
                entries.setdefault(phrase.forms[0], {})[phrase.forms, phrase.cased] = phrase
    index = {
        first: tuple(sorted(some.values(), key=lambda p: -len(p.forms)))
        for first, some in entries.items()
    }
    return index, stems


def _is_short(phrase: Phrase) -> bool:
    return (
        len(phrase.forms) == 1 and len(phrase.forms[0]) < _MIN_BORROWED and not phrase.cased
    )


def _phrases(code: str, listed: str) -> list[Phrase]:
    phrases = []
    for entry in filter(None, (part.strip() for part in listed.split(","))):
        cased = entry[1:] if entry.startswith("=") else ""
        any_ending = entry.endswith("*")
        words = entry.strip("=*")
        plain = _plain(words, tokenize(words))
        phrases.append(Phrase(forms_of(words), code, any_ending, cased, plain))
    return phrases
