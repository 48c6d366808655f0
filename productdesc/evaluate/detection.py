"""Detection by a score: precision, recall and F1 over thresholds, as moderation needs them.

A row is (product, score, whether it is one to be found); what is flagged has a score of the
threshold or more. All figures have intervals by product.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .intervals import Figure, ratio

Scored: TypeAlias = tuple[str, float, bool]
"""A product's id, its score, and whether it is one of those to be found."""


@dataclass(frozen=True, slots=True)
class DetectionPoint:
    """What one threshold flags.

    `precision` is None where nothing is flagged, `recall` and `f1` are None where nothing
    was to be found.
    """

    threshold: float
    flagged: Figure
    precision: Figure | None
    recall: Figure | None
    f1: Figure | None


def detection_at(rows: Iterable[Scored], threshold: float) -> DetectionPoint:
    """The figures at one threshold. Raises `ValueError` for no rows, or a score of NaN."""
    checked = _checked(rows)
    hits = [(name, float(s >= threshold), float(there)) for name, s, there in checked]
    flagged = ratio((name, (hit, 1.0)) for name, hit, _ in hits)
    assert flagged  # there is a row
    return DetectionPoint(
        threshold,
        flagged,
        precision=ratio((name, (hit * there, hit)) for name, hit, there in hits),
        recall=ratio((name, (hit * there, there)) for name, hit, there in hits),
        f1=ratio((name, (2.0 * hit * there, hit + there)) for name, hit, there in hits)
        if any(there for *_, there in hits)
        else None,
    )


def detection_curve(
    rows: Iterable[Scored], thresholds: Sequence[float] = ()
) -> tuple[DetectionPoint, ...]:
    """The figures at each threshold, the highest first; by default at every score."""
    checked = _checked(rows)
    at = thresholds or {score for _, score, _ in checked}
    return tuple(detection_at(checked, one) for one in sorted(at, reverse=True))


def threshold_for_recall(rows: Iterable[Scored], recall: float) -> DetectionPoint:
    """The highest threshold that finds this share of what is to be found, or more.

    recall: above 0, at most 1. It is met on these rows; what to expect of others is the
    lower end of the point's interval. Raises `ValueError` where nothing is to be found.
    """
    if not 0.0 < recall <= 1.0:
        raise ValueError(f"recall is {recall}; it must be above 0, at most 1")
    checked = _checked(rows)
    scores = sorted((score for _, score, there in checked if there), reverse=True)
    if not scores:
        raise ValueError(
            f"none of {len(checked)} rows is one to be found, so no threshold finds any"
        )
    needed = math.ceil(recall * len(scores) - 1e-9)  # 0.7 of 10 are 7, whatever the float
    return detection_at(checked, scores[needed - 1])


def detection_table(points: Iterable[DetectionPoint]) -> str:
    """The curve in Markdown, a row a threshold."""
    lines = ["| score at least | flagged | precision | recall | F1 |", "|---" * 5 + "|"]
    for one in points:
        cells = (one.flagged, one.precision, one.recall, one.f1)
        shown = (f"{c.value:.3f}" if c else "" for c in cells)
        lines.append(f"| {one.threshold:g} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _checked(rows: Iterable[Scored]) -> list[Scored]:
    found = list(rows)
    if not found:
        raise ValueError("there are no scores; give a row (product, score, is positive)")
    for name, score, _ in found:
        if math.isnan(score):
            raise ValueError(f"the score of {name!r} is no number")
    return found
