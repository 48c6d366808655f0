"""Batch limits: how many rows and tokens are decoded together, and which form a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...protocol import JsonSchema, Settings
from ...structured.choice_probabilities import ClosedChoice
from ...structured.token_mask import StructuredReply
from ..inputs.tokenizer import ChatTurn
from .context import Qwen2VLContext
from .vision_encoder import RequestImages

KV_BYTES = 3_000_000_000
"""The most memory for keys and values of what is under way, where no limits are given.

49,152 tokens of Qwen2-VL in bfloat16 fit: 1.4 GB with 2B, 2.8 GB with 7B. A token of
Qwen3-VL 4B takes five times what one of the 2B takes, so fewer are under way together.
"""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Batch limits in rows and tokens; a token of Qwen2-VL 2B takes 28 KB in bfloat16."""

    rows: int = 256  # replies under way
    tokens: int = 49_152  # prefilled and expected; a shared prefix counts once
    least_room: int = 32  # for a reply; a prompt that leaves fewer is too long
    joining: int = 64  # replies that join the batch together, where as many come
    prefill: int = 2_048  # tokens of prompts in one forward, beside replies under way

    def for_model(self, kv_bytes: int) -> BatchLimits:
        """The same, with no more tokens than `KV_BYTES` hold at so many bytes a token."""
        return replace(self, tokens=min(self.tokens, KV_BYTES // kv_bytes))


DEFAULT_LIMITS = BatchLimits()

# On a CPU a forward of a large model costs what its tokens cost, if they are many, and
# what reading the weights costs, if they are few.
LARGE_ON_CPU_LIMITS = replace(DEFAULT_LIMITS, joining=1, prefill=128)


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedRequest:
    """One request in tokens, with its images and the structured reply that it must get.

    `max_tokens` is the cap of the reply; `expected_tokens` is the most it has in all
    likelihood. `images` are preprocessed meanwhile. `ends`: the KV cache is not needed
    after the reply. `choices`: those whose probabilities are wanted, by JSON pointer.
    """

    context: Qwen2VLContext
    turn: ChatTurn
    images: RequestImages
    reply: StructuredReply
    max_tokens: int
    expected_tokens: int
    settings: Settings
    ends: bool = False
    choices: Mapping[str, ClosedChoice] = field(default_factory=dict)

    @property
    def branch_key(self) -> int:
        """The same for branches of one context, which are prefilled together."""
        alone = bool(self.images) or not self.context.tokens
        return id(self) if alone else id(self.context)


@dataclass(slots=True, eq=False)
class BranchGroup:
    """Branch group: requests prefilled together, as branches of one context, or one alone.

    `conversation` is the number of the conversation that asked; `unfinished` counts the
    requests without a reply.
    """

    conversation: int
    places: list[int]  # of its requests among those that the conversation asked
    requests: list[TokenizedRequest]
    unfinished: int = field(init=False)

    def __post_init__(self) -> None:
        self.unfinished = len(self.requests)

    @property
    def tokens(self) -> int:
        """Tokens of the prompts and expected replies, when all of them have ended."""
        prompt = (
            max(len(request.turn.ids) for request in self.requests)
            + self.requests[0].context.tokens
        )
        return prompt + sum(request.expected_tokens for request in self.requests)

    def cancel_images(self) -> None:
        """Have no image preprocessed that was not begun."""
        for request in self.requests:
            for future in request.images.patches:
                future.cancel()


def branch_groups(
    conversation: int,
    requests: Sequence[tuple[int, TokenizedRequest]],
    limits: BatchLimits = DEFAULT_LIMITS,
) -> list[BranchGroup]:
    """Group one conversation's requests, by place: branches of one context together.

    A group holds as many as the limits allow, at least one.
    """
    groups: list[BranchGroup] = []
    latest: dict[int, BranchGroup] = {}
    for place, request in requests:
        group = latest.get(request.branch_key)
        if group:
            more = BranchGroup(
                conversation, [*group.places, place], [*group.requests, request]
            )
            if len(more.requests) <= limits.rows and more.tokens <= limits.tokens:
                group.places, group.requests = more.places, more.requests
                group.unfinished = more.unfinished
                continue
        latest[request.branch_key] = BranchGroup(conversation, [place], [request])
        groups.append(latest[request.branch_key])
    return groups


def expected_tokens(schema: JsonSchema, cap: int) -> int:
    """Expected tokens of a reply: two characters each of its longest texts, or the cap."""
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
