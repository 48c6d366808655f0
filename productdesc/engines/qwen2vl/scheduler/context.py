"""Context of a conversation (its KV prefix), and the prefill of its next turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from ..attention.kv_cache import KVPrefix
from ..attention.prefix_cache import PrefixCache
from ..inputs.mrope import positions
from ..inputs.tokenizer import ChatTurn
from ..modeling.model import Network, Part, Step


@dataclass(frozen=True, slots=True, eq=False)
class Qwen2VLContext:
    """A context of the Qwen2-VL engine: a conversation's tokens and their KV prefix.

    `ids` ends with `unread` tokens, which are not in the KV prefix yet: the model reads
    them when the conversation goes on; `position` is that of the first of them. `owner` is
    the network that computed the prefix. `ended`: no prefix was held, and the conversation
    cannot go on.
    """

    owner: object = field(repr=False)
    ids: tuple[int, ...] = field(default=(), repr=False)
    unread: tuple[int, ...] = field(default=(), repr=False)
    prefix: KVPrefix = field(default_factory=KVPrefix, repr=False)
    position: int = 0
    photos: int = 0
    ended: bool = False

    @property
    def tokens(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Prefilled:
    """A conversation whose new turn is prefilled, but for its last tokens, `unread`.

    `ids` are all its tokens, `position` is that of the first unread one.
    """

    prefix: KVPrefix
    ids: tuple[int, ...]
    unread: tuple[int, ...]
    position: int


def prefill_system(network: Network, turn: ChatTurn) -> Qwen2VLContext:
    """Prefill the system prompt of a turn alone: a context that any turn may continue."""
    count = turn.system
    places, position = positions([count], 0)
    cache = PrefixCache(KVPrefix(), 1, network.device, count)
    network.forward([Part([Step(turn.ids[:count], places)], cache, [0])])
    return Qwen2VLContext(network, turn.ids[:count], (), cache.prefix(0), position)


class Prefill:
    """Prefill of one or more turns that branch from one context: shared tokens, read once.

    The rest of each turn, at least its last token, stays unread: the batch reads it in its
    first decode step. With more than one turn, none may have photos. The context stays as
    it was.
    """

    def __init__(
        self,
        network: Network,
        context: Qwen2VLContext,
        turns: Sequence[ChatTurn],
        images: torch.Tensor | None = None,
    ) -> None:
        """`images` are the image embeddings of the one turn, (tokens, width)."""
        self._context = context
        self._turns = turns
        self._new_ids = [(*context.unread, *turn.ids) for turn in turns]
        self._shared = _common_tokens(self._new_ids)
        pieces = [len(context.unread), *turns[0].pieces]
        self._positions, _ = positions(pieces, context.position)
        self._image_token = network.image_token
        self._images = images
        self._cache = PrefixCache(context.prefix, 1, network.device, self._shared)
        self._done = 0

    @property
    def remaining(self) -> int:
        """Tokens that are yet to be prefilled."""
        return self._shared - self._done

    def next_part(self, most: int) -> Part:
        """The next chunk of the prefill, at most so many tokens, for one forward."""
        start, self._done = self._done, min(self._shared, self._done + most)
        ids = self._new_ids[0][start : self._done]
        images: list[torch.Tensor] = []
        if self._images is not None:
            count = ids.count(self._image_token)
            images, self._images = [self._images[:count]], self._images[count:]
        step = Step(ids, self._positions[:, start : self._done], images)
        return Part([step], self._cache, [0])

    def finish(self) -> list[Prefilled]:
        """Each turn prefilled, once no shared token remains."""
        prefix, position = self._context.prefix, self._context.position
        if self._shared:
            prefix = self._cache.prefix(0)
            position = int(self._positions[:, self._shared].max())
        return [
            Prefilled(
                prefix, (*self._context.ids, *turn.ids), ids[self._shared :], position
            )
            for turn, ids in zip(self._turns, self._new_ids, strict=True)
        ]


def _common_tokens(sequences: Sequence[Sequence[int]]) -> int:
    """How many first tokens all sequences have in common, short of the last of any."""
    most = min(map(len, sequences)) - 1
    for at in range(most):
        if any(ids[at] != sequences[0][at] for ids in sequences):
            return at
    return most
