"""Which replies are decoded together: by the tokens they hold, not by their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...records import Photo
from ..protocol import JsonSchema
from .conversation import Conversation
from .grammar import Reply
from .vocabulary import Turn


class BatchLimits(NamedTuple):
    """How much is decoded together. Of Qwen2-VL 2B a token takes 28 KB in bfloat16."""

    rows: int = 256  # replies
    tokens: int = 49_152  # read and to be written; what branches share counts once
    least_room: int = 32  # for a reply; a prompt that leaves fewer is too long


LIMITS = BatchLimits()


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One request, tokenised, with the reply it must write and its cap in tokens.

    `likely` is how many tokens the reply has at most, in all likelihood. `ends`: what was
    read is not needed after the reply.
    """

    context: Conversation
    turn: Turn
    photos: tuple[Photo, ...]
    reply: Reply
    cap: int
    likely: int
    ends: bool = False

    @property
    def family(self) -> int:
        """The same for branches of one context, which are read together."""
        alone = bool(self.photos) or not self.context.tokens
        return id(self) if alone else id(self.context)

    @property
    def size(self) -> int:
        return self.context.tokens + len(self.turn.ids) + self.cap


def batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Consecutive jobs within the limits; at least one each."""
    batch: list[Job] = []
    read: dict[int, int] = {}  # tokens of what each family shares
    written = 0
    for job in jobs:
        before = len(job.turn.ids) + job.context.tokens
        more = job.likely + (0 if job.family in read else before)
        full = len(batch) == LIMITS.rows or (
            sum(read.values()) + written + more > LIMITS.tokens
        )
        if batch and full:
            yield batch
            batch, read, written = [], {}, 0
        batch.append(job)
        read[job.family] = max(before, read.get(job.family, 0))
        written += job.likely
    if batch:
        yield batch


def likely_tokens(schema: JsonSchema, cap: int) -> int:
    """Tokens of a reply: two characters each of the longest texts, or its whole cap."""
    longest = _longest(schema)
    return cap if longest is None else min(cap, longest // 2 + 1)


def _longest(schema: Any) -> int | None:
    """Characters of the longest value, without names; None where nothing bounds it."""
    match schema:
        case {"properties": properties}:
            parts = [_longest(part) for part in properties.values()]
        case {"items": item, "maxItems": most}:
            parts = [_longest(item)] * most
        case {"enum": values}:
            parts = [max(len(str(value)) for value in values)]
        case {"maxLength": most}:
            parts = [most]
        case {"const": value}:
            parts = [len(str(value))]
        case _:
            return None
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
