"""The decoding loop: many replies at once, each by its own grammar.

Rows leave the batch when their reply ends. A row may bring guesses of what it will say
next: the same forward that reads them scores them, and the first that is not what the
model chooses ends the guess. Nothing here knows photos or files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ..protocol import Settings
from .cache import BatchCache, Memory
from .conversation import Read
from .drafts import Lookup, guess
from .grammar import Reply
from .model import Network, Step
from .positions import positions
from .sampling import choose, draws, is_loop

Finish = Literal["complete", "cap", "loop"]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A finished reply. `unread` were chosen but not yet read by the model.

    `memory` is empty where none was to be kept.
    """

    reply: Reply
    finish: Finish
    memory: Memory
    position: int
    unread: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Row:
    """One reply under way; the model has yet to read `waiting`, from `position` on.

    Of the present forward: `guess` is what was read beyond `waiting`, of which the first
    `right` tokens turned out as guessed; `scores` is the place of its first logits.
    """

    index: int
    reply: Reply
    cap: int
    likely: int
    position: int
    generator: np.random.Generator
    waiting: list[int]
    lookup: Lookup
    guess: list[int]
    right: int = 0
    scores: int = 0
    finish: Finish | None = None

    @property
    def left(self) -> int:
        return self.likely - len(self.reply.ids)

    def allowed(self, tokens: list[int]) -> list[int]:
        return self.reply.allowed(tokens)


def decode(
    network: Network,
    reads: Sequence[Read],
    replies: Sequence[Reply],
    caps: Sequence[int],
    likely: Sequence[int],
    settings: Settings,
    *,
    kept: Sequence[bool],
    drafts: bool = True,
) -> list[Written]:
    """One finished reply per conversation, in order.

    caps, likely: tokens per reply, at most and in all likelihood. kept: whose memory is
    wanted. drafts: guess ahead, the likely longest reply first; the replies are the same
    without.
    """
    rows = [
        _Row(
            i,
            reply,
            cap,
            expected,
            read.position,
            draws(settings, read.ids),
            list(read.unread),
            Lookup(read.ids if drafts else ()),
            [],
        )
        for i, (read, reply, cap, expected) in enumerate(
            zip(reads, replies, caps, likely, strict=True)
        )
    ]
    written: dict[int, Written] = {}
    cache = BatchCache([read.memory for read in reads], network.device)
    while rows:
        logits = network.extend(
            [_step(row) for row in rows], cache, [1 + len(row.guess) for row in rows]
        )
        _choose(rows, logits, settings, network.device)
        cache.forget([len(row.guess) - row.right for row in rows])
        for place, row in enumerate(rows):
            if row.finish:
                memory = cache.memory(place) if kept[row.index] else Memory()
                unread = tuple(row.waiting)
                written[row.index] = Written(
                    row.reply, row.finish, memory, row.position, unread
                )
        staying = [place for place, row in enumerate(rows) if not row.finish]
        if len(staying) < len(rows):
            rows = [rows[place] for place in staying]
            if not rows:
                break
            cache.keep(staying)
        if drafts:
            guess(rows)
    return [written[index] for index in range(len(reads))]


def _step(row: _Row) -> Step:
    new = [*row.waiting, *row.guess]
    places, _ = positions([len(new)], row.position)
    row.position += len(row.waiting)
    return Step(new, places)


def _choose(
    rows: Sequence[_Row], logits: torch.Tensor, settings: Settings, device: torch.device
) -> None:
    """Add to every reply what the model chooses, on and on while it was guessed."""
    start = 0
    for row in rows:
        row.scores, row.right = start, 0
        start += 1 + len(row.guess)
    going = list(rows)
    while going:
        masks = torch.from_numpy(np.stack([row.reply.mask() for row in going])).to(device)
        places = [row.scores + row.right for row in going]
        found = logits if len(places) == len(logits) else logits[places]
        tokens = choose(found, masks, settings, [row.generator for row in going])
        for row, token in zip(going, tokens, strict=True):
            said = len(row.reply.ids)
            row.reply.add(token)
            row.finish = _finish(row)
            new = row.reply.ids[said:]
            row.lookup.add(new)
            agreed = _agreed(new, row.guess[row.right :])
            row.right += agreed
            row.position += agreed
            row.waiting = new[agreed:]
        going = [row for row in going if not row.finish and not row.waiting]


def _agreed(new: Sequence[int], guess: Sequence[int]) -> int:
    """How many first tokens of both are the same."""
    for at, (said, guessed) in enumerate(zip(new, guess, strict=False)):
        if said != guessed:
            return at
    return min(len(new), len(guess))


def _finish(row: _Row) -> Finish | None:
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
