"""JPEG damage: whether the edges of a poor JPEG's blocks of 8 px can be seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from .regions import Tones

__all__ = ["block_edges"]


class BlockMeasuring(NamedTuple):
    """The sizes and steps that blocks are found with; tones are 0 to 255."""

    block: int = 8  # px of a JPEG
    patch: int = 256  # px in the middle that are looked at
    objects: int = 4  # edges of the grid where something else may end, as a box does
    step: int = 20  # from one block to the next, at least
    calm: int = 5  # on both sides of that, at most


MEASURING = BlockMeasuring()


def block_edges(image: Image.Image) -> float:
    """How many edges of JPEG blocks can be seen, share of all; less what is chance.

    An edge is seen where one pixel differs from the next and both are like the pixel
    behind them. Only for pixels as they were decoded: a shrunk photo has no such grid.
    """
    side, block = MEASURING.patch, MEASURING.block
    left, top = (max(0, (s - side) // 2 // block * block) for s in image.size)
    right, bottom = min(image.width, left + side), min(image.height, top + side)
    patch = image.crop((left, top, right, bottom))
    if min(patch.size) < 2 * block:
        return 0.0
    tones = np.asarray(patch.convert("L"), np.int16)
    return (_seen(tones) + _seen(tones.T)) / 2


def _seen(tones: Tones) -> float:
    step = np.abs(np.diff(tones, axis=1))
    calm = np.maximum(step[:, :-2], step[:, 2:]) <= MEASURING.calm
    seen = ((step[:, 1:-1] >= MEASURING.step) & calm).mean(axis=0)
    at_edge = np.arange(2, seen.size + 2) % MEASURING.block == 0
    edges = np.sort(seen[at_edge])[: -MEASURING.objects]
    return float(edges.mean() - seen[~at_edge].mean()) if edges.size else 0.0
