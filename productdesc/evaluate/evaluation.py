"""Evaluation: a task from its cases to figures with intervals; a killed run goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from .._version import __version__
from ..digest import json_digest
from .intervals import LEVEL, ROUGH_BELOW, Figure, ratio
from .run_files import RESULTS, RunFolder
from .task import Sample, Task, sample_of

SECONDS = "seconds"
"""The figure that every task has: seconds a sample, all that run at a time together."""

METHOD = (
    "Wilson's score interval on the effective number of cases, clustered by product, with "
    "Student's t; t alone for what is no share; a bootstrap by product for ECE and Brier"
)

Figures = Mapping[str, Mapping[str, Figure]]
"""By task or subtask, by name of the metric."""


class Evaluation:
    """A run of a task. `samples()` answers what is not answered yet; then `results()`.

    out: a folder to keep the run in: a run of the same task with the same `identity` goes
    on there, one of another is refused (`CatalogError`). begin_anew: remove what is there.
    limit: the first so many cases only. clock: seconds that only go up.

        with Evaluation(task, out=Path("runs/demo")) as evaluation:
            for sample in evaluation.samples():
                print(sample.id, sample.answer)
            print(evaluation.results())
    """

    def __init__(
        self,
        task: Task,
        *,
        out: Path | None = None,
        limit: int | None = None,
        begin_anew: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit is {limit}; it must be 1 or more")
        self.task = task
        self.limit = limit
        self._clock = clock
        self.folder = RunFolder(out, task, begin_anew=begin_anew) if out else None
        self._by_id: dict[str, Sample] = {}
        self._order: dict[str, int] = {}

    def __enter__(self) -> Evaluation:
        return self

    def __exit__(self, *error: object) -> None:
        if self.folder:
            self.folder.close()

    @property
    def total(self) -> int:
        """How many cases there are, once `samples` has begun."""
        return len(self._order)

    def samples(self) -> Iterator[Sample]:
        """Every sample: first those that a former run answered, then the others."""
        cases = list(islice(self.task.cases(), self.limit))
        self._order = {}
        for case in cases:
            if case.id in self._order:
                raise ValueError(f"{self.task.name}: two cases have the id {case.id!r}")
            self._order[case.id] = len(self._order)
        if self.folder:
            before = self.folder.answered(cases)
            self._by_id = {
                key: replace(sample, doc_id=self._order[key])
                for key, sample in before.items()
            }
        yield from list(self._by_id.values())
        done = frozenset(self._by_id)
        waiting = (case for case in cases if case.id not in done)
        last = self._clock()
        for reply in self.task.answers(waiting):
            now = self._clock()
            number = self._order[reply.case.id]
            sample = sample_of(self.task, number, reply, now - last)
            last = now
            self._by_id[sample.id] = sample
            if self.folder:
                self.folder.add(sample, reply.photos)
            yield sample

    @property
    def answered(self) -> list[Sample]:
        """All samples so far, in the order of the cases."""
        return sorted(self._by_id.values(), key=lambda sample: self._order[sample.id])

    def results(self) -> dict[str, Any]:
        """The figures so far, as `results.json` has them; written to the folder too."""
        samples = self.answered
        found = results_json(self.task, samples, self.limit)
        if self.folder:
            self.folder.store(RESULTS, json.dumps(found, indent=2, ensure_ascii=False))
        return found


def evaluate(
    task: Task, *, out: Path | None = None, limit: int | None = None
) -> dict[str, Any]:
    """The results of a task, in the form of lm-evaluation-harness's `results.json`.

    Raises `CatalogError` for a folder `out` that holds another run, and what the engine
    raises.
    """
    with Evaluation(task, out=out, limit=limit) as evaluation:
        for _ in evaluation.samples():
            pass
        return evaluation.results()


def figures(task: Task, samples: Sequence[Sample]) -> dict[str, dict[str, Figure]]:
    """Each metric that some sample counts for; of the task, then of each subtask."""
    by_group: dict[str, list[Sample]] = {task.name: list(samples)}
    for sample in samples:
        for group in sample.groups:
            by_group.setdefault(group, []).append(sample)
    found: dict[str, dict[str, Figure]] = {}
    for group, members in by_group.items():
        found[group] = {}
        for metric in task.metrics:
            pairs = [(s.product_id, s.scores[metric.name]) for s in members]
            figure = ratio(pairs, is_share=metric.is_share)
            if figure:
                found[group][metric.name] = figure
    seconds = ratio(((s.product_id, (s.seconds, 1.0)) for s in samples), is_share=False)
    if seconds:
        found[task.name][SECONDS] = seconds
    for name, figure in task.more(samples).items():
        found[task.name][name] = figure
    return found


def results_json(
    task: Task, samples: Sequence[Sample], limit: int | None = None
) -> dict[str, Any]:
    """The figures of a run as `results.json` has them."""
    found = figures(task, samples)
    better = {metric.name: metric.higher_is_better for metric in task.metrics}
    better |= dict.fromkeys((SECONDS, *task.lower_is_better), False)
    products = len({sample.product_id for sample in samples})
    return {
        "results": {
            name: {"alias": name, **_named(group)} for name, group in found.items()
        },
        "higher_is_better": {
            name: {metric: better.get(metric, True) for metric in group}
            for name, group in found.items()
        },
        "n-samples": {task.name: {"original": None if limit else len(samples),
                                  "effective": len(samples)}},
        "n-products": {task.name: products},
        "failed": sum(bool(sample.error) for sample in samples),
        "versions": {task.name: task.version},
        "configs": {task.name: dict(task.identity)},
        "config": {"limit": limit, "random_seed": task.seed, "productdesc": __version__},
        "task_hashes": {
            task.name: json_digest(sorted([s.id, s.digest] for s in samples))
        },
        "interval": {"level": LEVEL, "clustered_by": "product", "method": METHOD,
                     "rough_below_products": ROUGH_BELOW},
        "total_evaluation_time_seconds": round(sum(s.seconds for s in samples), 3),
        **task.extra(samples),
    }  # fmt: skip


def _named(group: Mapping[str, Figure]) -> dict[str, Any]:
    """Figures by lm-evaluation-harness's names: metric,filter and metric_stderr,filter."""
    named: dict[str, Any] = {}
    for name, figure in group.items():
        named |= {
            f"{name},none": figure.value,
            f"{name}_stderr,none": figure.stderr,
            f"{name}_ci95_low,none": figure.low,
            f"{name}_ci95_high,none": figure.high,
            f"{name}_n,none": figure.n,
            f"{name}_clusters,none": figure.clusters,
        }
    return named


def figure_of(results: Mapping[str, Any], task: str, metric: str) -> Figure | None:
    """A figure of `results.json`; None where it has none of this name."""
    row = results["results"].get(task, {})
    if f"{metric},none" not in row:
        return None
    stderr, low, high = (
        row.get(f"{metric}_{part},none") for part in ("stderr", "ci95_low", "ci95_high")
    )
    n, clusters = (int(row.get(f"{metric}_{part},none", 0)) for part in ("n", "clusters"))
    return Figure(row[f"{metric},none"], stderr, low, high, n, clusters)


def metric_names(results: Mapping[str, Any], task: str) -> list[str]:
    """The metrics of a task in `results.json`, in their order."""
    return list(results["higher_is_better"].get(task, {}))
