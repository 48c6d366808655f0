"""What every forward does: rows leave when their reply ends, and others enter meanwhile.

    waiting -> read, beside the rows that write -> ready -> writing -> answered

A forward costs a large model nearly the same for one row as for thirty, so what is read
next is read along with the rows under way: the last long texts of some products cost
almost nothing beside the photo of the next.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ...protocol import Answer, Settings
from ..modeling.model import Network, Part
from .batch_limits import BatchLimits, BranchGroup, TokenizedRequest, branch_groups
from .context import Prefill, Prefilled
from .decode import DecodeBatch, FinishedSequence
from .prompt_lookup import propose


@dataclass(frozen=True, slots=True, eq=False)
class _Entered:
    """A reply's place: whose it is, and what was read for it."""

    group: BranchGroup
    place: int  # in the family
    read: Prefilled

    @property
    def request(self) -> TokenizedRequest:
        return self.group.requests[self.place]


@dataclass(slots=True, eq=False)
class _Batch:
    """Replies that entered together; `entered` has those that ended, too."""

    entered: list[_Entered]
    decoding: DecodeBatch


class Scheduler:
    """Jobs of many dialogues, from waiting to answered; those that asked first go first.

    read: begins to read a family; it is told which wait after it. answer: makes an answer
    of a finished reply. What is read is held to `limits`, but for a family that is alone.
    """

    def __init__(
        self,
        network: Network,
        settings: Settings,
        limits: BatchLimits,
        *,
        read: Callable[[BranchGroup, Sequence[BranchGroup]], Prefill],
        answer: Callable[[TokenizedRequest, Prefilled, FinishedSequence], Answer],
        drafts: bool,
    ) -> None:
        self._network = network
        self._settings = settings
        self._limits = limits
        self._read = read
        self._answer = answer
        self._drafts = drafts
        self._waiting: list[BranchGroup] = []
        self._active: list[BranchGroup] = []
        self._readings: list[tuple[BranchGroup, Prefill]] = []
        self._ready: list[_Entered] = []
        self._batches: list[_Batch] = []
        self._answers: dict[int, list[Answer | None]] = {}

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting or self._active)

    def add(self, number: int, jobs: Sequence[TokenizedRequest]) -> None:
        """What dialogue `number` asked; it has asked nothing else that is unanswered."""
        self._answers[number] = [None] * len(jobs)
        self._wait(branch_groups(number, list(enumerate(jobs)), self._limits))

    def forward(self) -> list[tuple[int, list[Answer]]]:
        """One forward; the dialogues for which it brought the last answer, with them all.

        Where memory does not hold what is under way, all of it begins anew, half at a
        time. Raises `torch.OutOfMemoryError` where it does not hold one reply.
        """
        try:
            return self._forward()
        except torch.OutOfMemoryError:
            rows = sum(family.left for family in self._active)
            if rows == 1:
                raise
        self._begin_anew(rows // 2)
        return []

    def _forward(self) -> list[tuple[int, list[Answer]]]:
        if self._drafts:
            propose([row for batch in self._batches for row in batch.decoding.rows])
        parts = [batch.decoding.part() for batch in self._batches]
        parts += self._parts_to_read()
        logits = self._network.forward(parts) if parts else []
        done = [
            number
            for batch, scores in zip(self._batches, logits, strict=False)
            for at, written in batch.decoding.advance(scores)
            if (number := self._ended(batch.entered[at], written)) is not None
        ]
        self._batches = [batch for batch in self._batches if batch.decoding.rows]
        for family, reading in self._readings:
            if not reading.left:
                reads = enumerate(reading.done())
                self._ready += [_Entered(family, place, read) for place, read in reads]
        self._readings = [one for one in self._readings if one[1].left]
        if self._may_enter():
            self._batches.append(self._batch(self._ready))
            self._ready = []
        return [(number, self._all(number)) for number in done]

    def _parts_to_read(self) -> list[Part]:
        """What is read in this forward, of those first that asked first.

        Beside rows that write it is little at a time, so that they go on meanwhile.
        """
        parts: list[Part] = []
        left = self._limits.read
        while left > 0 and (reading := self._first_to_read()):
            parts.append(reading.part(left if self._batches else reading.left))
            left -= len(parts[-1].steps[0].ids)
        return parts

    def _first_to_read(self) -> Prefill | None:
        """Of those begun and those that wait, if there is room."""
        while True:
            begun = next((one for one in self._readings if one[1].left), None)
            waits = self._waiting[0] if self._waiting else None
            is_next = waits and not (begun and begun[0].number <= waits.number)
            if waits is None or not is_next or not self._has_room(waits):
                return begun[1] if begun else None
            self._active.append(self._waiting.pop(0))
            self._readings.append((waits, self._read(waits, self._waiting)))
            self._readings.sort(key=lambda one: one[0].number)

    def _has_room(self, family: BranchGroup) -> bool:
        rows = sum(active.left for active in self._active) + family.left
        tokens = sum(active.tokens for active in self._active) + family.tokens
        fits = rows <= self._limits.rows and tokens <= self._limits.tokens
        return fits or not self._active

    def _may_enter(self) -> bool:
        """Whether what is ready is enough, or all there is for now."""
        if len(self._ready) >= self._limits.entering:
            return True
        comes = bool(self._batches) or (self._waiting and self._has_room(self._waiting[0]))
        return bool(self._ready) and not comes

    def _batch(self, entered: list[_Entered]) -> _Batch:
        jobs = [one.request for one in entered]
        decoding = DecodeBatch(
            self._network,
            [one.read for one in entered],
            [job.reply.fresh() for job in jobs],
            [job.cap for job in jobs],
            [job.likely for job in jobs],
            self._settings,
            kept=[not job.ends for job in jobs],
            drafts=self._drafts,
        )
        return _Batch(entered, decoding)

    def _ended(self, entered: _Entered, written: FinishedSequence) -> int | None:
        """Keep the answer; the dialogue's number where it was the last."""
        family = entered.group
        place = family.places[entered.place]
        answers = self._answers[family.number]
        answers[place] = self._answer(entered.request, entered.read, written)
        family.left -= 1
        if not family.left:
            self._active.remove(family)
        return None if None in answers else family.number

    def _all(self, number: int) -> list[Answer]:
        return [answer for answer in self._answers.pop(number) if answer]

    def _wait(self, new: Sequence[BranchGroup]) -> None:
        for family in new:
            insort(self._waiting, family, key=lambda waiting: waiting.number)

    def _begin_anew(self, rows: int) -> None:
        """Everything under way waits again, with no more than so many rows at a time."""
        self._limits = self._limits._replace(rows=rows)
        again: dict[int, list[tuple[int, TokenizedRequest]]] = {}
        for family in self._active + self._waiting:
            jobs = again.setdefault(family.number, [])
            answers = self._answers[family.number]
            pairs = zip(family.places, family.requests, strict=True)
            jobs += [(place, job) for place, job in pairs if answers[place] is None]
        for under_way in (
            self._active,
            self._waiting,
            self._readings,
            self._ready,
            self._batches,
        ):
            under_way.clear()
        for number, jobs in again.items():
            self._wait(branch_groups(number, jobs, self._limits))
