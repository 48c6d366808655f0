"""Texts as words: folded for comparison, with their places in the text.

Two words are the same when they differ only in case, accents, width, invisible characters,
British or American spelling, or an English plural or possessive ending.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "Word",
    "fold",
    "folded",
    "folded_all",
    "folds",
    "linked",
    "same_at",
    "sentences",
    "words",
]


class Word(NamedTuple):
    """One word, number or unit sign, and where it stands (`text[start:end]`)."""

    fold: str
    start: int
    end: int
    is_number: bool


# A number; a character of a script without spaces; a letter run (with invisible characters
# and inner apostrophes); a sign that is a unit. Every branch is linear.
_WORD = re.compile(
    r"(?P<number>\d+(?:[.,/]\d+)*)"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
    r"|(?:[^\W\d_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060])+"
    r"(?:['’](?:[^\W\d_])+)*"
    r"|[%€$£¥°″½¼¾²³]|(?<=\d)[\"”]"
)
_LINK = re.compile(r"[ \t\u00a0\u202f\-‐‑–'’/&®™]{0,4}")
_HIDDEN = {"Mn", "Cf"}
_SPELLINGS = {
    # American or variant -> the form compared; whole words only.
    "color": "colour", "gray": "grey", "fiber": "fibre", "aluminum": "aluminium",
    "liter": "litre", "meter": "metre", "jewelry": "jewellery", "mold": "mould",
    "percent": "%", "prozent": "%", "yoghurt": "yogurt", "woolen": "wool",
    "woollen": "wool", "wooden": "wood", "golden": "gold", "leathern": "leather",
    "organically": "organic", "sustainably": "sustainable", "certificate": "certified",
}  # fmt: skip


@lru_cache(maxsize=16_384)
def fold(word: str) -> str:
    """The form in which a word is compared."""
    decomposed = unicodedata.normalize("NFKD", word.replace("ß", "ss")).casefold()
    plain = "".join(c for c in decomposed if unicodedata.category(c) not in _HIDDEN)
    plain = plain.replace("’", "'")
    plain = plain.removesuffix("'s").rstrip("'")
    return _SPELLINGS.get(plain) or _singular(plain)


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def _number(digits: str) -> str:
    """One spelling of a number: 1,000 is 1000; 1,5 is 1.5; 42.0 is 42."""
    plain = unicodedata.normalize("NFKC", digits)
    if "/" in plain:
        return plain
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".")
    if plain.count(".") != 1:
        return plain
    return plain.rstrip("0").rstrip(".")


def words(text: str) -> list[Word]:
    """The words of a text in order; punctuation is left out."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        is_number = match["number"] is not None
        form = _number(match[0]) if is_number else fold(match[0])
        if form:
            found.append(Word(form, match.start(), match.end(), is_number))
    return found


@lru_cache(maxsize=4096)
def folded(phrase: str) -> tuple[str, ...]:
    """A short phrase as the folded words it is made of; remembered."""
    return folded_all(phrase)


def folded_all(text: str) -> tuple[str, ...]:
    """The folded words of a text however long; nothing is remembered."""
    return tuple(w.fold for w in words(text))


def folds(listed: str) -> frozenset[str]:
    """A set of words, written with spaces between, in the form that is compared."""
    return frozenset(fold(word) for word in listed.split())


def linked(text: str, left: Word, right: Word) -> bool:
    """Whether only a space, a hyphen or the like stands between two neighbours."""
    return bool(_LINK.fullmatch(text, left.end, right.start))


def same_at(text: str, found: Sequence[Word], at: int, phrase: Sequence[str]) -> bool:
    """Whether `phrase` (folded) stands at word `at`, unbroken by punctuation."""
    if at + len(phrase) > len(found):
        return False
    for offset, form in enumerate(phrase):
        if found[at + offset].fold != form:
            return False
        if offset and not linked(text, found[at + offset - 1], found[at + offset]):
            return False
    return True


# Words that end in a full stop without ending a sentence.
_ABBREVIATIONS = (
    *("approx", "no", "nr", "ca", "in", "ft", "oz", "lb", "vs", "incl", "max", "min"),
    *("dr", "st", "mr", "mrs", "inc", "ltd", "co", "eg", "ie"),
)
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]|\n+")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; together they cover the whole text."""
    start = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        if stop[0] == ".":
            head = text[max(start, stop.start() - 8) : stop.start()]
            last = re.split(r"[^\w]", head)[-1]
            after = text[end : end + 2].strip()
            if last.casefold() in _ABBREVIATIONS and not after[:1].isupper() and after:
                continue
        while end < len(text) and text[end].isspace():
            end += 1
        if text[start:end].strip():
            yield start, end
            start = end
    if start < len(text):
        yield start, len(text)
