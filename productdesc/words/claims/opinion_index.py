"""Index of the opinion rows: the classes of each word, and phrases by their first word.

Words are compared with accents and without case: "été" is no "ete".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ..tokens import Token, tokenize
from .opinion_words import opinion_rows

__all__ = ["OpinionIndex", "OpinionUnit", "opinion_index", "opinion_units"]

_BREAK = re.compile(r"[,;:.!?…()–—|\n]| - ")
_MAX_COMPOUND = 40  # letters
_MIN_PART = 4  # letters of a part of a compound; shorter ones are parts of anything
_LINKING = ("", "s", "n", "en", "es")  # what German puts between the parts
_NOTHING = frozenset[str]()
_PARTS = frozenset({"opinion", "general", "noun"})


class OpinionUnit(NamedTuple):
    """A word or the elided part of one: "d'été" is two units of one token."""

    key: str
    token: int
    clause: int


@dataclass(frozen=True, slots=True)
class OpinionIndex:
    """The rows of one language, by word."""

    language: str
    classes: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    elided: frozenset[str]

    def classes_of(self, key: str) -> frozenset[str]:
        """The classes of a word, of one in the English possessive, or of a compound."""
        listed = self.classes.get(key)
        if listed is None and key.endswith("'s"):
            listed = self.classes.get(key[:-2])
        return listed or _compound(key, self.language)


def opinion_units(
    text: str, words: Sequence[Token], elided: Set[str]
) -> Iterator[OpinionUnit]:
    """Key, token and clause of each word; what stands before an apostrophe is a word."""
    clause = end = 0
    for token, word in enumerate(words):
        clause += bool(_BREAK.search(text, end, word.start))
        end = word.end
        *heads, last = _key(text[word.start : word.end]).split("'")
        while heads and heads[0] in elided:
            yield OpinionUnit(heads.pop(0), token, clause)
        yield OpinionUnit("'".join((*heads, last)), token, clause)


def _key(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().replace("’", "'")


@lru_cache(maxsize=64)
def opinion_index(language: str) -> OpinionIndex:
    """The rows of a language, by its code; empty where it has none."""
    rows = opinion_rows().get(language, ())
    elided = frozenset(w for r in rows if r.word_class == "elision" for w in r.words)
    classes: dict[str, set[str]] = {}
    phrases: dict[str, dict[tuple[str, ...], str]] = {}
    for row in rows:
        for listed in row.words:
            keys = tuple(
                unit.key for unit in opinion_units(listed, tokenize(listed), elided)
            )
            if len(keys) == 1 and row.word_class != "asserts":
                classes.setdefault(keys[0], set()).add(row.word_class)
            else:
                phrases.setdefault(keys[0], {})[keys] = row.word_class
    return OpinionIndex(
        language,
        {key: frozenset(some) for key, some in classes.items()},
        {
            first: tuple(sorted(some.items(), key=lambda item: -len(item[0])))
            for first, some in phrases.items()
        },
        elided,
    )


@lru_cache(maxsize=8192)
def _compound(word: str, language: str) -> frozenset[str]:
    """The class of a German compound of known words: "Sommerabend", "Geschenkidee".

    That of its last part, which is what it names. Beginnings that are made of whole parts
    are extended from left to right.
    """
    if language != "de" or not 2 * _MIN_PART <= len(word) <= _MAX_COMPOUND:
        return _NOTHING
    classes = opinion_index(language).classes
    ends = {0}
    for start in range(len(word) - _MIN_PART + 1):
        if start not in ends:
            continue
        for end in range(start + _MIN_PART, len(word) + 1):
            part = classes.get(word[start:end], _NOTHING) & _PARTS
            if part and end == len(word) and start:
                return part
            if part:
                ends |= {end + len(link) for link in _LINKING if word.startswith(link, end)}
    return _NOTHING
