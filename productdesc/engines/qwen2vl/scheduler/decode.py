"""Decode batches: many replies at once, each by its own grammar, with draft tokens.

Rows leave when their reply ends. A row may propose draft tokens: the same forward that
reads them scores them, and the first that is not what the model chooses ends the draft.
Nothing here knows photos or files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ...protocol import ChoiceProbability, Settings
from ...structured.choice_probabilities import ChoiceWatch
from ...structured.growing_reply import Finish, begin_reply, take_token
from ...structured.sampler import choose, random_generator
from ...structured.token_mask import StructuredReply
from ..attention.kv_cache import KVPrefix
from ..attention.prefix_cache import cache_for
from ..inputs.mrope import positions
from ..modeling.model import Network, Part, Step
from .batch_limits import TokenizedRequest
from .context import Prefilled
from .prompt_lookup import NgramProposer


@dataclass(frozen=True, slots=True, eq=False)
class FinishedSequence:
    """A finished reply and its KV prefix. `unread` tokens are not in the prefix yet.

    The prefix is empty where the conversation ends with this reply.
    """

    reply: StructuredReply
    finish: Finish
    prefix: KVPrefix
    position: int
    unread: tuple[int, ...]
    probabilities: Mapping[str, ChoiceProbability | None]


@dataclass(slots=True, eq=False)
class SequenceState:
    """One row of a decode batch; the model has yet to read `unread`, from `position` on.

    Of the present forward: `proposed` are the draft tokens that were read beyond `unread`,
    of which the first `accepted` are what the model chose; `first_score` is the row of its
    first logits.
    """

    index: int
    reply: StructuredReply
    max_tokens: int
    expected_tokens: int
    position: int
    generator: np.random.Generator
    unread: list[int]
    proposer: NgramProposer
    watch: ChoiceWatch
    proposed: list[int]
    accepted: int = 0
    first_score: int = 0
    finish: Finish | None = None

    @property
    def expected_left(self) -> int:
        return self.expected_tokens - len(self.reply.ids)

    def allowed(self, tokens: list[int]) -> list[int]:
        return self.reply.allowed(tokens)


class DecodeBatch:
    """Rows that began decoding together, and the KV cache that they share."""

    def __init__(
        self,
        network: Network,
        prefilled: Sequence[tuple[TokenizedRequest, Prefilled]],
        *,
        prompt_lookup: bool,
    ) -> None:
        """`prompt_lookup`: propose draft tokens from what was read and written before.

        All requests have the same temperature and `top_p`.
        """
        self.rows = [
            _begin(index, request, read, prompt_lookup)
            for index, (request, read) in enumerate(prefilled)
        ]
        self._ends = [request.ends for request, _ in prefilled]
        self._settings = prefilled[0][0].settings
        self._cache = cache_for([read.prefix for _, read in prefilled], network.device)

    def next_part(self) -> Part:
        """What every row reads in the next forward, draft tokens included."""
        steps = [_step(row) for row in self.rows]
        return Part(steps, self._cache, [1 + len(row.proposed) for row in self.rows])

    def advance(self, logits: torch.Tensor) -> list[tuple[int, FinishedSequence]]:
        """Choose tokens by the logits of that part; finished replies, by starting index."""
        _choose(self.rows, logits, self._settings)
        self._cache.rollback([len(row.proposed) - row.accepted for row in self.rows])
        finished = []
        for place, row in enumerate(self.rows):
            if row.finish:
                ends = self._ends[row.index]
                prefix = KVPrefix() if ends else self._cache.prefix(place)
                unread = tuple(row.unread)
                sequence = FinishedSequence(
                    row.reply,
                    row.finish,
                    prefix,
                    row.position,
                    unread,
                    row.watch.probabilities(),
                )
                finished.append((row.index, sequence))
            row.proposed = []
        if finished:
            self._keep([place for place, row in enumerate(self.rows) if not row.finish])
        return finished

    def drop(self, indices: Collection[int]) -> None:
        """Let rows go before their reply has ended, by starting index."""
        self._keep([p for p, row in enumerate(self.rows) if row.index not in indices])

    def _keep(self, staying: list[int]) -> None:
        self.rows = [self.rows[place] for place in staying]
        if staying:
            self._cache.select_rows(staying)


def _begin(
    index: int,
    request: TokenizedRequest,
    read: Prefilled,
    prompt_lookup: bool,
) -> SequenceState:
    watch = ChoiceWatch(request.choices)
    reply = begin_reply(request.reply, watch)
    return SequenceState(
        index=index,
        reply=reply,
        max_tokens=request.max_tokens,
        expected_tokens=request.expected_tokens,
        position=read.position,
        generator=random_generator(request.settings, read.ids),
        unread=[*read.unread, *reply.ids],
        proposer=NgramProposer((*read.ids, *reply.ids) if prompt_lookup else ()),
        watch=watch,
        proposed=[],
    )


def _step(row: SequenceState) -> Step:
    new = [*row.unread, *row.proposed]
    places, _ = positions([len(new)], row.position)
    row.position += len(row.unread)
    return Step(new, places)


def _choose(
    rows: Sequence[SequenceState], logits: torch.Tensor, settings: Settings
) -> None:
    """Add to every reply the tokens that the model chooses, while its draft is right."""
    start = 0
    for row in rows:
        row.first_score, row.accepted = start, 0
        start += 1 + len(row.proposed)
    going = list(rows)
    while going:
        places = [row.first_score + row.accepted for row in going]
        scores = logits if len(places) == len(logits) else logits[places]
        replies = [row.reply for row in going]
        tokens = choose(scores, replies, settings, [row.generator for row in going])
        for row, token, place in zip(going, tokens, places, strict=True):
            length = len(row.reply.ids)
            row.finish = take_token(
                row.reply, row.watch, token, logits[place], max_tokens=row.max_tokens
            )
            new = row.reply.ids[length:]
            row.proposer.add(new)
            accepted = _common_start(new, row.proposed[row.accepted :])
            row.accepted += accepted
            row.position += accepted
            row.unread = new[accepted:]
        going = [row for row in going if not row.finish and not row.unread]


def _common_start(new: Sequence[int], proposed: Sequence[int]) -> int:
    """How many first tokens of both are the same."""
    for at, (token, draft) in enumerate(zip(new, proposed, strict=False)):
        if token != draft:
            return at
    return min(len(new), len(proposed))
