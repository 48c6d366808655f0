"""The decoding loop: many replies at once, each by its own grammar.

Rows leave the batch when their reply ends. Nothing here knows photos or files.
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
from .grammar import Reply
from .model import Network, Step
from .positions import positions
from .sampling import choose, draws, is_loop

Finish = Literal["complete", "cap", "loop"]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A finished reply. `unread` were chosen but not yet read by the model."""

    reply: Reply
    finish: Finish
    memory: Memory
    position: int
    unread: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Row:
    """One reply under way; `fed` of its tokens were read by the model."""

    index: int
    reply: Reply
    cap: int
    position: int
    generator: np.random.Generator
    fed: int = 0


def decode(
    network: Network,
    reads: Sequence[Read],
    replies: Sequence[Reply],
    caps: Sequence[int],
    settings: Settings,
) -> list[Written]:
    """One finished reply per conversation, in order; `caps` are in tokens per reply."""
    rows = [
        _Row(i, reply, cap, read.position, draws(settings, read.ids))
        for i, (read, reply, cap) in enumerate(zip(reads, replies, caps, strict=True))
    ]
    written: dict[int, Written] = {}
    cache = BatchCache([read.memory for read in reads], network.device)
    logits = torch.stack([read.logits for read in reads])
    while True:
        masks = torch.from_numpy(np.stack([row.reply.mask() for row in rows]))
        masks = masks.to(network.device)
        tokens = choose(logits, masks, settings, [row.generator for row in rows])
        staying = []
        for place, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            row.reply.add(token)
            finish = _finish(row)
            if finish is None:
                staying.append(place)
            else:
                unread = tuple(row.reply.ids[row.fed :])
                memory = cache.memory(place)
                written[row.index] = Written(
                    row.reply, finish, memory, row.position, unread
                )
        if not staying:
            return [written[index] for index in range(len(reads))]
        if len(staying) < len(rows) or cache.is_wasteful():
            cache = BatchCache([cache.memory(p) for p in staying], network.device)
            rows = [rows[p] for p in staying]
        logits = network.extend([_step(row) for row in rows], cache)


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


def _step(row: _Row) -> Step:
    new = row.reply.ids[row.fed :]
    places, row.position = positions([len(new)], row.position)
    row.fed += len(new)
    return Step(new, places)
