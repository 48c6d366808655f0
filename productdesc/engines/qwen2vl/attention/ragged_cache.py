"""The running memory of a batch of rows that began with unlike memories, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .attention import attend, attend_before
from .kv_cache import GROWTH, WASTE, KVPrefix
from .shared_prefixes import SharedPrefixes
from .varlen import VarlenBatch


class RaggedCache:
    """See `Cache`; rows that began with one memory share it.

    Of what they add they share slots: a row that has nothing in a slot is False there in
    `used` (rows, slots), so rows of different length need no common padding.
    """

    def __init__(self, memories: Sequence[KVPrefix], device: torch.device) -> None:
        self._memories = list(memories)
        self._device = device
        self._stores: list[tuple[Tensor, Tensor]] = []
        self._end = 0
        self.used = torch.zeros((len(memories), 0), dtype=torch.bool, device=device)
        self.trunks = SharedPrefixes.under(memories, device)
        self._pack = VarlenBatch([0], device)
        self._mask: Tensor | None = None

    def reserve(self, lengths: Sequence[int]) -> None:
        self._pack = VarlenBatch(lengths, self._device)
        self._mask = self._slots(self._pack.used)

    def _slots(self, used: Tensor) -> Tensor | None:
        """Slots for new tokens, True where a row has one; the attention mask.

        used (rows, new) -> mask (rows, new, slots), True where a token may look: at what
        its row has added, up to its own slot. None: at all tokens before it, and there
        were none before these.
        """
        if not self._end and not self.trunks and bool(used.all()):
            self._end, self.used = used.shape[1], used
            return None
        start, self._end = self._end, self._end + used.shape[1]
        self.used = torch.cat([self.used, used], dim=1)
        slots = torch.arange(self._end, device=used.device)
        causal = slots[None, :] <= slots[start:, None]
        return self.used[:, None, :] & causal[None]

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        query, keys, values = (
            self._pack.unpacked(x).transpose(1, 2) for x in (query, keys, values)
        )
        own = self._add(layer, keys, values)
        if self._mask is None:
            found = attend_before(query, keys, values)
        else:
            found = attend(query, *own, self._mask, self.trunks, layer)
        return self._pack.packed(found)

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        keys, values = (self._pack.unpacked(x).transpose(1, 2) for x in (keys, values))
        self._add(layer, keys, values)

    def _add(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write one layer's new keys and values; all that the rows added to that layer.

        keys, values (rows, kv_heads, new, head_dim).
        """
        if layer == len(self._stores):
            empty = keys[:, :, :0]
            self._stores.append((empty, empty))
        start = self._end - keys.shape[2]
        old_keys, old_values = self._stores[layer]
        stores = (_room(old_keys, self._end, keys), _room(old_values, self._end, values))
        stores[0][:, :, start : self._end] = keys
        stores[1][:, :, start : self._end] = values
        self._stores[layer] = stores
        return stores[0][:, :, : self._end], stores[1][:, :, : self._end]

    def prefix(self, row: int) -> KVPrefix:
        columns = self.used[row].nonzero()[:, 0]
        added = tuple(
            (keys[row].index_select(1, columns), values[row].index_select(1, columns))
            for keys, values in self._stores
        )
        return KVPrefix(added, self._memories[row]) if added else self._memories[row]

    def forget(self, counts: Sequence[int]) -> None:
        for row, count in enumerate(counts):
            if count:
                slots = self.used[row].nonzero()[-count:, 0]
                self.used[row, slots] = False
        self._pack_if_wasteful()

    def keep(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(list(rows), device=self._device)
        self._memories = [self._memories[row] for row in rows]
        if self.trunks:
            self.trunks = self.trunks.keep(chosen, self._device)
        self.used = self.used[chosen]
        self._stores = [(k[chosen], v[chosen]) for k, v in self._stores]
        self._pack_if_wasteful()

    def _pack_if_wasteful(self) -> None:
        """Move every row's tokens to its first slots, where that frees half of them."""
        longest = int(self.used.sum(dim=1).max()) if len(self.used) else 0
        if self._end <= WASTE * longest + GROWTH:
            return
        order = (~self.used).to(torch.uint8).argsort(dim=1, stable=True)[:, :longest]
        self.used = self.used.gather(1, order)
        self._end = longest
        packed = []
        for keys, values in self._stores:
            where = order[:, None, :, None].expand(-1, keys.shape[1], -1, keys.shape[3])
            packed.append((keys.gather(2, where), values.gather(2, where)))
        self._stores = packed


def _room(store: Tensor, end: int, like: Tensor) -> Tensor:
    if store.shape[2] >= end:
        return store
    rows, heads, _, size = like.shape
    larger = like.new_zeros((rows, heads, end + GROWTH, size))
    larger[:, :, : store.shape[2]] = store
    return larger
