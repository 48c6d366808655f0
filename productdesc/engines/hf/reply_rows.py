"""Requests as rows of a decode batch: `generate`'s logits processor and stopping criterion.

The processor chooses each row's next token under its grammar and leaves that one alone, so
`generate`, which takes the best, takes it. A row that has ended reads padding until
all have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...cancel import CancelToken
from ...errors import OutputError
from ..protocol import Settings
from ..structured.choice_probabilities import ChoiceWatch, ClosedChoice
from ..structured.growing_reply import Finish, begin_reply, take_token
from ..structured.sampler import choose, random_generator
from ..structured.token_mask import StructuredReply

Layers = tuple[tuple[Tensor, Tensor], ...]
"""Keys and values of each layer, (1, heads, tokens, width)."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptPrompt:
    """What was read of a conversation: keys and values of its first tokens, no padding.

    `grids` are those of its photos, (photos, 3), where positions are made from them.
    `ahead`: how far the positions of its text run ahead of the count of its tokens.
    """

    layers: Layers = ()
    grids: Tensor | None = None
    ahead: int = 0

    @property
    def tokens(self) -> int:
        return self.layers[0][0].shape[2] if self.layers else 0


@dataclass(frozen=True, slots=True, eq=False)
class HfContext:
    """A context of this engine: a conversation's tokens and what the network read of them.

    `owner` is the network that read them. `ended`: nothing was kept, and the conversation
    cannot go on.
    """

    owner: object = field(repr=False)
    kept: KeptPrompt = field(repr=False)
    ids: tuple[int, ...] = field(default=(), repr=False)
    photos: int = 0
    ended: bool = False

    @property
    def tokens(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedRequest:
    """One request in tokens, all of its conversation's, and what its reply is held to."""

    context: HfContext
    ids: Sequence[int]
    pixels: Mapping[str, Any]
    photos: int
    reply: StructuredReply
    max_tokens: int
    settings: Settings
    choices: Mapping[str, ClosedChoice]
    ends: bool
    token: CancelToken

    @property
    def most_tokens(self) -> int:
        """Tokens of prompt and reply together, at most."""
        return len(self.ids) + self.max_tokens


class ReplyRow:
    """One reply of a decode batch.

    `read` counts the tokens that the network read since the prompt was kept. A row whose
    conversation was cancelled is over at once, without a `finish`; one whose reply cannot
    be closed has an `error`.
    """

    def __init__(self, request: TokenizedRequest) -> None:
        self.last_of_prompt = request.ids[-1]
        self.ends = request.ends
        self.settings: Settings = request.settings
        self.generator: np.random.Generator = random_generator(
            request.settings, request.ids
        )
        self.watch = ChoiceWatch(request.choices)
        self.reply: StructuredReply = begin_reply(request.reply, self.watch)
        self.finish: Finish | None = None
        self.error: OutputError | None = None
        self.read = 0
        self._max_tokens = request.max_tokens
        self._token: CancelToken = request.token
        self._given = 0

    @property
    def is_over(self) -> bool:
        return bool(self.finish or self.error or self._token.error)

    def forced(self) -> int | None:
        """The next token of the reply that the network has not been given yet."""
        if self._given == len(self.reply.ids):
            return None
        self._given += 1
        return self.reply.ids[self._given - 1]

    def take(self, token: int, logits: Tensor) -> None:
        """The token that was chosen by these logits, (vocab,)."""
        try:
            self.finish = take_token(
                self.reply, self.watch, token, logits, max_tokens=self._max_tokens
            )
        except OutputError as e:  # no end of this reply fits its schema
            self.error = e
        self._given += 1


def choosing(rows: Sequence[ReplyRow]) -> Any:
    """The logits processor of these rows; all have one temperature and one `top_p`."""

    def process(input_ids: Tensor, scores: Tensor) -> Tensor:
        chosen = [0] * len(rows)  # padding for rows that are over
        open_rows = []
        for at, row in enumerate(rows):
            if row.is_over:
                continue
            row.read += 1
            token = row.forced()
            if token is None:
                open_rows.append(at)
            else:
                chosen[at] = token
        if open_rows:
            some = [rows[at] for at in open_rows]
            tokens = choose(
                scores[open_rows],
                [row.reply for row in some],
                some[0].settings,
                [row.generator for row in some],
            )
            for at, row, token in zip(open_rows, some, tokens, strict=True):
                row.take(token, scores[at])
                chosen[at] = token
        alone = torch.full_like(scores, -torch.inf)
        alone[torch.arange(len(rows)), torch.tensor(chosen, device=scores.device)] = 0
        return alone

    return process


def ending(rows: Sequence[ReplyRow]) -> Any:
    """The stopping criterion of these rows: each stops where it is over."""

    def stopped(input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        return torch.tensor([row.is_over for row in rows], device=input_ids.device)

    return stopped
