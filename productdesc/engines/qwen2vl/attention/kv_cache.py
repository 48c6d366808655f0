"""Keys and values of what was read so far, and what a running batch adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

WASTE = 2  # slots over the longest row's own tokens
GROWTH = 32  # slots added at a time: copying all of them per token would be quadratic


Layers = tuple[tuple[Tensor, Tensor], ...]
"""Per layer keys and values, each (kv_heads, length, head_dim)."""


class KVPrefix:
    """What one conversation's tokens left behind, in pieces, each turn's after the last.

    What it says never changes, so any number of branches may start from it.
    """

    def __init__(self, added: Layers = (), began: KVPrefix | None = None) -> None:
        before = began._pieces if began is not None else ()
        self._pieces: tuple[Layers, ...] = (*before, added) if added else before
        self._began = began
        self._is_copied = False
        ends = int(added[0][0].shape[1]) if added else 0
        self.length: int = ends + (began.length if began else 0)

    @property
    def depth(self) -> int:
        """How many layers it has; 0 where nothing was read."""
        return len(self._pieces[0]) if self._pieces else 0

    def layer(self, number: int) -> tuple[Tensor, Tensor]:
        """One layer's keys and values, (kv_heads, length, head_dim), in one piece."""
        pieces = [piece[number] for piece in self._pieces]
        if len(pieces) == 1:
            return pieces[0]
        return torch.cat([k for k, _ in pieces], 1), torch.cat([v for _, v in pieces], 1)

    def copy_to(self, number: int, keys: Tensor, values: Tensor) -> None:
        """Copy one layer to the first places of (kv_heads, at least length, head_dim)."""
        start = 0
        for piece in self._pieces:
            end = start + piece[number][0].shape[1]
            keys[:, start:end], values[:, start:end] = piece[number]
            start = end

    def is_within(self, keys: Tensor) -> bool:
        """Whether its first layer's keys are the first of these."""
        mine = self._pieces[0][0][0]
        return len(self._pieces) == 1 and mine.data_ptr() == keys.data_ptr()

    def adopt(self, layers: Layers) -> None:
        """Give the pieces up for a copy of them all: the same tokens are not held twice.

        What this went on from lies there too.  One piece that was never copied stays: it
        may be what every conversation begins with, and would keep a whole batch alive.
        """
        memory: KVPrefix | None = self
        while memory is not None and (memory._is_copied or len(memory._pieces) > 1):
            end = memory.length
            memory._pieces = (tuple((k[:, :end], v[:, :end]) for k, v in layers),)
            memory._is_copied = True
            memory = memory._began


class Cache(Protocol):
    """The running memory of several rows: what they began with, and what each added.

    A forward first reserves, then gathers or updates in every layer in turn. Tokens lie
    in a line, row after row; their shapes are (tokens, heads or kv_heads, head_dim).
    Heads that share keys lie side by side, as in transformers.
    """

    def reserve(self, lengths: Sequence[int]) -> None:
        """Make room for new tokens, so many of each row."""

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Keep one layer's new keys and values; what each new token gathers.

        (tokens, heads * head_dim): each looks at what its row began with and has added,
        up to itself.
        """

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Keep one layer's new keys and values."""

    def prefix(self, row: int) -> KVPrefix:
        """All that one row holds."""

    def forget(self, counts: Sequence[int]) -> None:
        """Hide each row's last tokens, so many of it: they were read in vain."""

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with these rows alone, in this order."""
