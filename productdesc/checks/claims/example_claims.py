"""Example claims: what an example of a style says, and nobody says of this product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...words.tokens import same_at
from .sentence import Claim, Sentence, claim_of

__all__ = ["COPIED", "as_copied", "of_example_at"]

COPIED = "copied-example"
_STAY = frozenset({"avoid", "durability"})
"""Codes of claims that are not called copied: a rule of its own, and an opinion."""


def as_copied(claim: Claim, *, s: Sentence) -> Claim:
    """The claim, which is false where an example says it and nobody of this product."""
    is_vouched = claim.attribute or claim.photo or claim.by_person
    if is_vouched or claim.verdict == "keep" or claim.code in _STAY:
        return claim
    places = range(claim.first, claim.last + 1)
    if claim.verdict == "infer" and claim.code == "name":  # in a title, any word
        is_copied = any(s.known.examples.is_name_at(s.text, s.words[at]) for at in places)
    else:
        is_copied = s.known.examples.holds(s.forms[claim.first : claim.last + 1])
    return replace(claim, code=COPIED, verdict="remove") if is_copied else claim


def of_example_at(s: Sentence, at: int) -> Claim | None:
    """A whole value of an example, or a name in it, that nobody says of this product."""
    if s.policy.rule(COPIED) is None:
        return None
    for forms in s.known.examples.values.get(s.forms[at], ()):
        if same_at(s.text, s.words, at, forms) and not _is_own(s, forms):
            return claim_of(s, COPIED, at, at + len(forms) - 1, None)
    is_name = s.known.examples.is_name_at(s.text, s.words[at])
    if is_name and not _is_own(s, s.forms[at : at + 1]):
        return claim_of(s, COPIED, at, at, None)
    return None


def _is_own(s: Sentence, forms: Sequence[str]) -> bool:
    """Whether the data or the photo says the phrase, or each of its words."""
    return all(
        s.known.vouches_for((form,), sense=None) or s.known.was_read((form,))
        for form in forms
    ) or bool(s.known.vouches_for(forms, sense=None))
