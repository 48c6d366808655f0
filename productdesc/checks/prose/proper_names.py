"""Proper names in prose, told by their capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...words.claims.claim_phrases import function_forms
from ...words.tokens import Token, linked

__all__ = ["is_title_case", "name_at"]

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
    if not _is_capital(text, found[at]) or _is_ordinary(found[at]):
        return 0
    if _OPENING.search(text[found[at - 1].end : found[at].start]):
        return 0
    size = 1
    while (
        size < _MAX_NAME_WORDS
        and at + size < len(found)
        and _is_capital(text, found[at + size])
        and not _is_ordinary(found[at + size])
        and linked(text, found[at + size - 1], found[at + size])
    ):
        size += 1
    return size


def _is_capital(text: str, word: Token) -> bool:
    return not word.is_number and text[word.start].isupper()


def _is_ordinary(word: Token) -> bool:
    """Whether it has a capital in mid-sentence without being anybody's name."""
    return word.form in function_forms("ordinary_capitals")
