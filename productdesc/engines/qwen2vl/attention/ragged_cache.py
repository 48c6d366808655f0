"""Ragged KV cache: rows with unlike prefixes and lengths, side by side in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .attention import attend, attend_causal
from .kv_cache import DEFAULT_LIMITS, AttentionLimits, KVPrefix
from .shared_prefixes import SharedPrefixes
from .varlen import VarlenBatch


class RaggedCache:
    """A `KVCache` of any rows; rows with the same prefix share it.

    All rows share the slots for what they add: where a row has no token in a slot, `used`
    (rows, slots) is False, so rows of different length need no common padding.
    """

    def __init__(
        self,
        prefixes: Sequence[KVPrefix],
        device: torch.device,
        limits: AttentionLimits = DEFAULT_LIMITS,
    ) -> None:
        self._prefixes = list(prefixes)
        self._device = device
        self._limits = limits
        self._layers: list[tuple[Tensor, Tensor]] = []
        self._end = 0
        self.used = torch.zeros((len(prefixes), 0), dtype=torch.bool, device=device)
        self.shared = SharedPrefixes.of_rows(prefixes, device)
        self._batch = VarlenBatch([0], device)
        self._mask: Tensor | None = None

    def reserve(self, lengths: Sequence[int]) -> None:
        self._batch = VarlenBatch(lengths, self._device)
        self._mask = self._reserve_slots(self._batch.used)

    def _reserve_slots(self, used: Tensor) -> Tensor | None:
        """Add slots for new tokens, True where a row has one; the attention mask.

        used (rows, new) -> mask (rows, new, slots), True where a token may attend: to its
        row's own tokens, up to itself. None: plain causal attention, as there were no
        tokens before these.
        """
        if not self._end and not self.shared and bool(used.all()):
            self._end, self.used = used.shape[1], used
            return None
        start, self._end = self._end, self._end + used.shape[1]
        self.used = torch.cat([self.used, used], dim=1)
        slots = torch.arange(self._end, device=used.device)
        causal = slots[None, :] <= slots[start:, None]
        return self.used[:, None, :] & causal[None]

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        query, keys, values = (
            self._batch.pad(x).transpose(1, 2) for x in (query, keys, values)
        )
        own = self._add(layer, keys, values)
        if self._mask is None:
            output = attend_causal(query, keys, values)
        else:
            prefix = (self.shared, layer) if self.shared else None
            output = attend(query, own, self._mask, prefix, self._limits)
        return self._batch.pack(output)

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        keys, values = (self._batch.pad(x).transpose(1, 2) for x in (keys, values))
        self._add(layer, keys, values)

    def _add(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write one layer's new keys and values; all that the rows added to that layer.

        keys, values (rows, kv_heads, new, head_dim).
        """
        if layer == len(self._layers):
            empty = keys[:, :, :0]
            self._layers.append((empty, empty))
        start = self._end - keys.shape[2]
        old_keys, old_values = self._layers[layer]
        stored = self._grown(old_keys, keys), self._grown(old_values, values)
        stored[0][:, :, start : self._end] = keys
        stored[1][:, :, start : self._end] = values
        self._layers[layer] = stored
        return stored[0][:, :, : self._end], stored[1][:, :, : self._end]

    def prefix(self, row: int) -> KVPrefix:
        columns = self.used[row].nonzero()[:, 0]
        added = tuple(
            (keys[row].index_select(1, columns), values[row].index_select(1, columns))
            for keys, values in self._layers
        )
        return KVPrefix(added, self._prefixes[row]) if added else self._prefixes[row]

    def rollback(self, counts: Sequence[int]) -> None:
        for row, count in enumerate(counts):
            if count:
                slots = self.used[row].nonzero()[-count:, 0]
                self.used[row, slots] = False
        self._compact_if_wasteful()

    def select_rows(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(list(rows), device=self._device)
        self._prefixes = [self._prefixes[row] for row in rows]
        if self.shared:
            self.shared = self.shared.select_rows(chosen, self._device)
        self.used = self.used[chosen]
        self._layers = [(k[chosen], v[chosen]) for k, v in self._layers]
        self._compact_if_wasteful()

    def _compact_if_wasteful(self) -> None:
        """Move every row's tokens to its first slots, where that frees half of them."""
        longest = int(self.used.sum(dim=1).max()) if len(self.used) else 0
        if self._end <= self._limits.waste * longest + self._limits.growth:
            return
        order = (~self.used).to(torch.uint8).argsort(dim=1, stable=True)[:, :longest]
        self.used = self.used.gather(1, order)
        self._end = longest
        compacted = []
        for keys, values in self._layers:
            slots = order[:, None, :, None].expand(-1, keys.shape[1], -1, keys.shape[3])
            compacted.append((keys.gather(2, slots), values.gather(2, slots)))
        self._layers = compacted

    def _grown(self, stored: Tensor, like: Tensor) -> Tensor:
        """The same keys or values with slots up to `_end`, and some in advance."""
        if stored.shape[2] >= self._end:
            return stored
        rows, heads, _, size = like.shape
        larger = like.new_zeros((rows, heads, self._end + self._limits.growth, size))
        larger[:, :, : stored.shape[2]] = stored
        return larger
