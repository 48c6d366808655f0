"""The planted claims of tests/data/claims: what becomes of each lie and each truth.

A checker is anything that gives texts back with evidence, so that bad ones can be measured
beside ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from productdesc import Evidence
from productdesc.evaluate.tasks.lies import (
    NEVER_FROM_PIXELS,
    Checked,
    Planted,
    checked,
    fate,
    planted_claims,
)

FOLDER = Path(__file__).parents[2] / "data" / "claims"
LANGUAGES = ("en", "de", "fr", "es", "it")
Checker = Callable[[Planted], Checked]
ours: Checker = checked


def load(language: str) -> list[Planted]:
    return list(planted_claims(FOLDER / f"{language}.jsonl"))


def _as_a_whole(case: Planted, **evidence: Any) -> Checked:
    entries = tuple(
        Evidence(value=text, kind="sentence", item=n, start=0, end=len(text), **evidence)
        for n, text in enumerate(case.texts)
    )
    return Checked(case.value, entries)


def removes_all(case: Planted) -> Checked:
    return Checked(() if isinstance(case.value, tuple) else "", ())


def marks_all(case: Planted) -> Checked:
    return _as_a_whole(case, source="inferred", status="inferred")


def vouches_for_all(case: Planted) -> Checked:
    name = next(iter(case.product.attributes))
    return _as_a_whole(case, source="attribute", attribute=name, status="vouched")


def tally(cases: Iterable[Planted], checker: Checker) -> Counter[tuple[str, str, str]]:
    """Number of cases by verdict, kind and outcome."""
    return Counter((c.verdict, c.kind, fate(c, checker(c))) for c in cases)


class Shares(NamedTuple):
    """The figures that the checks are held to, in percent."""

    lies_passed: float
    never_removed: float
    truths_vouched: float
    truths_changed: float


def shares(counts: Counter[tuple[str, str, str]]) -> Shares:
    def number(verdict: str, outcomes: Iterable[str], kinds: Iterable[str] = ()) -> int:
        return sum(
            n
            for (v, kind, what), n in counts.items()
            if v == verdict and what in outcomes and (not kinds or kind in kinds)
        )

    all_ = ("removed", "changed", "marked", "opinion", "vouched", "misattributed")
    truths = {kind for _, kind, _ in counts} - {"opinion"}

    def percent(part: int, whole: int) -> float:
        return 100 * part / max(whole, 1)

    return Shares(
        percent(number("lie", ("vouched", "opinion")), number("lie", all_)),
        percent(
            number("lie", ("removed",), NEVER_FROM_PIXELS),
            number("lie", all_, NEVER_FROM_PIXELS),
        ),
        percent(number("truth", ("vouched",), truths), number("truth", all_, truths)),
        percent(number("truth", ("changed",)), number("truth", all_)),
    )


def table(counts: Counter[tuple[str, str, str]]) -> str:
    """The counts as Markdown: a row a kind."""
    columns = (
        *(("lie", what) for what in ("removed", "marked", "opinion", "vouched")),
        *(("truth", what) for what in ("vouched", "misattributed", "opinion", "marked")),
        ("truth", "changed"),
    )
    head = "| kind | " + " | ".join(f"{v} {what}" for v, what in columns) + " |"
    lines = [head, "|---" * (len(columns) + 1) + "|"]
    for kind in sorted({kind for _, kind, _ in counts}):
        cells = (str(counts[verdict, kind, what]) for verdict, what in columns)
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
