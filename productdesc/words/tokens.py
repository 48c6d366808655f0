"""Tokens: the words and numbers of a text in normal form, with their places in it.

Two words are the same when they differ only in case, accents, width, invisible characters,
British or American spelling, or an English plural or possessive ending. An elided article
is a word of its own: "d'argent" is "de argent".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from ..text.fold import fold
from .singular import singular
from .word_tables import elisions, spellings

__all__ = [
    "FormSet",
    "Token",
    "form_of",
    "forms_of",
    "forms_of_text",
    "linked",
    "same_at",
    "tokenize",
    "without_possessive",
]


class Token(NamedTuple):
    """One word, number or unit sign, and where it stands (`text[start:end]`)."""

    form: str
    start: int
    end: int
    is_number: bool


# A number; a fraction or an exponent of one character; a character of a script without
# spaces; a letter run (with invisible characters and inner apostrophes); a sign that is a
# unit. Every branch is linear.
_WORD = re.compile(
    r"(?P<number>\d+(?:[.,/]\d+)*)"
    r"|[½¼¾⅐-⅞²³]"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
    r"|(?:[^\W\d_½¼¾⅐-⅞²³]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060])+"
    r"(?:['’](?:[^\W\d_])+)*"
    r"|[%‰€$£¥°℃℉″]|(?<=\d)[\"”]"
)
_LINK = re.compile(r"[ \t\u00a0\u2009\u202f\-‐‑–'’/&®™]{0,4}")


@lru_cache(maxsize=16_384)
def form_of(word: str) -> str:
    """The normal form of a word: what two words that count as the same share."""
    plain = without_possessive(word)
    known = spellings()
    if plain in known:
        return known[plain]
    one = singular(plain)
    return known.get(one, one)


def without_possessive(word: str) -> str:
    """The word folded and without an English possessive ending; its number is kept."""
    return fold(word).replace("’", "'").removesuffix("'s").rstrip("'")


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


def tokenize(text: str) -> list[Token]:
    """The words of a text in order; punctuation is left out."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        written, start = match[0], match.start()
        is_number = match["number"] is not None
        while "'" in written or "’" in written:
            head = re.split("['’]", written, maxsplit=1)[0]
            article = elisions().get(fold(head))
            if article is None:
                break
            found.append(Token(form_of(article), start, start + len(head), False))
            written, start = written[len(head) + 1 :], start + len(head) + 1
        form = _number(written) if is_number else form_of(written)
        if form:
            found.append(Token(form, start, match.end(), is_number))
    return found


@lru_cache(maxsize=4096)
def forms_of(phrase: str) -> tuple[str, ...]:
    """A short phrase as the folded words it is made of; remembered."""
    return forms_of_text(phrase)


def forms_of_text(text: str) -> tuple[str, ...]:
    """The folded words of a text however long; nothing is remembered."""
    return tuple(w.form for w in tokenize(text))


class FormSet(Set[str]):
    """A set of words in normal form, made on first use: listing words reads no table.

    Words are separated by spaces; `others` are sets whose words belong to it too.
    """

    def __init__(self, listed: str, *others: Set[str]) -> None:
        self._listed = listed
        self._others = others

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(map(form_of, self._listed.split())).union(*self._others)

    @classmethod
    def _from_iterable(cls, forms: Iterable[Any]) -> frozenset[Any]:
        return frozenset(forms)

    def __contains__(self, form: object) -> bool:
        return form in self._forms

    def __iter__(self) -> Iterator[str]:
        return iter(self._forms)

    def __len__(self) -> int:
        return len(self._forms)


def linked(text: str, left: Token, right: Token) -> bool:
    """Whether only a space, a hyphen or the like stands between two neighbours."""
    return bool(_LINK.fullmatch(text, left.end, right.start))


def same_at(text: str, found: Sequence[Token], at: int, phrase: Sequence[str]) -> bool:
    """Whether `phrase` (folded) stands at word `at`, unbroken by punctuation."""
    if at + len(phrase) > len(found):
        return False
    for offset, form in enumerate(phrase):
        if found[at + offset].form != form:
            return False
        if offset and not linked(text, found[at + offset - 1], found[at + offset]):
            return False
    return True
