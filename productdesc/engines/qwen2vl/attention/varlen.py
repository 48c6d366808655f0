"""Rows of unlike length without their padding.

A row that reads twenty tokens beside rows that read one would else cost as if all did.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class VarlenBatch:
    """Tokens of several rows in a line, row after row, and the same side by side."""

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.rows, self.new = len(lengths), max(lengths)
        counts = torch.tensor(lengths, device=device)
        columns = torch.arange(self.new, device=device)
        self.used = columns < counts[:, None]  # (rows, new)
        is_even = min(lengths) == self.new
        self._where = None if is_even else self.used.flatten().nonzero()[:, 0]

    def packed(self, x: Tensor) -> Tensor:
        """(rows, new, ...) -> (tokens, ...)."""
        flat = x.reshape(-1, *x.shape[2:])
        return flat if self._where is None else flat[self._where]

    def unpacked(self, x: Tensor) -> Tensor:
        """(tokens, ...) -> (rows, new, ...), zero where a row has no token."""
        if self._where is not None:
            full = x.new_zeros((self.rows * self.new, *x.shape[1:]))
            x = full.index_copy_(0, self._where, x)
        return x.view(self.rows, self.new, *x.shape[1:])


def joined(parts: Sequence[Tensor]) -> Tensor:
    """In a line; one alone is not copied."""
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))


def even(count: int, most: int) -> int:
    """The size of the fewest equal parts of at most so many: none is left over small.

    A part of a few tokens costs a matrix product as much as one of thirty.
    """
    return -(-count // -(-count // most)) if count else most
