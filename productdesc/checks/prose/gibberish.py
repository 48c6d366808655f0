"""Gibberish: words that stand in no data and that no language would spell.

A word is judged by the dictionary (`words/dictionary.py`) where its letter case says that
it is meant as a word; one that may be a name is gibberish only where its letters repeat or
cannot be spoken. What the merchant writes and what was read on the product never is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

from ...text.fold import fold
from ...words.dictionary import LANGUAGES, is_word
from ...words.kind_names import kind_at
from ...words.tokens import Token, tokenize
from .proper_names import is_title_case
from .sentences import sentences

if TYPE_CHECKING:
    from ..claims.sources import SourceIndex

__all__ = ["gibberish"]

_MIN_LETTERS = 4  # shorter ones are abbreviations, units and sizes more often than words
_MAX_CAPITALS = 6  # letters of a word in capitals that is an abbreviation
_MIN_SENTENCE = 4  # words; fewer without a full stop are a label, whose capital is none
_NOUNS_HAVE_CAPITALS = ("de",)

_REPEATED = re.compile(
    r"([^\W\d_])\1\1\1"  # four equal letters: three stand in "Schifffahrt"
    r"|([^\W\d_]{2,6})\2\2"  # the same syllables three times
)
_UNSPOKEN = re.compile(r"[bcdfghjklmnpqrstvwxz]{7}|^[bcdfghjklmnpqrstvwxz]{4,}$")
_DOUBLED = re.compile(r"([^\W\d_a-zA-Zßæœ])\1")  # "ÿÿ": no language doubles these
_LATIN = re.compile(r"[a-zA-Z\u00aa-\u024f\u0300-\u036f\u1e00-\u1eff'’]+")


def gibberish(text: str, known: SourceIndex, language: str) -> list[tuple[int, int]]:
    """Start and end of each word of the text that is none, in order.

    Never a word of the merchant's data or read on a photo, one with digits in it (a SKU),
    an abbreviation, or a short word in capitals. Silent in languages without a dictionary.
    """
    code = language.split("-")[0].casefold()
    if code not in LANGUAGES:
        return []
    found, own = tokenize(text), _own_words(known)
    words = _meant_as_words(text, found, known, code)
    return [
        (word.start, word.end)
        for at, word in enumerate(found)
        if word.form not in own
        and not kind_at(text, found, at, code)
        and _is_read(text, word)
        and _is_gibberish(text[word.start : word.end], at in words, code, own)
    ]


def _own_words(known: SourceIndex) -> frozenset[str]:
    """Every word of the merchant, names of attributes and id included, and of photos."""
    own = set(known.places)
    own.update(form for source in known.sources for form in source.key)
    own |= known.own_words()
    own.update(word.form for word in tokenize(known.product.id))
    return frozenset(own)


def _meant_as_words(
    text: str, found: Sequence[Token], known: SourceIndex, language: str
) -> Set[int]:
    """Places of the words that are no names by their letter case.

    In small letters, behind a full stop, or a noun where nouns have capitals. In a title
    or label any word may have one: there a name is the merchant's, or it is none.
    """
    is_label = len(found) < _MIN_SENTENCE and not text.rstrip().endswith((".", "!", "?"))
    is_title = is_label or is_title_case(text, found)
    if is_title and known.product.title.strip():
        return set(range(len(found)))
    nouns = language in _NOUNS_HAVE_CAPITALS and not is_title
    starts = set() if is_title else set(_first_words(text, found))
    return {
        at
        for at, word in enumerate(found)
        if text[word.start : word.end].islower()
        or (text[word.start + 1 : word.end].islower() and (nouns or at in starts))
    }


def _first_words(text: str, found: Sequence[Token]) -> Iterator[int]:
    at = 0
    for start, _ in sentences(text):
        while at < len(found) and found[at].start < start:
            at += 1
        yield at


def _is_read(text: str, word: Token) -> bool:
    """Whether it is a whole word in Latin letters, and no mark or abbreviation.

    "B07x", "shop.example", "Tencel®", "approx. 5" and the last word of "to be cont..." are
    none.
    """
    written = text[word.start : word.end]
    if word.is_number or not _LATIN.fullmatch(written):
        return False
    if written.isupper() and len(written) <= _MAX_CAPITALS:
        return False
    before = text[max(0, word.start - 2) : word.start]
    after = text[word.end : word.end + 3]
    if re.search(r"[\d_@#\\]$|\w\.$", before) or re.match(r"[\d_@®™]|\.\w|…|\.\.", after):
        return False
    is_short = word.end - word.start <= _MIN_LETTERS
    return not (is_short and re.match(r"\.\s?[\da-z]", after))


def _is_gibberish(written: str, is_word_here: bool, language: str, own: Set[str]) -> bool:
    plain = fold(written).replace("’", "'")
    composed = unicodedata.normalize("NFC", written).casefold()
    if _DOUBLED.search(composed) or _REPEATED.search(plain):
        return True
    if len(plain) < _MIN_LETTERS:
        return False
    if not is_word_here and not _UNSPOKEN.search(plain):
        return False
    return not is_word(written, language, own)
