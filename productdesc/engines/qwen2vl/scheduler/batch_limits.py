"""Which requests are read together, and how much may be under way: by what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...protocol import JsonSchema
from ..inputs.tokenizer import ChatTurn
from .context import Qwen2VLContext
from .token_mask import StructuredReply
from .vision_encoder import Photos


class BatchLimits(NamedTuple):
    """How much is decoded together. Of Qwen2-VL 2B a token takes 28 KB in bfloat16."""

    rows: int = 256  # replies
    tokens: int = 49_152  # read and to be written; what branches share counts once
    least_room: int = 32  # for a reply; a prompt that leaves fewer is too long
    entering: int = 64  # replies that enter together, where as many come
    read: int = 2_048  # tokens of prompts in one forward, beside replies under way


LIMITS = BatchLimits()

# On a CPU a forward of a large model costs what its tokens cost, if they are many, and
# what reading the weights costs, if they are few.
HEAVY = LIMITS._replace(entering=1, read=128)


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedRequest:
    """One request, tokenised, with the reply it must write and its cap in tokens.

    `photos` are cut meanwhile. `likely` is how many tokens the reply has at most, in all
    likelihood. `ends`: what was read is not needed after the reply.
    """

    context: Qwen2VLContext
    turn: ChatTurn
    photos: Photos
    reply: StructuredReply
    cap: int
    likely: int
    ends: bool = False

    @property
    def branch_key(self) -> int:
        """The same for branches of one context, which are read together."""
        alone = bool(self.photos) or not self.context.tokens
        return id(self) if alone else id(self.context)

    @property
    def size(self) -> int:
        return self.context.tokens + len(self.turn.ids) + self.cap


@dataclass(slots=True, eq=False)
class BranchGroup:
    """Jobs that are read together: one, or branches of one context.

    `number` is that of the dialogue that asked; `left` are those without a reply.
    """

    number: int
    places: list[int]  # of its jobs, in what was asked
    requests: list[TokenizedRequest]
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = len(self.requests)

    @property
    def tokens(self) -> int:
        """Read and, in all likelihood, written, when all its replies have ended."""
        read = (
            max(len(job.turn.ids) for job in self.requests)
            + self.requests[0].context.tokens
        )
        return read + sum(job.likely for job in self.requests)


def branch_groups(
    number: int, jobs: Sequence[tuple[int, TokenizedRequest]], limits: BatchLimits = LIMITS
) -> list[BranchGroup]:
    """What one dialogue asked, by place, as it will be read: branches of one context
    together, up to the limits, at least one."""
    found: list[BranchGroup] = []
    latest: dict[int, BranchGroup] = {}
    for place, job in jobs:
        family = latest.get(job.branch_key)
        if family:
            more = BranchGroup(number, [*family.places, place], [*family.requests, job])
            if len(more.requests) <= limits.rows and more.tokens <= limits.tokens:
                family.places, family.requests, family.left = (
                    more.places,
                    more.requests,
                    more.left,
                )
                continue
        latest[job.branch_key] = BranchGroup(number, [place], [job])
        found.append(latest[job.branch_key])
    return found


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
