"""Keys and values of what was read so far: of one conversation, and of a running batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

WASTE = 2  # slots over the longest row's own tokens
GROWTH = 256  # slots added at a time: copying the whole cache per token would be quadratic


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What one conversation's tokens left behind: per layer keys, values.

    Each (kv_heads, length, head_dim). Never written to after it was made, so any number of
    branches may start from it.
    """

    layers: tuple[tuple[Tensor, Tensor], ...]

    @property
    def length(self) -> int:
        return int(self.layers[0][0].shape[1]) if self.layers else 0


class BatchCache:
    """The running memory of several rows, as transformers' attention layers write it.

    Rows share slots: a row that has nothing in a slot is False there in `used`
    (rows, slots), so rows of different length need no common padding.
    """

    def __init__(self, memories: Sequence[Memory], device: torch.device) -> None:
        self._stores: list[tuple[Tensor, Tensor]] = []
        lengths = [memory.length for memory in memories]
        self._end = max(lengths)
        columns = torch.arange(self._end, device=device)
        self.used = columns[None, :] < torch.tensor(lengths, device=device)[:, None]
        layers = max((len(memory.layers) for memory in memories), default=0)
        for layer in range(layers):
            self._stores.append(
                (
                    _stack(memories, layer, 0, self._end),
                    _stack(memories, layer, 1, self._end),
                )
            )

    def reserve(self, used: Tensor) -> Tensor:
        """Make slots for new tokens, True where a row has one; the attention mask.

        used (rows, new) -> mask (rows, 1, new, slots), True where a token may look: at
        everything its row holds up to its own slot.
        """
        start, self._end = self._end, self._end + used.shape[1]
        self.used = torch.cat([self.used, used], dim=1)
        slots = torch.arange(self._end, device=used.device)
        causal = slots[None, :] <= slots[start:, None]
        return (self.used[:, None, :] & causal[None])[:, None]

    def update(
        self, keys: Tensor, values: Tensor, layer: int, **_: Any
    ) -> tuple[Tensor, Tensor]:
        """Write one layer's new keys and values; all of that layer's so far.

        keys, values (rows, kv_heads, new, head_dim). Called by the model's attention,
        which passes its own options along since transformers 5.24; none is of use here.
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

    def memory(self, row: int) -> Memory:
        """A copy of what one row holds."""
        columns = self.used[row].nonzero()[:, 0]
        return Memory(
            tuple(
                (keys[row].index_select(1, columns), values[row].index_select(1, columns))
                for keys, values in self._stores
            )
        )

    def is_wasteful(self) -> bool:
        """Whether packing the rows anew would free more than half of the slots."""
        longest = int(self.used.sum(dim=1).max())
        return self._end > WASTE * longest + GROWTH


def _stack(memories: Sequence[Memory], layer: int, which: int, length: int) -> Tensor:
    parts = [memory.layers[layer][which] for memory in memories]
    heads, _, size = parts[0].shape
    # Zeros, not empty: a masked slot still enters the product, and NaN * 0 is NaN.
    store = parts[0].new_zeros((len(parts), heads, length + GROWTH, size))
    for row, part in enumerate(parts):
        store[row, :, : part.shape[1]] = part
    return store


def _room(store: Tensor, end: int, like: Tensor) -> Tensor:
    if store.shape[2] >= end:
        return store
    rows, heads, _, size = like.shape
    larger = like.new_zeros((rows, heads, end + GROWTH, size))
    larger[:, :, : store.shape[2]] = store
    return larger
