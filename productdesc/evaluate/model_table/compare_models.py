"""`compare_models`: parameters, accuracy, seconds and memory of models, and their answers.

Each model runs in a process of its own, so that its memory is its own. The photos are asked
in turn: every model the first photo, then every model the second; what slows the machine
for a while slows all of them alike.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from types import TracebackType
from typing import Self

from ...catalogs.folder import SUFFIXES
from ...engines import EngineInfo
from ...errors import EngineError
from ..comparison import compare_samples
from ..intervals import Figure, ratio
from ..task import Sample
from ..tasks.vqa import VqaFiles
from .worker_messages import (
    Answered,
    Ask,
    AskPeak,
    AskVqa,
    Failure,
    Load,
    Loaded,
    Peak,
    Question,
    Result,
)

WORKER = "productdesc.evaluate.model_table.worker"
QUESTION = "Which product is on the photo? Describe it in one or two sentences."
END_SECONDS = 20
"""How long a process has to end by itself once its input is closed."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, the quartiles around it, and the ends; of how many values."""

    median: float
    low: float
    high: float
    least: float
    most: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self | None:
        """None of no value."""
        if not values:
            return None
        several = values if len(values) > 1 else [values[0]] * 2
        low, _, high = quantiles(several, n=4, method="inclusive")
        return cls(median(values), low, high, min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """What was measured of one model; `error` says why there is nothing, or no more.

    `answers` are the first ones to each photo, `seconds` of all rounds. `vqa` is VQA v2's
    accuracy, `vqa_difference` that minus the first model's, paired.
    """

    name: str
    info: EngineInfo | None = None
    parameters: int | None = None
    load_seconds: float | None = None
    answers: tuple[Answered, ...] = ()
    seconds: Spread | None = None
    tokens: Spread | None = None
    peak: Peak | None = None
    vqa: Figure | None = None
    vqa_difference: Figure | None = None
    samples: tuple[Sample, ...] = field(default=(), repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True)
class ModelTable:
    """Models beside each other: the question, the photos, a row a model."""

    question: str
    photos: tuple[Path, ...]
    rounds: int
    rows: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """What every model is asked. `rounds`: how often each photo, for the seconds.

    `vqa` are VQA v2's files with images, of which the first `vqa_limit` questions count.
    """

    photos: tuple[Path, ...]
    question: str = QUESTION
    rounds: int = 1
    vqa: VqaFiles | None = None
    vqa_limit: int | None = None

    def __post_init__(self) -> None:
        if not self.photos:
            raise ValueError("there are no photos to ask about")
        if self.rounds < 1:
            raise ValueError(f"rounds is {self.rounds}; it must be 1 or more")
        if not self.question.strip():
            raise ValueError("question is empty; ask something")


def photos_of(folder: Path, limit: int | None = None) -> tuple[Path, ...]:
    """The photos of a folder in the order of their names; `ValueError` where none are."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder of photos")
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ValueError(f"{folder}: holds no photo ({', '.join(SUFFIXES)})")
    return tuple(found[:limit])


def compare_models(
    models: Sequence[Load],
    contest: Contest,
    *,
    one_by_one: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> ModelTable:
    """The table of some models.

    one_by_one: a model is loaded once the one before it has gone, for models that do not
    fit into the memory together; the photos are then not asked in turn. progress: is
    told what is under way. A model that fails has its error in its row.
    """
    groups = [[one] for one in models] if one_by_one else [list(models)]
    rows = [row for group in groups for row in _measured(group, contest, progress)]
    first = rows[0].samples
    rows = [rows[0], *(replace(row, vqa_difference=_gain(first, row.samples))
                       for row in rows[1:])]  # fmt: skip
    return ModelTable(contest.question, contest.photos, contest.rounds, tuple(rows))


def _measured(
    models: Sequence[Load], contest: Contest, progress: Callable[[str], None]
) -> Iterator[ModelRow]:
    with ExitStack() as stack:
        going = []
        for load in models:
            one = stack.enter_context(_Going(load))
            progress(f"loading {one.name}")
            one.ask_to_load()
            going.append(one)
        for one in going:  # the first answer of a process is slower than all others
            one.ask(Ask(contest.photos[0], contest.question), counts=False)
        for number in range(contest.rounds):
            for photo in contest.photos:
                progress(f"round {number + 1}, {photo.name}")
                for one in going:
                    one.ask(Ask(photo, contest.question), keeps=number == 0)
        for one in going:
            if contest.vqa:
                progress(f"VQA with {one.name}")
                one.ask_vqa(AskVqa(contest.vqa, contest.vqa_limit))
            yield one.row()


def _gain(first: Sequence[Sample], other: Sequence[Sample]) -> Figure | None:
    """The accuracy of the other minus that of the first, on what both answered."""
    if not first or not other:
        return None
    found = compare_samples("vqa", first, other, {})
    return next(d.second_minus_first for d in found.differences if d.metric == "accuracy")


class _Going:
    """One model in its process, and what it has said so far."""

    def __init__(self, load: Load) -> None:
        self.name = load.name or "demo"
        self._load = load
        self._answers: list[Answered] = []
        self._timed: list[Answered] = []
        self._row = ModelRow(self.name)
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin and self._process.stdout
        if error:
            self._process.kill()
        with contextlib.suppress(OSError):  # it may have gone already
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def ask_to_load(self) -> None:
        match self._exchange(self._load):
            case Loaded() as loaded:
                self._row = replace(
                    self._row,
                    info=loaded.info,
                    parameters=loaded.parameters,
                    load_seconds=loaded.seconds,
                )

    def ask(self, question: Ask, *, counts: bool = True, keeps: bool = False) -> None:
        """counts: for the seconds. keeps: the answer is one to be shown."""
        match self._exchange(question):
            case Answered() as said:
                self._timed += [said] * (counts and not said.error)
                self._answers += [said] * keeps

    def ask_vqa(self, question: AskVqa) -> None:
        if self._row.info and not self._row.info.writes:
            return
        match self._exchange(question):
            case list() as samples if all(s.error for s in samples):
                self._fail(f"no question of VQA was answered: {samples[0].error}")
            case list() as samples:
                pairs = ((s.product_id, s.scores["accuracy"]) for s in samples)
                self._row = replace(self._row, samples=tuple(samples), vqa=ratio(pairs))

    def row(self) -> ModelRow:
        """All that was measured, the memory last."""
        result = self._exchange(AskPeak())
        return replace(
            self._row,
            answers=tuple(self._answers),
            seconds=Spread.of([one.seconds for one in self._timed]),
            tokens=Spread.of([float(one.tokens) for one in self._timed]),
            peak=result if isinstance(result, Peak) else None,
        )

    def _exchange(self, question: Question) -> Result | None:
        """The answer; None where there is none, and then never one again."""
        if self._row.error:
            return None
        assert self._process.stdin and self._process.stdout
        try:
            pickle.dump(question, self._process.stdin)
            self._process.stdin.flush()
            result: Result = pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._fail(f"its process ended ({_ended(self._process.wait())})")
            return None
        if isinstance(result, Failure):
            self._fail(result.reason)
            return None
        return result

    def _fail(self, reason: str) -> None:
        self._row = replace(self._row, error=reason)


def _ended(code: int) -> str:
    if code == -9:
        return "killed: most likely for its memory; try one_by_one, or a smaller model"
    return f"exit code {code}"


def check_one_runs(rows: Iterable[ModelRow]) -> None:
    """`EngineError` where every model failed."""
    failed = list(rows)
    if all(row.error for row in failed):
        raise EngineError("; ".join(f"{row.name}: {row.error}" for row in failed))
