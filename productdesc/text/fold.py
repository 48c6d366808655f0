"""Case folding and accent stripping: "Crème", "CREME" and "creme" compare equal.

The one rule for every layer. Plurals and spellings are words, not letters: see
`words/singular.py` and `words/tokens.py`.
"""

from __future__ import annotations

import unicodedata

__all__ = ["clean_name", "fold"]

_HIDDEN = {"Mn", "Cf"}  # accents set apart, soft hyphens, joiners
_JOINERS = {"\u200c", "\u200d"}


def fold(text: str) -> str:
    """The text for comparison: no case, no accents, no width, no invisible characters."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if unicodedata.category(c) not in _HIDDEN)


def clean_name(text: str) -> str:
    """The name of a column or product as a reader sees it, letter case and accents kept.

    In NFC, without invisible characters (zero width, byte order marks, soft hyphens), and
    with single plain spaces. Joiners between letters beyond ASCII, as Persian has, stay.
    """
    if text.isascii():
        return " ".join(text.split())
    plain = "".join(c for c in text if unicodedata.category(c) != "Cf")
    if not plain.isascii():
        joined = (c for c in text if c in _JOINERS or unicodedata.category(c) != "Cf")
        plain = "".join(joined).strip("".join(_JOINERS))
    return " ".join(unicodedata.normalize("NFC", plain).split())
