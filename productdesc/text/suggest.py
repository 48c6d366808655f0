"""Spelling suggestions: which of the known names an unknown one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from .printable import quoted

CUTOFF = 0.55
"""How alike two names must be, from 0 to 1: "jsno" and "json" are 0.75."""
MIN_PART = 3
"""Characters of a part of a name by which it is known: "woo", "xml"."""


def nearest(
    word: str, known: Iterable[str], others: Mapping[str, str] | None = None
) -> str:
    """The known name that is most like a word, whatever its case; "" where none is.

    others: what people also call a known name, each with it.
    """
    names = list(known)
    by_name = {_folded(name): name for name in names}
    also = {_folded(name): meant for name, meant in (others or {}).items()}
    folded = _folded(word)
    if exact := by_name.get(folded) or also.get(folded):
        return exact
    if near := get_close_matches(folded, [*by_name, *also], 1, cutoff=CUTOFF):
        return by_name.get(near[0]) or also[near[0]]
    if len(folded) < MIN_PART:
        return ""
    parts = (name for place in (str.startswith, str.__contains__)
             for name in by_name if place(name, folded))  # fmt: skip
    return by_name.get(next(parts, ""), "")


def did_you_mean(
    word: str, known: Iterable[str], others: Mapping[str, str] | None = None
) -> str:
    """A suggestion, for the end of a message; "" where no name is near."""
    near = nearest(word, known, others)
    return f"; did you mean {quoted(near, 'name')}?" if near else ""


def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", "-")
