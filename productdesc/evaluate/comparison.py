"""Comparison: two runs of one task, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .intervals import Figure, difference
from .run_files import SAMPLES, read_results, read_samples
from .task import Sample


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of two runs, on the cases that both answered.

    `second_minus_first` is paired and has an interval by product. `turned_right` and
    `turned_wrong` count cases whose own value rose and fell; None where the metric is no
    score of single cases (seconds).
    """

    metric: str
    second_minus_first: Figure
    higher_is_better: bool
    turned_right: int
    turned_wrong: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        low, high = self.second_minus_first.low, self.second_minus_first.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of one task: each metric's difference, and what could not be compared.

    `n` cases of so many products (`clusters`). `unpaired`: cases that one run alone
    answered, or of which photos, data or labels changed between the two.
    """

    task: str
    differences: tuple[Difference, ...]
    n: int
    clusters: int
    unpaired: int


def compare(first: Path, second: Path) -> Comparison:
    """The second run minus the first, on what both answered.

    Raises `CatalogError` for a folder without a run, `ValueError` for runs of two tasks or
    without a case in common.
    """
    read_results(first)  # the first that is missing is the one that is named
    results = read_results(second)
    samples = read_samples(second / SAMPLES.format(_task(results)))
    return compare_answered(first, results, samples)


def compare_answered(
    first: Path, results: dict[str, Any], samples: Sequence[Sample]
) -> Comparison:
    """The same, where the second run was just answered: its results and samples."""
    before = read_results(first)
    task, other = _task(before), _task(results)
    if task != other:
        raise ValueError(f"{first} is a run of {task}, and the second is one of {other}")
    earlier = read_samples(first / SAMPLES.format(task))
    return compare_samples(task, earlier, samples, _better(before, task))


def compare_samples(
    task: str,
    first: Sequence[Sample],
    second: Sequence[Sample],
    higher_is_better: dict[str, bool],
) -> Comparison:
    """The same of samples."""
    later = {sample.id: sample for sample in second}
    both = [
        (one, later[one.id])
        for one in first
        if one.id in later and later[one.id].digest == one.digest
    ]
    if not both:
        raise ValueError(
            f"the two runs of {task} have no case in common, of the same photos and labels"
        )
    names = [name for name in both[0][0].scores if name in both[0][1].scores]
    found = (_difference(name, both, higher_is_better.get(name, True)) for name in names)
    return Comparison(
        task=task,
        differences=tuple(one for one in found if one),
        n=len(both),
        clusters=len({one.product_id for one, _ in both}),
        unpaired=len({s.id for s in (*first, *second)}) - len(both),
    )


def _difference(
    name: str, both: Sequence[tuple[Sample, Sample]], is_higher: bool
) -> Difference | None:
    pairs = ((a.product_id, a.scores[name], b.scores[name]) for a, b in both)
    figure = difference(pairs)
    if figure is None:
        return None
    values = [(a.value(name), b.value(name)) for a, b in both]
    signs = [(b > a) - (b < a) for a, b in values if a is not None and b is not None]
    up, down = signs.count(1), signs.count(-1)
    turned = (up, down) if is_higher else (down, up)
    return Difference(name, figure, is_higher, *turned)


def _task(results: dict[str, Any]) -> str:
    return str(next(iter(results["n-samples"])))


def _better(results: dict[str, Any], task: str) -> dict[str, bool]:
    return dict(results["higher_is_better"].get(task, {}))
