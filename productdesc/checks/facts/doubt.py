"""Doubt: when what a photo shows cannot be told, and why; pure functions.

It cannot be told where the gate refused every photo (`photos/quality.py`), where nothing
on them has a name, or where the model was less sure than `DOUBT_LIMITS` ask for.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ...records import Facts, Finding, Product
from ...taxonomy import OTHER, UNKNOWN, Settled
from ...text.printable import quoted

__all__ = [
    "CODE",
    "DOUBT_LIMITS",
    "POOR",
    "DoubtLimits",
    "answer_doubt",
    "are_poor",
    "attribute_doubts",
    "look_doubt",
    "photo_doubts",
]

CODE = "cannot-be-told"


class DoubtLimits(NamedTuple):
    """Probabilities below which an answer is none; docs/questions.md measures them."""

    sure: float = 0.5  # less: all other answers together are likelier than this one
    sure_of_poor: float = 0.7  # of poor photos, whose confidence says less


DOUBT_LIMITS = DoubtLimits()

POOR = frozenset(
    ("photo-small-product", "photo-blurred", "photo-dark", "photo-bright",
     "photo-jpeg-damage")
)  # fmt: skip
"""Findings of the gate by which details or colours of a photo cannot be told."""


def answer_doubt(
    value: object,
    probability: float | None,
    findings: Sequence[Finding] = (),
    *,
    is_poor: bool = False,
    limits: DoubtLimits = DOUBT_LIMITS,
) -> str:
    """Why an answer cannot be told from the photos; "" where it can.

    probability: the model's own, 0 to 1; None where the engine cannot tell, and then there
    is no doubt by it. findings: those of the gate; is_poor: every photo has one of `POOR`.
    """
    least = limits.sure_of_poor if is_poor else limits.sure
    if probability is None or probability >= least:
        return ""
    shown = quoted(str(value), "name")
    percent = math.floor(round(probability * 1000, 6)) / 10  # 49.97 % is not 50 %
    why = f"the model holds {shown} for {percent:g} % likely, {100 * least:g} % are needed"
    poor = [one.code for one in findings if one.code in POOR] if is_poor else []
    return f"{why}; the photo is poor: {', '.join(dict.fromkeys(poor))}" if poor else why


def are_poor(findings: Sequence[Finding], photos: Collection[str]) -> bool:
    """Whether every photo, by its name, has a finding by which details cannot be told."""
    poor = {one.value for one in findings if one.code in POOR}
    return bool(photos) and poor.issuperset(photos)


def look_doubt(first: object, second: object) -> str:
    """What two looks say that do not agree, in words."""
    shown, other = (quoted(str(value), "name") for value in (first, second))
    return f"one look says {shown}, a second one {other}"


def attribute_doubts(first: Facts, second: Facts) -> Iterator[Finding]:
    """A finding for each attribute that a second look does not see as the first did.

    The finding's value is the attribute's name.
    """
    for name, seen in first.attributes.items():
        again = second.attributes.get(name)
        if again is None or again.value != seen.value:
            why = look_doubt(seen.value, again.value if again else UNKNOWN)
            message = f"{quoted(name, 'name')} cannot be told from the photos: {why}"
            yield Finding(code=CODE, field="attributes", message=message, value=name)


def photo_doubts(
    product: Product,
    facts: Facts,
    kind: Settled,
    *,
    findings: Sequence[Finding],
    photos: Sequence[str],
    second: str = "",
) -> Iterator[Finding]:
    """At most one finding: that the photos do not show what the product is.

    Where the data says what it is, or there is no photo, there is none. findings: those of
    the gate; photos: the names of those that are used; second: the category that a second
    look saw, "" where there was none.
    """
    if not photos or kind.source or product.title:
        return
    if kind.kind in (OTHER, UNKNOWN):
        why = "they show nothing that the list of kinds has a name for"
    else:
        why = answer_doubt(
            kind.kind, facts.confidence, findings, is_poor=are_poor(findings, photos)
        )
    if not why and second and second != facts.category:
        why = look_doubt(facts.category, second)
    if why:
        message = (
            f"what the product is cannot be told from its photos: {why}; name it in the "
            "data, or give a better photo"
        )
        yield Finding(code=CODE, field="category", message=message, value=kind.kind)
