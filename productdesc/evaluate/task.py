"""`Task`: the cases of one evaluation, how they are answered, and the metrics.

    Case (what is asked, what is right) -> Reply (what was answered) -> Sample (a line)

A metric is pure: two functions `(case, outcome) -> float`, summed over the cases, and the
one sum divided by the other. To add a task: one file in `tasks/` with a function that gives
a `Task`, and one line in `cli/evaluate.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .intervals import Figure, Pair


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to answer. `target`, in JSON, is what is right; no model is shown it.

    `id` is unique in a task. `product_id` is what intervals are clustered by: cases of one
    product are not independent. `given` is what a model is shown. `digest` is a SHA-256 of
    both, so that an answer to another question is never taken for this one's.
    """

    id: str
    product_id: str
    given: Any = field(repr=False)
    target: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class ScoredChoice:
    """One closed choice of a model: how sure it was, and whether it was right."""

    field: str
    confidence: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to a case. `outcome` is what the metrics read.

    `answer` is the same in JSON, for the line. `photos` are JPEGs for the report page,
    `error` says why there is no answer.
    """

    case: Case
    outcome: Any
    answer: Any
    confidence: float | None = None
    choices: tuple[ScoredChoice, ...] = ()
    photos: tuple[bytes, ...] = ()
    error: str = ""


Score: TypeAlias = Callable[[Case, Any], float]
"""A pure function of a case and its outcome."""


def each(case: Case, outcome: Any) -> float:
    """One for every case: what a mean is divided by."""
    return 1.0


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a task: the sum of `score` over all cases, divided by the sum of `of`.

    With `of=each` that is a mean. Cases of which `of` is 0 do not count. `is_share`: it
    lies between 0 and 1.
    """

    name: str
    score: Score
    of: Score = each
    higher_is_better: bool = True
    is_share: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One case with its answer and scores, as a line of `samples_*.jsonl` holds it.

    `seconds` since the answer before it: they add up to the time that a run took.
    """

    doc_id: int
    id: str
    product_id: str
    target: Mapping[str, Any]
    answer: Any
    confidence: float | None
    choices: tuple[ScoredChoice, ...]
    scores: Mapping[str, Pair]
    groups: tuple[str, ...]
    seconds: float
    digest: str
    error: str = ""

    def value(self, metric: str) -> float | None:
        """This case's own value of a metric; None where it does not count."""
        score, of = self.scores.get(metric, (0.0, 0.0))
        return score / of if of else None


def _no_groups(case: Case) -> Iterable[str]:
    return ()


def _no_figures(samples: Sequence[Sample]) -> Mapping[str, Figure]:
    return {}


def _nothing_more(samples: Sequence[Sample]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Task:
    """What is evaluated. `answers` gives a reply to each case, in any order.

    `identity` is everything that shapes an answer (model, prompts, options), in JSON: a run
    goes on only where it is the same. `groups` names the subtasks that a case counts for.
    `more` gives the figures that are no ratio of sums, of which `lower_is_better` names
    those, and `extra` further parts of `results.json`. `metrics[0]` orders the report page.
    `seed` is that of the model and of all intervals by chance.
    """

    name: str
    cases: Callable[[], Iterator[Case]] = field(repr=False)
    answers: Callable[[Iterable[Case]], Iterator[Reply]] = field(repr=False)
    metrics: Sequence[Metric] = field(repr=False)
    identity: Mapping[str, Any]
    groups: Callable[[Case], Iterable[str]] = field(default=_no_groups, repr=False)
    more: Callable[[Sequence[Sample]], Mapping[str, Figure]] = field(
        default=_no_figures, repr=False
    )
    lower_is_better: tuple[str, ...] = ()
    extra: Callable[[Sequence[Sample]], Mapping[str, Any]] = field(
        default=_nothing_more, repr=False
    )
    seed: int = 0
    version: int = 1


def sample_of(task: Task, doc_id: int, reply: Reply, seconds: float) -> Sample:
    """A reply with its scores."""
    case = reply.case
    return Sample(
        doc_id=doc_id,
        id=case.id,
        product_id=case.product_id,
        target=case.target,
        answer=reply.answer,
        confidence=reply.confidence,
        choices=reply.choices,
        scores={
            metric.name: (metric.score(case, reply.outcome), metric.of(case, reply.outcome))
            for metric in task.metrics
        },
        groups=tuple(task.groups(case)),
        seconds=round(seconds, 3),
        digest=case.digest,
        error=reply.error,
    )
