"""A conversation so far, and reading its next turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
    `ended`: nothing was kept, and it cannot go on.
    """

    owner: object = field(repr=False)
    ids: tuple[int, ...] = field(default=(), repr=False)
    unread: tuple[int, ...] = field(default=(), repr=False)
    memory: Memory = field(default_factory=Memory, repr=False)
    position: int = 0
    photos: int = 0
    ended: bool = False

    @property
    def tokens(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A conversation whose new turn was read, but for its last tokens, `unread`.

    `ids` are all its tokens, `position` is that of the first unread one.
    """

    memory: Memory
    ids: tuple[int, ...]
    unread: tuple[int, ...]
    position: int


def opened(network: Network, turn: Turn) -> Conversation:
    """A conversation of which the turn's system part was read, and nothing else."""
    count = turn.system
    places, position = positions([count], 0)
    cache = BatchCache([Memory()], network.device)
    network.read(Step(turn.ids[:count], places), cache)
    return Conversation(network, turn.ids[:count], (), cache.memory(0), position)


def read(
    network: Network, before: Conversation, turn: Turn, photos: Iterable[Patches]
) -> Read:
    """Read what is unread and then the turn; `photos` are those of the turn, in order.

    Leaves `before` as it was.
    """
    [found] = read_branches(network, before, [turn], photos)
    return found


def read_branches(
    network: Network,
    before: Conversation,
    turns: Sequence[Turn],
    photos: Iterable[Patches] = (),
) -> list[Read]:
    """Several turns that may follow one conversation: what they share is read once.

    The rest of each, at least its last token, stays unread: a batch reads it in its first
    step. With more than one turn, none may have photos.
    """
    embedded = [network.embed_photo(photo) for photo in photos]
    news = [(*before.unread, *turn.ids) for turn in turns]
    shared = _shared(news)
    pieces = [len(before.unread), *turns[0].pieces]
    places, _ = positions(pieces, before.position)
    memory, position = before.memory, before.position
    if shared:
        cache = BatchCache([memory], network.device)
        network.read(Step(news[0][:shared], places[:, :shared], embedded), cache)
        memory, position = cache.memory(0), int(places[:, shared].max())
    return [
        Read(memory, (*before.ids, *turn.ids), new[shared:], position)
        for turn, new in zip(turns, news, strict=True)
    ]


def _shared(news: Sequence[Sequence[int]]) -> int:
    """How many first tokens all have in common, short of the last of any."""
    most = min(map(len, news)) - 1
    for at in range(most):
        if any(new[at] != news[0][at] for new in news):
            return at
    return most
