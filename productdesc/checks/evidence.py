"""Evidence: where each value of a finished text comes from."""

from __future__ import annotations

from collections.abc import Iterator

from ..records import Evidence
from ..words.tokens import forms_of
from .claims.find import Claim, find_claims
from .claims.sources import SourceIndex
from .policy import Policy
from .prose.sentences import sentences

__all__ = ["evidence"]


def evidence(
    value: str | tuple[str, ...], known: SourceIndex, policy: Policy
) -> tuple[Evidence, ...]:
    """One entry per recognised claim, in order, each value once.

    "attribute" only where the value stands in that attribute (or title, description),
    "photo" only for what can be seen and was; a text without a recognised claim is one
    inferred value.
    """
    texts = (value,) if isinstance(value, str) else value
    entries: dict[tuple[tuple[str, ...], str], Evidence] = {}
    for text in texts:
        for entry in _of_text(text, known, policy):
            entries.setdefault((forms_of(entry.value[:200]), str(entry)), entry)
    return tuple(entries.values())


def _of_text(text: str, known: SourceIndex, policy: Policy) -> Iterator[Evidence]:
    found = False
    for start, end in sentences(text):
        for claim in find_claims(text[start:end], known, policy):
            found = True
            yield _entry(text[start:end], claim)
    if text.strip() and not found:
        whole = known.vouches_for(forms_of(text)) if len(text) <= _MAX_QUOTED else None
        if whole:
            yield Evidence(value=text, source="attribute", attribute=whole.name)
        else:
            yield Evidence(value=text, source="inferred")


_MAX_QUOTED = 500  # longer texts are prose, not a value that an attribute could hold


def _entry(sentence: str, claim: Claim) -> Evidence:
    value = sentence[claim.start : claim.end]
    if claim.attribute:
        return Evidence(value=value, source="attribute", attribute=claim.attribute)
    if claim.photo:
        return Evidence(value=value, source="photo", photo=claim.photo)
    return Evidence(value=value, source="inferred")
