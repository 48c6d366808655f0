"""Reliability: confidence against the share right, as a table, a diagram and a curve."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .calibration import (
    BINS,
    Calibration,
    Judged,
    bin_of,
    brier_score,
    expected_calibration_error,
    perfect_ece,
)
from .intervals import Figure, ratio
from .task import Sample

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Of the acceptance curve: what is accepted is at least so sure."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Choices of a like confidence, from `low` to `high`: its mean, and the share right."""

    low: float
    high: float
    confidence: float
    right: Figure


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is accepted at a confidence of `threshold` or more, and how much is right."""

    threshold: float
    accepted: Figure
    right: Figure | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """All about the confidences of some choices."""

    bins: tuple[Bin, ...]
    acceptance: tuple[Acceptance, ...]
    ece: Figure
    brier: Figure
    perfect_ece: float
    perfect_ece_95: float


def judged(samples: Iterable[Sample], field: str = "") -> list[Judged]:
    """Every choice of the samples that has a confidence; of one field, if one is named."""
    return [
        (sample.product_id, choice.confidence, choice.is_right)
        for sample in samples
        for choice in sample.choices
        if not field or choice.field == field
    ]


def calibrated(rows: Sequence[Judged], calibration: Calibration | None) -> list[Judged]:
    """The same choices, their confidences as a calibration reads them."""
    if calibration is None:
        return list(rows)
    return [(name, calibration.apply(p) or 0.0, is_right) for name, p, is_right in rows]


def reliability(rows: Sequence[Judged], seed: int = 0) -> Reliability | None:
    """The reliability of these choices; None of none."""
    if not rows:
        return None
    mean, most = perfect_ece(rows, seed)
    return Reliability(
        bins=tuple(_bins(rows)),
        acceptance=tuple(_acceptance(rows)),
        ece=expected_calibration_error(rows, seed),
        brier=brier_score(rows, seed),
        perfect_ece=mean,
        perfect_ece_95=most,
    )


def _bins(rows: Sequence[Judged]) -> Iterable[Bin]:
    for number in range(BINS):
        inside = [row for row in rows if bin_of(row[1]) == number]
        right = ratio((name, (float(ok), 1.0)) for name, _, ok in inside)
        if right:
            mean = sum(p for _, p, _ in inside) / len(inside)
            yield Bin(number / BINS, (number + 1) / BINS, mean, right)


def _acceptance(rows: Sequence[Judged]) -> Iterable[Acceptance]:
    for threshold in THRESHOLDS:
        kept = ratio((name, (float(p >= threshold), 1.0)) for name, p, _ in rows)
        right = ratio((name, (float(ok), 1.0)) for name, p, ok in rows if p >= threshold)
        if kept:
            yield Acceptance(threshold, kept, right)


# ---- shown ------------------------------------------------------------------------------


def table(found: Reliability) -> str:
    """The reliability table in Markdown, a row a bin."""
    lines = [
        "| confidence | choices | mean confidence | share right |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {b.low:.1f} to {b.high:.1f} | {b.right.n} | {b.confidence:.3f} | "
        f"{interval(b.right)} |"
        for b in found.bins
    ]
    return "\n".join(lines)


def acceptance_table(found: Reliability) -> str:
    """The acceptance curve in Markdown, a row a threshold."""
    lines = ["| confidence at least | accepted | right of these |", "|---|---|---|"]
    lines += [
        f"| {a.threshold:g} | {interval(a.accepted)} | "
        f"{interval(a.right) if a.right else ''} |"
        for a in found.acceptance
    ]
    return "\n".join(lines)


def interval(figure: Figure) -> str:
    """A figure and its interval: "0.712 (0.684 to 0.739)"."""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


SIDE = 320
"""Pixels of a diagram's axes."""


def diagram_svg(found: Reliability, title: str) -> str:
    """The reliability diagram: bars are the share right of each bin, the line is perfect.

    A whisker is the interval of a bin's share; a bar's opacity shows how many choices.
    """
    most = max(one.right.n for one in found.bins)
    parts = []
    for one in found.bins:
        x, width = one.low * SIDE, (one.high - one.low) * SIDE
        y = (1 - one.right.value) * SIDE
        shade = 0.25 + 0.75 * one.right.n / most
        note = (
            f"{one.right.n} choices, mean {one.confidence:.2f}, right {one.right.value:.2f}"
        )
        parts.append(
            f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" '
            f'height="{SIDE - y:.1f}" fill="#2a6f97" fill-opacity="{shade:.2f}">'
            f"<title>{html.escape(note)}</title></rect>"
        )
        if one.right.low is not None and one.right.high is not None:
            top, bottom = (1 - one.right.high) * SIDE, (1 - one.right.low) * SIDE
            at = one.confidence * SIDE
            parts.append(_line(at, top, at, bottom, "#222", 1.5))
    ticks = "".join(
        f'<text x="{SIDE * t:.0f}" y="{SIDE + 16}" text-anchor="middle">{t:g}</text>'
        f'<text x="-6" y="{SIDE * (1 - t) + 4:.0f}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{SIDE + 70}" '
        f'height="{SIDE + 70}" viewBox="-50 -24 {SIDE + 70} {SIDE + 70}" '
        'font-family="sans-serif" font-size="11" style="background:#fff">'
        f"<title>{html.escape(title)}</title>"
        f'<text x="0" y="-9" font-weight="bold">{html.escape(title)}</text>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
        f"{''.join(parts)}{_line(0, SIDE, SIDE, 0, '#b35900', 1)}{ticks}"
        f'<text x="{SIDE / 2:.0f}" y="{SIDE + 34}" text-anchor="middle">confidence</text>'
        f'<text transform="translate(-36 {SIDE / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">share right</text></svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )
