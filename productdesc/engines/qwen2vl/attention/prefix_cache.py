"""Keys and values of rows that all began with one memory, in one line.

    what all began with | first tokens of all rows | their next tokens | ...

Each row looks at the memory and at what is its own, in two products for all rows together.
What they add is short beside what they share, so that the others' tokens, which a row is
shown in vain, cost less than every further operation on small tensors would.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .attention import attend_before, most_scores
from .kv_cache import GROWTH, WASTE, Cache, KVPrefix
from .ragged_cache import RaggedCache

NOBODY = -1
CUT_FROM = 32  # new tokens: from here on a copy of what is in use costs less than the rest


def cache_for(memories: Sequence[KVPrefix], device: torch.device) -> Cache:
    """The cache of rows that begin with these."""
    first = memories[0]
    if all(memory is first for memory in memories):
        return PrefixCache(first, len(memories), device)
    return RaggedCache(memories, device)


class PrefixCache:
    """See `Cache`; all rows began with one memory, which is held once.

    Products of few tokens are made with whole stores: what is cut is copied. `room`: slots
    that the rows will add, if that is known.
    """

    def __init__(
        self, memory: KVPrefix, rows: int, device: torch.device, room: int = 0
    ) -> None:
        self._memory = memory
        self._rows = rows
        self._device = device
        self._stores: list[tuple[Tensor, Tensor]] = []  # (kv_heads, slots, head_dim)
        self._start = self._end = memory.length
        self._slots = self._start + room
        self._owner = torch.zeros(0, dtype=torch.long, device=device)  # of each added slot
        self._new = 0
        self._bias = torch.zeros(0, device=device)

    def reserve(self, lengths: Sequence[int]) -> None:
        counts = torch.tensor(lengths, device=self._device)
        rows = torch.arange(self._rows, device=self._device).repeat_interleave(counts)
        self._new = len(rows)
        self._end += self._new
        if self._end > self._slots:
            self._slots = self._end + GROWTH * self._rows
        self._owner = torch.cat([self._owner, rows])
        slots = torch.arange(len(self._owner), device=self._device)
        may = (self._owner == rows[:, None]) & (slots <= slots[-self._new :, None])
        bias = torch.full((self._new, self._slots), -torch.inf, device=self._device)
        bias[:, : self._start] = 0
        bias[:, self._start : self._end][may] = 0
        self._bias = bias

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        new, heads, size = query.shape
        self.update(layer, keys, values)
        if self._rows == 1 and self._end == new > 1:
            across = (x.transpose(0, 1)[None] for x in (query, keys, values))
            return attend_before(*across)[0]
        if self._bias.dtype != query.dtype:
            self._bias = self._bias.to(query.dtype)
        all_keys, all_values = self._stores[layer]
        seen = self._slots
        if new > CUT_FROM:
            seen = self._end
            all_keys, all_values = all_keys[:, :seen], all_values[:, :seen]
        shared = keys.shape[1]
        asked = (query * size**-0.5).view(new, shared, -1, size).transpose(0, 1)
        block = max(1, most_scores(query.device) // (heads * seen))
        parts = []
        for start in range(0, new, block):
            some = asked[:, start : start + block]
            tokens = some.shape[1]
            near = some.reshape(shared, -1, size) @ all_keys.transpose(1, 2)
            bias = self._bias[start : start + block, :seen]
            near.view(shared, tokens, -1, seen).add_(bias[None, :, None])
            found = near.softmax(-1) @ all_values
            parts.append(found.view(shared, tokens, -1, size).transpose(0, 1))
        out = parts[0] if len(parts) == 1 else torch.cat(parts)
        return out.reshape(new, -1)

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        if layer == len(self._stores):
            self._stores.append(self._begun(layer, keys))
        elif self._stores[layer][0].shape[1] < self._slots:
            self._stores[layer] = self._grown(self._stores[layer])
        place = slice(self._end - self._new, self._end)
        for store, new in zip(self._stores[layer], (keys, values), strict=True):
            store[:, place] = new.transpose(0, 1)
        if layer == self._memory.depth - 1 and not self._memory.is_within(
            self._stores[0][0]
        ):
            self._memory.adopt(tuple(self._stores))  # what it holds is not held twice

    def prefix(self, row: int) -> KVPrefix:
        columns = (self._owner == row).nonzero()[:, 0]
        if not len(columns):
            return self._memory
        where = columns + self._start
        is_all = len(columns) == len(self._owner)
        own = slice(self._start, self._end)
        return KVPrefix(
            tuple(
                (keys[:, own], values[:, own])
                if is_all
                else (keys.index_select(1, where), values.index_select(1, where))
                for keys, values in self._stores
            ),
            self._memory,
        )

    def forget(self, counts: Sequence[int]) -> None:
        for row, count in enumerate(counts):
            if count:
                self._owner[(self._owner == row).nonzero()[-count:, 0]] = NOBODY
        self._pack_if_wasteful()

    def keep(self, rows: Sequence[int]) -> None:
        place = torch.full((self._rows + 1,), NOBODY, device=self._device)
        place[list(rows)] = torch.arange(len(rows), device=self._device)
        self._owner = place[self._owner]  # nobody's stay at the end of `place`, nobody's
        self._rows = len(rows)
        self._pack_if_wasteful()

    def _begun(self, layer: int, like: Tensor) -> tuple[Tensor, Tensor]:
        # Zeros, not empty: a slot without weight still enters the product, and NaN * 0 is
        # NaN.
        shape = like.shape[1], self._slots, like.shape[2]
        keys, values = like.new_zeros(shape), like.new_zeros(shape)
        if self._start:
            self._memory.copy_to(layer, keys, values)
        return keys, values

    def _grown(self, stores: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        grown = []
        for store in stores:
            heads, slots, size = store.shape
            larger = store.new_zeros((heads, self._slots, size))
            larger[:, :slots] = store
            grown.append(larger)
        return grown[0], grown[1]

    def _pack_if_wasteful(self) -> None:
        """Move what has an owner to the first slots, where that frees half of them."""
        live = (self._owner != NOBODY).nonzero()[:, 0]
        if len(self._owner) <= WASTE * len(live) + GROWTH:
            return
        self._owner = self._owner[live]
        self._end = self._start + len(live)
        for stores in self._stores:
            for store in stores:
                store[:, self._start : self._end] = store[:, live + self._start]
