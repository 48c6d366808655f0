"""Calibration task: how sure the model was of its choices, and how often it was right.

The same labelled products as for the catalogue task; no copy is written. A choice is the
category, or an attribute that has a label; only those count that the model made itself and
of which it has a confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Self

from ...engines import Engine
from ...net import Http
from ...pipeline import Described, DescribeOptions
from ...pipeline.draft import Outcome
from ...pipeline.options import resolve
from ...records import Product
from ..calibration import Calibration, fit_temperature, halves
from ..intervals import Figure
from ..reliability import Reliability, calibrated, judged, reliability
from ..task import Case, Metric, Sample, Score, Task
from .catalogue import NO_INPUTS, Products, answers_of, cases, identity_of, reply_of
from .labels import Inputs


def calibration_task(
    products: Products,
    engine: Engine,
    options: DescribeOptions | None = None,
    *,
    inputs: Inputs = NO_INPUTS,
    batch_size: int = 16,
    http: Http | None = None,
    calibration: Calibration | None = None,
) -> Task:
    """The task of being as sure as right. calibration: figures are given after it too."""
    asked: DescribeOptions = {"channel": "plain", **(options or {})}
    resolved = resolve(engine.info, asked)
    seed = resolved.settings.seed
    return Task(
        name="calibration",
        cases=partial(cases, products, resolved, inputs),
        answers=partial(answers_of, engine, asked, batch_size, http, needs=_choices_only),
        metrics=METRICS,
        identity=identity_of(engine, resolved, inputs),
        more=partial(_figures, calibration, seed),
        lower_is_better=LOWER,
        extra=partial(_reliability, calibration, seed),
        seed=seed,
    )


def _choices_only(product: Product) -> frozenset[str]:
    return frozenset(("category", "attributes"))


def _counting(right: bool | None) -> Score:
    """How many choices have a confidence; True: and are right."""

    def count(case: Case, outcome: Outcome) -> float:
        choices = reply_of(case, outcome).choices
        return float(sum(right is None or c.is_right == right for c in choices))

    return count


def _labelled(case: Case, outcome: Outcome) -> float:
    """How many choices have a label."""
    return float(bool(case.target["category"])) + float(len(case.target["attributes"]))


def _is_described(case: Case, outcome: Outcome) -> float:
    return float(isinstance(outcome, Described))


METRICS = (
    Metric("accuracy", _counting(True), _counting(None)),
    Metric("has_confidence", _counting(None), _labelled),
    Metric("described", _is_described),
)
LOWER = ("ece", "brier", "perfect_ece", "ece_calibrated", "brier_calibrated",
         "perfect_ece_calibrated")  # fmt: skip


def _figures(
    calibration: Calibration | None, seed: int, samples: Sequence[Sample]
) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for ending, one in _both(calibration, seed, samples).items():
        n, clusters = one.ece.n, one.ece.clusters
        found[f"ece{ending}"] = one.ece
        found[f"brier{ending}"] = one.brier
        perfect = Figure(one.perfect_ece, None, 0.0, one.perfect_ece_95, n, clusters)
        found[f"perfect_ece{ending}"] = perfect
    return found


def diagrams_of(
    samples: Sequence[Sample], seed: int, calibration: Calibration | None = None
) -> dict[str, Reliability]:
    """The reliability diagrams of a run, by title; none where no choice was judged."""
    titles = {"": "Reliability of the confidences", "_calibrated": "After calibration"}
    both = _both(calibration, seed, samples)
    return {titles[ending]: one for ending, one in both.items()}


def _both(
    calibration: Calibration | None, seed: int, samples: Sequence[Sample]
) -> dict[str, Reliability]:
    rows = judged(samples)
    found = {"": reliability(rows, seed)}
    if calibration:
        found["_calibrated"] = reliability(calibrated(rows, calibration), seed)
    return {ending: one for ending, one in found.items() if one}


def _reliability(
    calibration: Calibration | None, seed: int, samples: Sequence[Sample]
) -> dict[str, Any]:
    both = _both(calibration, seed, samples)
    return {f"reliability{ending}": asdict(one) for ending, one in both.items()}


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration fitted on one half of the products, and judged on the other."""

    calibration: Calibration
    before: Reliability
    after: Reliability

    @classmethod
    def of(cls, samples: Sequence[Sample], task: Task) -> Self:
        """Fitted on a run of the calibration task; `ValueError` for too few products."""
        rows = judged(samples)
        fit, test = halves(rows, task.seed)
        if not fit:
            raise ValueError(
                f"{len({row[0] for row in rows})} products have a choice with a label and "
                "a confidence; two or more are needed, and some hundreds to be of use"
            )
        identity = task.identity
        calibration = Calibration(
            temperature=fit_temperature(fit),
            model=identity["model"],
            revision=identity["model_revision"],
            weights_digest=identity["weights_digest"],
            n=len(fit),
            clusters=len({row[0] for row in fit}),
        )
        before = reliability(test, task.seed)
        after = reliability(calibrated(test, calibration), task.seed)
        assert before and after  # two halves of at least one product each
        return cls(calibration, before, after)

    def report(self) -> dict[str, Any]:
        """Both, in JSON, of the half that nothing was fitted on."""
        return {"before": asdict(self.before), "after": asdict(self.after)}
