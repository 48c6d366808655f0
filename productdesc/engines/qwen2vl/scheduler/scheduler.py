"""Scheduler of continuous batching: sequences join and leave between forwards.

    waiting -> prefill, beside the rows that decode -> ready -> decode -> answered

A forward costs a large model nearly the same for one row as for thirty, so prompts are
prefilled in the same forwards in which others decode: the last long texts of some products
cost almost nothing beside the photo of the next.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from ...protocol import Answer
from ..modeling.model import Network, Part
from .batch_limits import BatchLimits, BranchGroup, TokenizedRequest, branch_groups
from .context import Prefill, Prefilled
from .decode import DecodeBatch, FinishedSequence
from .prompt_lookup import propose


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """A prefilled request of a branch group, ready to decode or decoding."""

    group: BranchGroup
    place: int  # in the group
    prefilled: Prefilled

    @property
    def request(self) -> TokenizedRequest:
        return self.group.requests[self.place]


@dataclass(slots=True, eq=False)
class _Running:
    """A decode batch under way; `members` has those that finished, too."""

    members: list[_Ready]
    batch: DecodeBatch


class Scheduler:
    """Schedules requests of many conversations, from waiting to answered, in order asked.

    prefill: begins to prefill a group; it is given the groups that wait after it. answer:
    makes an answer of a finished sequence. What is under way is held to `limits`, but for
    a group that is alone.
    """

    def __init__(
        self,
        network: Network,
        limits: BatchLimits,
        *,
        prefill: Callable[[BranchGroup, Sequence[BranchGroup]], Prefill],
        answer: Callable[[TokenizedRequest, Prefilled, FinishedSequence], Answer],
        prompt_lookup: bool,
    ) -> None:
        self._network = network
        self._limits = limits
        self._prefill = prefill
        self._answer = answer
        self._prompt_lookup = prompt_lookup
        self._waiting: list[BranchGroup] = []
        self._active: list[BranchGroup] = []
        self._prefills: list[tuple[BranchGroup, Prefill]] = []
        self._ready: list[_Ready] = []
        self._running: list[_Running] = []
        self._answers: dict[int, list[Answer | None]] = {}

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting or self._active)

    def add(self, conversation: int, requests: Sequence[TokenizedRequest]) -> None:
        """Queue what a conversation asked; nothing else that it asked is unanswered."""
        self._answers[conversation] = [None] * len(requests)
        numbered = list(enumerate(requests))
        self._wait(branch_groups(conversation, numbered, self._limits))

    def drop(self, conversation: int) -> None:
        """Forget what a conversation asked; its rows are in no forward from now on."""
        if self._answers.pop(conversation, None) is None:
            return
        for group in self._waiting + self._active:
            if group.conversation == conversation:
                group.cancel_images()
        self._waiting = [g for g in self._waiting if g.conversation != conversation]
        self._active = [g for g in self._active if g.conversation != conversation]
        self._prefills = [
            one for one in self._prefills if one[0].conversation != conversation
        ]
        self._ready = [r for r in self._ready if r.group.conversation != conversation]
        for running in self._running:
            running.batch.drop(
                {
                    at
                    for at, member in enumerate(running.members)
                    if member.group.conversation == conversation
                }
            )
        self._running = [running for running in self._running if running.batch.rows]

    def forward(self) -> list[tuple[int, list[Answer]]]:
        """Run one forward; the conversations that are answered now, with all answers.

        Where memory does not hold what is under way, all of it begins anew, half at a
        time. Raises `torch.OutOfMemoryError` where it does not hold one reply.
        """
        try:
            return self._forward()
        except torch.OutOfMemoryError:
            rows = sum(group.unfinished for group in self._active)
            if rows == 1:
                raise
        self._begin_anew(rows // 2)
        return []

    def _forward(self) -> list[tuple[int, list[Answer]]]:
        if self._prompt_lookup:
            propose([row for running in self._running for row in running.batch.rows])
        parts = [running.batch.next_part() for running in self._running]
        parts += self._prefill_parts()
        logits = self._network.forward(parts) if parts else []
        answered = [
            number
            for running, scores in zip(self._running, logits, strict=False)
            for at, sequence in running.batch.advance(scores)
            if (number := self._finished(running.members[at], sequence)) is not None
        ]
        self._running = [running for running in self._running if running.batch.rows]
        for group, prefill in self._prefills:
            if not prefill.remaining:
                done = enumerate(prefill.finish())
                self._ready += [_Ready(group, place, read) for place, read in done]
        self._prefills = [one for one in self._prefills if one[1].remaining]
        if self._may_join():
            self._running += self._begin(self._ready)
            self._ready = []
        return [(number, self._all(number)) for number in answered]

    def _prefill_parts(self) -> list[Part]:
        """Chunks of prefills for this forward, of those first that asked first.

        Beside rows that decode it is little at a time, so that they go on meanwhile.
        """
        parts: list[Part] = []
        left = self._limits.prefill
        while left > 0 and (prefill := self._next_prefill()):
            parts.append(prefill.next_part(left if self._running else prefill.remaining))
            left -= len(parts[-1].steps[0].ids)
        return parts

    def _next_prefill(self) -> Prefill | None:
        """The first of those begun and those that wait, if there is room."""
        while True:
            begun = next((one for one in self._prefills if one[1].remaining), None)
            group = self._waiting[0] if self._waiting else None
            is_next = group and not (begun and begun[0].conversation <= group.conversation)
            if group is None or not is_next or not self._has_room(group):
                return begun[1] if begun else None
            self._active.append(self._waiting.pop(0))
            self._prefills.append((group, self._prefill(group, self._waiting)))
            self._prefills.sort(key=lambda one: one[0].conversation)

    def _has_room(self, group: BranchGroup) -> bool:
        rows = sum(active.unfinished for active in self._active) + group.unfinished
        tokens = sum(active.tokens for active in self._active) + group.tokens
        fits = rows <= self._limits.rows and tokens <= self._limits.tokens
        return fits or not self._active

    def _may_join(self) -> bool:
        """Whether the ready sequences are enough for a batch, or all there are for now."""
        if len(self._ready) >= self._limits.joining:
            return True
        more = bool(self._running) or (self._waiting and self._has_room(self._waiting[0]))
        return bool(self._ready) and not more

    def _begin(self, members: list[_Ready]) -> list[_Running]:
        """Decode batches of the ready: one for all that sample in the same way."""
        alike: dict[tuple[float, float], list[_Ready]] = {}
        for member in members:
            settings = member.request.settings
            alike.setdefault((settings.temperature, settings.top_p), []).append(member)
        return [_Running(some, self._batch(some)) for some in alike.values()]

    def _batch(self, members: Sequence[_Ready]) -> DecodeBatch:
        pairs = [(member.request, member.prefilled) for member in members]
        return DecodeBatch(self._network, pairs, prompt_lookup=self._prompt_lookup)

    def _finished(self, member: _Ready, sequence: FinishedSequence) -> int | None:
        """Note the answer; the conversation's number where it was the last."""
        group = member.group
        place = group.places[member.place]
        answers = self._answers[group.conversation]
        answers[place] = self._answer(member.request, member.prefilled, sequence)
        group.unfinished -= 1
        if not group.unfinished:
            self._active.remove(group)
        return None if None in answers else group.conversation

    def _all(self, conversation: int) -> list[Answer]:
        return [answer for answer in self._answers.pop(conversation) if answer]

    def _wait(self, new: Sequence[BranchGroup]) -> None:
        for group in new:
            insort(self._waiting, group, key=lambda waiting: waiting.conversation)

    def _begin_anew(self, rows: int) -> None:
        """Everything under way waits again, with no more than so many rows at a time."""
        self._limits = replace(self._limits, rows=rows)
        again: dict[int, list[tuple[int, TokenizedRequest]]] = {}
        for group in self._active + self._waiting:
            requests = again.setdefault(group.conversation, [])
            answers = self._answers[group.conversation]
            pairs = zip(group.places, group.requests, strict=True)
            requests += [(place, one) for place, one in pairs if answers[place] is None]
        for under_way in (
            self._active,
            self._waiting,
            self._prefills,
            self._ready,
            self._running,
        ):
            under_way.clear()
        for conversation, requests in again.items():
            self._wait(branch_groups(conversation, requests, self._limits))
