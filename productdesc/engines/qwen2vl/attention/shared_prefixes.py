"""What the rows of a batch began with, each memory held once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .kv_cache import KVPrefix, Layers


@dataclass(frozen=True, slots=True, eq=False)
class SharedPrefixes:
    """The memories that the rows of a batch began with, each held once.

    `of` (rows,) says which trunk a row stands on and `place` (rows,) which of its branches
    it is; `branches` is the most of any; `is_plain` where row n stands alone on trunk n.
    `hidden` (trunks, length) is True where a shorter trunk has nothing; None where all are
    of one length.
    """

    prefixes: tuple[KVPrefix, ...]
    layers: Layers  # with the trunks as first axis
    of: Tensor
    place: Tensor
    branches: int
    is_plain: bool
    hidden: Tensor | None

    @property
    def length(self) -> int:
        """Tokens of the longest trunk."""
        return int(self.layers[0][0].shape[2])

    @classmethod
    def under(cls, rows: Sequence[KVPrefix], device: torch.device) -> SharedPrefixes | None:
        """Those of the rows; None where no row has read anything."""
        memories: dict[int, KVPrefix] = {id(memory): memory for memory in rows}
        order = {key: n for n, key in enumerate(memories)}
        of = [order[id(memory)] for memory in rows]
        place = [of[:row].count(trunk) for row, trunk in enumerate(of)]
        kept = tuple(memories.values())
        longest = max(memory.length for memory in kept)
        if not longest:
            return None
        lengths = torch.tensor([memory.length for memory in kept], device=device)
        columns = torch.arange(longest, device=device)
        return cls(
            kept,
            _side_by_side(kept, longest),
            torch.tensor(of, device=device),
            torch.tensor(place, device=device),
            max(place) + 1,
            of == list(range(len(kept))),
            None if bool((lengths == longest).all()) else columns >= lengths[:, None],
        )

    def keep(self, rows: Tensor, device: torch.device) -> SharedPrefixes | None:
        """Those of fewer rows; what nobody stands on any more goes once it is half."""
        left = self.of[rows].tolist()
        if 2 * len(set(left)) <= len(self.prefixes):
            return SharedPrefixes.under([self.prefixes[trunk] for trunk in left], device)
        return SharedPrefixes(
            self.prefixes,
            self.layers,
            self.of[rows],
            self.place[rows],
            self.branches,
            left == list(range(len(self.prefixes))),
            self.hidden,
        )


def _side_by_side(memories: Sequence[KVPrefix], length: int) -> Layers:
    """All layers of all, the memories as first axis; from now on they lie in it."""
    numbers = range(max(memory.depth for memory in memories))
    if len(memories) == 1:
        found = tuple(memories[0].layer(number) for number in numbers)
        memories[0].adopt(found)
        return tuple((keys[None], values[None]) for keys, values in found)
    like = next(memory.layer(0)[0] for memory in memories if memory.depth)
    shape = (len(memories), like.shape[0], length, like.shape[2])
    layers = []
    for number in numbers:
        # Zeros, not empty: a masked slot still enters the product, and NaN * 0 is NaN.
        keys, values = like.new_zeros(shape), like.new_zeros(shape)
        for row, memory in enumerate(memories):
            memory.copy_to(number, keys[row], values[row])
        layers.append((keys, values))
    for row, memory in enumerate(memories):
        memory.adopt(tuple((keys[row], values[row]) for keys, values in layers))
    return tuple(layers)
