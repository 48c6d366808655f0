"""Named words: words that are no claim of a listed kind, and yet are vouched for."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

from ..words.claims.grammar import grammar
from ..words.tokens import Token, forms_of
from .claims.sources import SourceIndex

__all__ = ["NamedBy", "named_words"]


class NamedBy(NamedTuple):
    """Who says a word: an attribute of the data, or a photo."""

    attribute: str | None = None
    photo: int | None = None


def named_words(
    words: Sequence[Token], claimed: Set[int], known: SourceIndex
) -> dict[int, NamedBy]:
    """Places of the words beside the claims that stand in the data or were seen."""
    seen = set(forms_of(known.facts.category)).union(*known.seen)
    for name, one in known.facts.attributes.items():
        seen.update(forms_of(name), forms_of(one.value))
    is_grammar = grammar(known.language).is_function_word
    named: dict[int, NamedBy] = {}
    for at, word in enumerate(words):
        if at in claimed or is_grammar(word.form):
            continue
        if source := known.vouches_for((word.form,)):
            named[at] = NamedBy(attribute=source.name)
        elif word.form in seen and (photo := known.photo_of_text((word.form,))):
            named[at] = NamedBy(photo=photo)
    return named
