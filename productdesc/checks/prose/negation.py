"""Negation and imitation: whether the words around a phrase deny it or only liken to it."""

from __future__ import annotations

from collections.abc import Sequence

from ...words.claims.claim_phrases import Sense, function_forms
from ...words.tokens import Token, linked

__all__ = ["sense_at"]

_MAX_BACK = 6  # words before it that are looked at


def sense_at(text: str, found: Sequence[Token], first: int, last: int) -> Sense:
    """What the words around words `first` to `last` make of them.

    "not waterproof", "sans plastique", "free of lead", "lead-free" deny it; "faux leather",
    "effet cuir", "Leder-Optik" liken to it. "Not only waterproof" says that it is.
    """
    if last + 1 < len(found) and linked(text, found[last], found[last + 1]):
        after = found[last + 1].form
        if after in function_forms("not_after"):
            return "not"
        if after in function_forms("like_after"):
            return "like"
    return _sense_before(text, found, first)


def _sense_before(text: str, found: Sequence[Token], first: int) -> Sense:
    at = first
    has_of = False
    for _ in range(_MAX_BACK):
        before = at - 1
        if before < 0 or not linked(text, found[before], found[at]):
            return "is"
        form = found[before].form
        # "solo" and "non solo" have nothing to do with what stands two words on
        if form in function_forms("only"):
            return "is"
        if form in function_forms("not_before"):
            return "not"
        if form in function_forms("not_of"):
            return "not" if has_of else "is"
        if form in function_forms("like_before"):
            return "not" if _sense_before(text, found, before) == "not" else "like"
        if form in function_forms("joiners"):
            at = before - 1  # what it joins to: "without leather or plastic"
            if at < 0 or not linked(text, found[at], found[before]):
                return "is"
            continue
        if form not in function_forms("fillers"):
            return "is"
        has_of = True
        at = before
    return "is"
