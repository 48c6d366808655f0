"""Case folding and accent stripping: "Crème", "CREME" and "creme" compare equal.

The one rule for every layer. Plurals and spellings are words, not letters: see
`words/singular.py` and `words/tokens.py`.
"""

from __future__ import annotations

import unicodedata

__all__ = ["fold"]

_HIDDEN = {"Mn", "Cf"}  # accents set apart, soft hyphens, joiners


def fold(text: str) -> str:
    """The text for comparison: no case, no accents, no width, no invisible characters."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if unicodedata.category(c) not in _HIDDEN)
