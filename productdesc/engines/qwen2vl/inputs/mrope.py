"""M-RoPE positions: the place of each token in time, height and width.

Text advances by one in all three; a photo's tokens share one time, spread over height and
width, and the text after it starts beyond the larger side (Qwen2-VL paper, section 2.1).
Computed here from the prompt alone, never read from the module, so that a continued
context gets the same positions as a fresh run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Grid:
    """Grid of one image's tokens, after the merger: rows and columns."""

    rows: int
    columns: int


Piece = int | Grid
"""A piece of a prompt: so many text tokens, or the grid of one image."""


def positions(pieces: Sequence[Piece], start: int) -> tuple[NDArray[np.int64], int]:
    """M-RoPE positions (3, length) of consecutive pieces, and the start of the next one."""
    parts: list[NDArray[np.int64]] = [np.empty((3, 0), dtype=np.int64)]
    for piece in pieces:
        if isinstance(piece, Grid):
            rows, columns = np.divmod(np.arange(piece.rows * piece.columns), piece.columns)
            parts.append(np.stack([np.zeros_like(rows), rows, columns]) + start)
            start += max(piece.rows, piece.columns)
        else:
            parts.append(np.tile(np.arange(start, start + piece), (3, 1)))
            start += piece
    return np.concatenate(parts, axis=1), start
