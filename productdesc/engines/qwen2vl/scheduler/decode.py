"""Decoding: many replies at once, each by its own grammar.

Rows leave when their reply ends. A row may bring guesses of what it will say next: the
same forward that reads them scores them, and the first that is not what the model chooses
ends the guess. Nothing here knows photos or files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ...protocol import Settings
from ..attention.kv_cache import KVPrefix
from ..attention.prefix_cache import cache_for
from ..inputs.mrope import positions
from ..modeling.model import Network, Part, Step
from .context import Prefilled
from .prompt_lookup import NgramProposer
from .sampler import choose, draws, is_loop
from .token_mask import StructuredReply

Finish = Literal["complete", "cap", "loop"]


@dataclass(frozen=True, slots=True, eq=False)
class FinishedSequence:
    """A finished reply. `unread` were chosen but not yet read by the model.

    `memory` is empty where none was to be kept.
    """

    reply: StructuredReply
    finish: Finish
    prefix: KVPrefix
    position: int
    unread: tuple[int, ...]


@dataclass(slots=True, eq=False)
class SequenceState:
    """One reply under way; the model has yet to read `waiting`, from `position` on.

    Of the present forward: `guess` is what was read beyond `waiting`, of which the first
    `right` tokens turned out as guessed; `scores` is the place of its first logits.
    """

    index: int
    reply: StructuredReply
    cap: int
    likely: int
    position: int
    generator: np.random.Generator
    waiting: list[int]
    proposer: NgramProposer
    proposed: list[int]
    accepted: int = 0
    scores: int = 0
    finish: Finish | None = None

    @property
    def left(self) -> int:
        return self.likely - len(self.reply.ids)

    def allowed(self, tokens: list[int]) -> list[int]:
        return self.reply.allowed(tokens)


class DecodeBatch:
    """Replies under way that began together, and the cache that their rows share.

    caps, likely: tokens per reply, at most and in all likelihood. kept: whose memory is
    wanted.
    """

    def __init__(
        self,
        network: Network,
        reads: Sequence[Prefilled],
        replies: Sequence[StructuredReply],
        caps: Sequence[int],
        likely: Sequence[int],
        settings: Settings,
        *,
        kept: Sequence[bool],
        drafts: bool,
    ) -> None:
        for reply in replies:
            reply.begin()
        self.rows = [
            SequenceState(
                i,
                reply,
                cap,
                expected,
                read.position,
                draws(settings, read.ids),
                [*read.unread, *reply.ids],
                NgramProposer((*read.ids, *reply.ids) if drafts else ()),
                [],
            )
            for i, (read, reply, cap, expected) in enumerate(
                zip(reads, replies, caps, likely, strict=True)
            )
        ]
        self._kept = kept
        self._settings = settings
        self._cache = cache_for([read.prefix for read in reads], network.device)

    def part(self) -> Part:
        """What every row reads in the next forward, guesses included."""
        steps = [_step(row) for row in self.rows]
        return Part(steps, self._cache, [1 + len(row.proposed) for row in self.rows])

    def advance(self, logits: torch.Tensor) -> list[tuple[int, FinishedSequence]]:
        """Go on by the logits of that part; what ended now, by the place it began at."""
        _choose(self.rows, logits, self._settings)
        self._cache.forget([len(row.proposed) - row.accepted for row in self.rows])
        ended = []
        for place, row in enumerate(self.rows):
            if row.finish:
                memory = self._cache.prefix(place) if self._kept[row.index] else KVPrefix()
                unread = tuple(row.waiting)
                written = FinishedSequence(
                    row.reply, row.finish, memory, row.position, unread
                )
                ended.append((row.index, written))
            row.proposed = []
        if ended:
            staying = [place for place, row in enumerate(self.rows) if not row.finish]
            self.rows = [self.rows[place] for place in staying]
            if staying:
                self._cache.keep(staying)
        return ended


def _step(row: SequenceState) -> Step:
    new = [*row.waiting, *row.proposed]
    places, _ = positions([len(new)], row.position)
    row.position += len(row.waiting)
    return Step(new, places)


def _choose(
    rows: Sequence[SequenceState], logits: torch.Tensor, settings: Settings
) -> None:
    """Add to every reply what the model chooses, on and on while it was guessed."""
    start = 0
    for row in rows:
        row.scores, row.accepted = start, 0
        start += 1 + len(row.proposed)
    going = list(rows)
    while going:
        places = [row.scores + row.accepted for row in going]
        found = logits if len(places) == len(logits) else logits[places]
        replies = [row.reply for row in going]
        tokens = choose(found, replies, settings, [row.generator for row in going])
        for row, token in zip(going, tokens, strict=True):
            said = len(row.reply.ids)
            row.reply.add(token)
            row.finish = _finish(row)
            new = row.reply.ids[said:]
            row.proposer.add(new)
            agreed = _agreed(new, row.proposed[row.accepted :])
            row.accepted += agreed
            row.position += agreed
            row.waiting = new[agreed:]
        going = [row for row in going if not row.finish and not row.waiting]


def _agreed(new: Sequence[int], guess: Sequence[int]) -> int:
    """How many first tokens of both are the same."""
    for at, (said, guessed) in enumerate(zip(new, guess, strict=False)):
        if said != guessed:
            return at
    return min(len(new), len(guess))


def _finish(row: SequenceState) -> Finish | None:
    """How the reply ended, closing it where it must; None while it goes on."""
    if row.reply.is_complete:
        return "complete"
    if is_loop(row.reply.ids):
        row.reply.close()
        return "loop"
    if len(row.reply.ids) >= row.cap:
        row.reply.close()
        return "cap"
    return None
