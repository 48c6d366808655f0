"""Variable-length batches (varlen): rows of unlike length without padding tokens.

A row that reads twenty tokens beside rows that read one would else cost as if all did.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class VarlenBatch:
    """Tokens of a batch as one packed sequence, row after row, or as padded rows."""

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.rows, self.new = len(lengths), max(lengths)
        counts = torch.tensor(lengths, device=device)
        columns = torch.arange(self.new, device=device)
        self.used = columns < counts[:, None]  # (rows, new)
        is_even = min(lengths) == self.new
        self._token_slots = None if is_even else self.used.flatten().nonzero()[:, 0]

    def pack(self, x: Tensor) -> Tensor:
        """Take padding out: (rows, new, ...) -> (tokens, ...)."""
        flat = x.reshape(-1, *x.shape[2:])
        return flat if self._token_slots is None else flat[self._token_slots]

    def pad(self, x: Tensor) -> Tensor:
        """Put padding in: (tokens, ...) -> (rows, new, ...), with zeros as padding."""
        if self._token_slots is not None:
            full = x.new_zeros((self.rows * self.new, *x.shape[1:]))
            x = full.index_copy_(0, self._token_slots, x)
        return x.view(self.rows, self.new, *x.shape[1:])


def concat(parts: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Concatenate tensors, such as packed tokens; a single one is not copied."""
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), dim)


def even_block(count: int, most: int) -> int:
    """The block size that splits `count` tokens into the fewest equal blocks of <= `most`.

    A block of a few tokens costs a matrix product as much as one of thirty, so none is
    left over small.
    """
    return -(-count // -(-count // most)) if count else most
