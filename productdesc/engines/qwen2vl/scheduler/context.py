"""A conversation so far, and reading its next turn."""

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
    """A context of the local engine: tokens read and said, and what they left behind.

    `ids` ends with `unread` tokens, which the model reads when the conversation goes on;
    `position` is that of the first of them. `owner` is the network whose memory this is.
    `ended`: nothing was kept, and it cannot go on.
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
    """A conversation whose new turn was read, but for its last tokens, `unread`.

    `ids` are all its tokens, `position` is that of the first unread one.
    """

    prefix: KVPrefix
    ids: tuple[int, ...]
    unread: tuple[int, ...]
    position: int


def opened(network: Network, turn: ChatTurn) -> Qwen2VLContext:
    """A conversation of which the turn's system part was read, and nothing else."""
    count = turn.system
    places, position = positions([count], 0)
    cache = PrefixCache(KVPrefix(), 1, network.device, count)
    network.read(Step(turn.ids[:count], places), cache)
    return Qwen2VLContext(network, turn.ids[:count], (), cache.prefix(0), position)


class Prefill:
    """Several turns that may follow one conversation: what they share is read once.

    The rest of each turn, at least its last token, stays unread: a batch reads it in its
    first step. With more than one turn, none may have photos. Leaves `before` as it was.
    """

    def __init__(
        self,
        network: Network,
        before: Qwen2VLContext,
        turns: Sequence[ChatTurn],
        photos: torch.Tensor | None = None,
    ) -> None:
        """`photos` are those of the one turn, as tokens (their number, width)."""
        self._before = before
        self._turns = turns
        self._news = [(*before.unread, *turn.ids) for turn in turns]
        self._shared = _shared(self._news)
        pieces = [len(before.unread), *turns[0].pieces]
        self._places, _ = positions(pieces, before.position)
        self._photo_token = network.image_token
        self._photos = photos
        self._cache = PrefixCache(before.prefix, 1, network.device, self._shared)
        self._done = 0

    @property
    def left(self) -> int:
        """Tokens that are yet to be read."""
        return self._shared - self._done

    def part(self, most: int) -> Part:
        """The next tokens, at most so many, for one forward."""
        start, self._done = self._done, min(self._shared, self._done + most)
        ids = self._news[0][start : self._done]
        photos: list[torch.Tensor] = []
        if self._photos is not None:
            count = ids.count(self._photo_token)
            photos, self._photos = [self._photos[:count]], self._photos[count:]
        step = Step(ids, self._places[:, start : self._done], photos)
        return Part([step], self._cache, [0])

    def done(self) -> list[Prefilled]:
        """Each turn as far as it is read, once nothing is left."""
        memory, position = self._before.prefix, self._before.position
        if self._shared:
            memory = self._cache.prefix(0)
            position = int(self._places[:, self._shared].max())
        return [
            Prefilled(memory, (*self._before.ids, *turn.ids), new[self._shared :], position)
            for turn, new in zip(self._turns, self._news, strict=True)
        ]


def _shared(news: Sequence[Sequence[int]]) -> int:
    """How many first tokens all have in common, short of the last of any."""
    most = min(map(len, news)) - 1
    for at in range(most):
        if any(new[at] != news[0][at] for new in news):
            return at
    return most
