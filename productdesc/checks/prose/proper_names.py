"""Proper names in prose: brands and places, told by their capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ...words.tokens import FormSet, Token, forms_of, linked, same_at
from .vocabulary import COUNTRIES, DEMONYMS

__all__ = ["is_title_case", "name_at", "place_at"]

# Capitalised in the middle of an English sentence without being anybody's name.
_ORDINARY = FormSet(
    "i i'm i've a t v u o x y s m l xl monday tuesday wednesday thursday friday"
    " saturday  sunday january february march april may june july august september"
    " october november  december christma christmas easter halloween valentine new led"
    " usb tv diy uv hd lcd  oled dj pc pcs cd dvd ok oxford chelsea hawaiian panama"
    " bermuda henley breton aran fair  isle norfolk cuban scandinavian and the with for"
    " of in on spring summer autumn  winter"
)
_OPENING = re.compile(r"[:;•\n\"“„«(\[–—/|]|^\s*[-*]\s*$")
_MAX_NAME_WORDS = 4


def is_title_case(text: str, found: Sequence[Token]) -> bool:
    """Whether capitals tell nothing here: a title in capitals, or all of it shouted."""
    shouted = sum(text[w.start : w.end].isupper() for w in found)
    if text.rstrip().endswith((".", "!", "?")):
        return shouted * 2 > len(found)
    long = [w for w in found[1:] if w.end - w.start > 3 and not w.is_number]
    upper = sum(text[w.start].isupper() for w in long)
    return bool(long) and upper * 2 >= len(long)


def name_at(text: str, found: Sequence[Token], at: int) -> int:
    """How many words at `at` make up a capitalised name (0: none).

    The first word of a sentence, and one after a colon or a quotation mark, has its
    capital anyway and does not count.
    """
    if not at or found[at].end - found[at].start < 2:
        return 0
    if not _is_capital(text, found[at]) or found[at].form in _ORDINARY:
        return 0
    if _OPENING.search(text[found[at - 1].end : found[at].start]):
        return 0
    size = 1
    while (
        size < _MAX_NAME_WORDS
        and at + size < len(found)
        and _is_capital(text, found[at + size])
        and found[at + size].form not in _ORDINARY
        and linked(text, found[at + size - 1], found[at + size])
    ):
        size += 1
    return size


def _is_capital(text: str, word: Token) -> bool:
    return not word.is_number and text[word.start].isupper()


def place_at(text: str, found: Sequence[Token], at: int) -> int:
    """How many words at `at` name a country, or its people's adjective (0: neither)."""
    if not text[found[at].start].isupper():
        return 0  # "turkey" and "china" are food and tableware
    for forms in _places().get(found[at].form, ()):
        if same_at(text, found, at, forms):
            if (
                forms in _SHORT_PLACES
                and not text[found[at].start : found[at].end].isupper()
            ):
                return 0
            return len(forms)
    return 0


_SHORT_PLACES = {("uk",), ("eu",), ("usa",), ("us",)}


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[tuple[str, ...], ...]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    for name in f"{COUNTRIES}, {DEMONYMS}".split(","):
        forms = forms_of(name.strip())
        index.setdefault(forms[0], []).append(forms)
    return {
        first: tuple(sorted(some, key=len, reverse=True)) for first, some in index.items()
    }
