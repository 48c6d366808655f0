"""KV cache: keys and values of the tokens read so far, as prefixes and running caches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class AttentionLimits:
    """Block sizes of KV caches and attention; they decide speed and memory, no result."""

    growth: int = 32  # cache slots added at a time: one by one, copies would be quadratic
    waste: int = 2  # slots over those in use before a cache is compacted
    slice_from: int = 32  # new tokens from which a copy of the used slots costs less
    max_scores: int = 1 << 25  # attention scores held at a time, in several copies
    max_scores_cpu: int = 1 << 22  # more than the processor's cache takes twice as long

    def scores(self, device: torch.device) -> int:
        """How many attention scores are held at a time on this device."""
        return self.max_scores_cpu if device.type == "cpu" else self.max_scores


DEFAULT_LIMITS = AttentionLimits()


LayerKV = tuple[tuple[Tensor, Tensor], ...]
"""Per layer keys and values, each (kv_heads, length, head_dim)."""


class KVPrefix:
    """KV prefix: immutable keys and values of one conversation's tokens, in parts.

    Each turn adds a part to its parent's. Any number of branches may start from one prefix.
    """

    def __init__(self, added: LayerKV = (), parent: KVPrefix | None = None) -> None:
        before = parent._parts if parent is not None else ()
        self._parts: tuple[LayerKV, ...] = (*before, added) if added else before
        self._parent = parent
        self._is_view = False
        new = int(added[0][0].shape[1]) if added else 0
        self.length: int = new + (parent.length if parent else 0)

    @property
    def depth(self) -> int:
        """How many layers the prefix has; 0 where no token was read."""
        return len(self._parts[0]) if self._parts else 0

    def layer(self, number: int) -> tuple[Tensor, Tensor]:
        """One layer's keys and values, (kv_heads, length, head_dim), in one tensor each."""
        parts = [part[number] for part in self._parts]
        if len(parts) == 1:
            return parts[0]
        return torch.cat([k for k, _ in parts], 1), torch.cat([v for _, v in parts], 1)

    def copy_to(self, number: int, keys: Tensor, values: Tensor) -> None:
        """Copy one layer into the first slots of (kv_heads, at least length, head_dim)."""
        start = 0
        for part in self._parts:
            end = start + part[number][0].shape[1]
            keys[:, start:end], values[:, start:end] = part[number]
            start = end

    def is_view_of(self, keys: Tensor) -> bool:
        """Whether the prefix is a view of this first layer's keys, from slot 0 on."""
        own_keys = self._parts[0][0][0]
        return len(self._parts) == 1 and own_keys.data_ptr() == keys.data_ptr()

    def adopt(self, layers: LayerKV) -> None:
        """Become a view of a cache's copy of this prefix, so that memory holds it once.

        `layers` begin with the prefix's own keys and values. Its parents become views of
        the copy too. A prefix of one part that is no view yet stays as it is: it may be the
        system prompt of every conversation, and would keep a whole batch's memory alive.
        """
        prefix: KVPrefix | None = self
        while prefix is not None and (prefix._is_view or len(prefix._parts) > 1):
            end = prefix.length
            prefix._parts = (tuple((k[:, :end], v[:, :end]) for k, v in layers),)
            prefix._is_view = True
            prefix = prefix._parent


class KVCache(Protocol):
    """Running KV cache of a batch: each row's prefix, and the tokens the row has added.

    A forward first reserves slots, then attends or updates in every layer in turn. Tokens
    are packed row after row: queries (tokens, heads, head_dim), keys and values (tokens,
    kv_heads, head_dim). Heads that share keys lie side by side, as in transformers.
    """

    def reserve(self, lengths: Sequence[int]) -> None:
        """Reserve slots for new tokens: `lengths` of each row."""

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Add one layer's new keys and values; the attention output of each new token.

        (tokens, heads * head_dim). Causal: a token attends to its row's prefix and to what
        its row has added, up to itself.
        """

    def update(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Add one layer's new keys and values."""

    def prefix(self, row: int) -> KVPrefix:
        """All keys and values of one row, as a prefix."""

    def rollback(self, counts: Sequence[int]) -> None:
        """Drop each row's last `counts` tokens: draft tokens that were rejected."""

    def select_rows(self, rows: Sequence[int]) -> None:
        """Keep these rows alone, in this order."""
