"""A conversation so far, and reading its next turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from torch import Tensor

from .cache import BatchCache, Memory
from .model import Network, Step
from .positions import positions
from .preprocessing import Patches
from .vocabulary import Turn


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """A context of the local engine: tokens read and said, and what they left behind.

    `ids` ends with `unread` tokens, which the model reads when the conversation goes on;
    `position` is that of the first of them. `owner` is the network whose memory this is.
    """

    owner: object = field(repr=False)
    ids: tuple[int, ...] = field(default=(), repr=False)
    unread: tuple[int, ...] = field(default=(), repr=False)
    memory: Memory = field(default=Memory(()), repr=False)
    position: int = 0
    photos: int = 0

    @property
    def tokens(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A conversation whose new turn was read: the reply may begin.

    `ids` are all its tokens, `position` is that of the first token of the reply, which
    `logits` (vocab,) score.
    """

    memory: Memory
    ids: tuple[int, ...]
    position: int
    logits: Tensor


def read(
    network: Network, before: Conversation, turn: Turn, photos: Iterable[Patches]
) -> Read:
    """Read what is unread and then the turn; `photos` are those of the turn, in order.

    Leaves `before` as it was.
    """
    pieces = [len(before.unread), *turn.pieces]
    places, position = positions(pieces, before.position)
    cache = BatchCache([before.memory], network.device)
    embedded = [network.embed_photo(photo) for photo in photos]
    step = Step([*before.unread, *turn.ids], places, embedded)
    logits = network.extend([step], cache)[0]
    return Read(cache.memory(0), (*before.ids, *turn.ids), position, logits)
