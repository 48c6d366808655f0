"""Prefix cache: the KV cache of a branch group, whose rows all share one prefix.

    shared prefix | first tokens of all rows | their next tokens | ...

Keys and values of all rows lie in one sequence of slots. Each row attends to the prefix and
to its own slots, in two products for all rows together. What the rows add is short beside
what they share, so attending in vain to other rows' slots, which are masked, costs less
than every further operation on small tensors would.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .attention import attend_causal
from .kv_cache import DEFAULT_LIMITS, AttentionLimits, KVCache, KVPrefix
from .ragged_cache import RaggedCache

NO_ROW = -1


def cache_for(prefixes: Sequence[KVPrefix], device: torch.device) -> KVCache:
    """A prefix cache where all rows have the same prefix, else a ragged cache."""
    first = prefixes[0]
    if all(prefix is first for prefix in prefixes):
        return PrefixCache(first, len(prefixes), device)
    return RaggedCache(prefixes, device)


class PrefixCache:
    """A `KVCache` of rows that share one prefix, which is held once.

    Products of few tokens take all slots, empty ones too: slicing would copy them. `room`:
    slots that the rows will add, if that is known.
    """

    def __init__(
        self,
        prefix: KVPrefix,
        rows: int,
        device: torch.device,
        room: int = 0,
        limits: AttentionLimits = DEFAULT_LIMITS,
    ) -> None:
        self._prefix = prefix
        self._rows = rows
        self._device = device
        self._limits = limits
        self._layers: list[tuple[Tensor, Tensor]] = []  # (kv_heads, slots, head_dim)
        self._start = self._end = prefix.length
        self._slots = self._start + room
        self._row_of = torch.zeros(0, dtype=torch.long, device=device)  # of each added slot
        self._new = 0
        self._bias = torch.zeros(0, device=device)

    def reserve(self, lengths: Sequence[int]) -> None:
        counts = torch.tensor(lengths, device=self._device)
        rows = torch.arange(self._rows, device=self._device).repeat_interleave(counts)
        self._new = len(rows)
        self._end += self._new
        if self._end > self._slots:
            self._slots = self._end + self._limits.growth * self._rows
        self._row_of = torch.cat([self._row_of, rows])
        slots = torch.arange(len(self._row_of), device=self._device)
        mask = (self._row_of == rows[:, None]) & (slots <= slots[-self._new :, None])
        bias = torch.full((self._new, self._slots), -torch.inf, device=self._device)
        bias[:, : self._start] = 0
        bias[:, self._start : self._end][mask] = 0
        self._bias = bias

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        new, heads, size = query.shape
        self.update(layer, keys, values)
        if self._rows == 1 and self._end == new > 1:
            batched = (x.transpose(0, 1)[None] for x in (query, keys, values))
            return attend_causal(*batched)[0]
        if self._bias.dtype != query.dtype:
            self._bias = self._bias.to(query.dtype)
        all_keys, all_values = self._layers[layer]
        slots = self._slots
        if new > self._limits.slice_from:
            slots = self._end
            all_keys, all_values = all_keys[:, :slots], all_values[:, :slots]
        kv_heads = keys.shape[1]
        query = (query * size**-0.5).view(new, kv_heads, -1, size).transpose(0, 1)
        block = max(1, self._limits.scores(query.device) // (heads * slots))
        outputs = []
        for start in range(0, new, block):
            some = query[:, start : start + block]
            tokens = some.shape[1]
            scores = some.reshape(kv_heads, -1, size) @ all_keys.transpose(1, 2)
            bias = self._bias[start : start + block, :slots]
            scores.view(kv_heads, tokens, -1, slots).add_(bias[None, :, None])
            output = scores.softmax(-1) @ all_values
            outputs.append(output.view(kv_heads, tokens, -1, size).transpose(0, 1))
        output = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
        return output.reshape(new, -1)

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        if layer == len(self._layers):
            self._layers.append(self._with_prefix(layer, keys))
        elif self._layers[layer][0].shape[1] < self._slots:
            self._layers[layer] = self._grown(self._layers[layer])
        place = slice(self._end - self._new, self._end)
        for stored, new in zip(self._layers[layer], (keys, values), strict=True):
            stored[:, place] = new.transpose(0, 1)
        is_last = layer == self._prefix.depth - 1
        if is_last and not self._prefix.is_view_of(self._layers[0][0]):
            self._prefix.adopt(tuple(self._layers))  # memory holds the prefix once

    def prefix(self, row: int) -> KVPrefix:
        columns = (self._row_of == row).nonzero()[:, 0]
        if not len(columns):
            return self._prefix
        slots = columns + self._start
        has_all = len(columns) == len(self._row_of)
        added = slice(self._start, self._end)
        return KVPrefix(
            tuple(
                (keys[:, added], values[:, added])
                if has_all
                else (keys.index_select(1, slots), values.index_select(1, slots))
                for keys, values in self._layers
            ),
            self._prefix,
        )

    def rollback(self, counts: Sequence[int]) -> None:
        for row, count in enumerate(counts):
            if count:
                self._row_of[(self._row_of == row).nonzero()[-count:, 0]] = NO_ROW
        self._compact_if_wasteful()

    def select_rows(self, rows: Sequence[int]) -> None:
        new_row = torch.full((self._rows + 1,), NO_ROW, device=self._device)
        new_row[list(rows)] = torch.arange(len(rows), device=self._device)
        # a slot without a row (-1) reads the last entry of `new_row`, which is NO_ROW
        self._row_of = new_row[self._row_of]
        self._rows = len(rows)
        self._compact_if_wasteful()

    def _with_prefix(self, layer: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """Slots of one layer, of which the first hold the prefix."""
        # Zeros, not empty: a slot without weight still enters the product, and NaN * 0 is
        # NaN.
        shape = like.shape[1], self._slots, like.shape[2]
        keys, values = like.new_zeros(shape), like.new_zeros(shape)
        if self._start:
            self._prefix.copy_to(layer, keys, values)
        return keys, values

    def _grown(self, stored: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The same keys and values in more slots."""
        grown = []
        for tensor in stored:
            heads, slots, size = tensor.shape
            larger = tensor.new_zeros((heads, self._slots, size))
            larger[:, :slots] = tensor
            grown.append(larger)
        return grown[0], grown[1]

    def _compact_if_wasteful(self) -> None:
        """Move slots in use to the front, where that frees half of the added ones."""
        live = (self._row_of != NO_ROW).nonzero()[:, 0]
        if len(self._row_of) <= self._limits.waste * len(live) + self._limits.growth:
            return
        self._row_of = self._row_of[live]
        self._end = self._start + len(live)
        for stored in self._layers:
            for tensor in stored:
                tensor[:, self._start : self._end] = tensor[:, live + self._start]
