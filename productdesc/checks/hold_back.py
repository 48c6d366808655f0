"""Hold back: sentences that nobody vouches for, where a policy keeps them from the copy.

This is decided before a text is shown, stored or approved: what is approved is what is
written.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Evidence, Finding
from ..text.printable import printable
from .claims.sources import SourceIndex
from .cleanup.clean import UNITS
from .evidence import evidence
from .policy import Policy

__all__ = ["hold_back", "without_sentences"]

_KEEPS = {
    "all": ("vouched", "opinion", "inferred"),
    "opinions": ("vouched", "opinion"),
    "none": ("vouched",),
}
"""Policy -> the kinds of sentences that stay."""

Text = str | tuple[str, ...]


def hold_back(
    field: str, value: Text, known: SourceIndex, policy: Policy
) -> tuple[Text, tuple[Evidence, ...], list[Finding]]:
    """The text that the policy lets stand, its evidence, and a finding each for the rest.

    A title or alt text goes as a whole; a list loses what is empty then, but `alt_texts`
    keeps its places.
    """
    told: list[Finding] = []
    last = field.split(".")[-1]
    found = evidence(value, known, policy, field)
    while held := [e for e in found if _is_held(e, policy)]:
        told += [_finding(field, one) for one in held]
        if isinstance(value, str):
            value = without_sentences(value, held, is_unit=last in UNITS)
        else:
            of_item = [[e for e in held if e.item == n] for n in range(len(value))]
            texts = [
                without_sentences(text, lost, is_unit=last in UNITS)
                for text, lost in zip(value, of_item, strict=True)
            ]
            value = tuple(text for text in texts if text or last == "alt_texts")
        found = evidence(value, known, policy, field)
    return value, found, told


def _is_held(one: Evidence, policy: Policy) -> bool:
    return one.kind == "sentence" and one.status not in _KEEPS[policy.inferred]


def without_sentences(text: str, held: Sequence[Evidence], *, is_unit: bool = False) -> str:
    """The text without these of its sentences; "" where it is one unit and loses any."""
    if not held:
        return text
    if is_unit:
        return ""
    places = {(one.start, one.end) for one in held}
    for start, end in sorted(places, reverse=True):
        text = text[:start] + text[end:]
    return text.strip()


def _finding(field: str, held: Evidence) -> Finding:
    shown = printable(held.value, "value")
    reason = (
        "it is only an opinion" if held.status == "opinion" else "nobody vouches for it"
    )
    message = f'held back "{shown}": {reason}; approve the claim, or give the data for it'
    value = held.value.strip()[:200]
    return Finding(
        code="held-back", field=field, message=message, value=value, severity="removed"
    )
