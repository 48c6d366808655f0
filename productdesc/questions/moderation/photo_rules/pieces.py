"""Pieces: the connected parts of a mask, each with its box and its area."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....photos.regions import Mask

Ints = NDArray[np.int64]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in shares of the photo."""


class Pieces(NamedTuple):
    """n connected parts (four neighbours) of a mask of (height, width).

    `labels` (height, width) has the number of each pixel's part, -1 outside. `boxes`
    (n, 4) has left, top, right, bottom in px, the last two exclusive; `areas` (n,) in px.
    """

    labels: Ints
    boxes: Ints
    areas: Ints


def pieces(mask: Mask) -> Pieces:
    """The connected parts of a mask, numbered from 0 in reading order."""
    height, width = mask.shape
    walled = np.zeros((height, width + 2), np.int8)
    walled[:, 1:-1] = mask
    flips = np.diff(walled.ravel())
    first, last = np.flatnonzero(flips == 1) + 1, np.flatnonzero(flips == -1) + 1
    if not first.size:
        return Pieces(np.full(mask.shape, -1), np.zeros((0, 4), np.int64), first)
    above, below = _touching(first, last, width + 2)
    parts = _roots(first.size, above, below)
    names, parts = np.unique(parts, return_inverse=True)
    rows = first // (width + 2)
    left, right = first - rows * (width + 2) - 1, last - rows * (width + 2) - 1
    boxes = np.stack(
        (
            _least(parts, left, names.size),
            _least(parts, rows, names.size),
            -_least(parts, -right, names.size),
            -_least(parts, -rows - 1, names.size),
        ),
        axis=1,
    )
    areas = np.bincount(parts, last - first, names.size).astype(np.int64)
    labels = np.full(mask.shape, -1)
    labels[mask] = np.repeat(parts, last - first)
    return Pieces(labels, boxes, areas)


def _touching(first: Ints, last: Ints, row: int) -> tuple[Ints, Ints]:
    """Pairs of runs of pixels that lie above one another in neighbouring rows."""
    begin = np.searchsorted(last, first + row, side="right")
    end = np.searchsorted(first, last + row, side="left")
    counts = np.maximum(end - begin, 0)
    above = np.repeat(np.arange(first.size), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return above, np.repeat(begin, counts) + place


def _roots(count: int, one: Ints, other: Ints) -> Ints:
    """The least number that each of `count` nodes is joined with by the given pairs."""
    root = np.arange(count)
    while True:
        a, b = root[one], root[other]
        apart = a != b
        if not apart.any():
            return root
        np.minimum.at(root, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
        while (higher := root[root] != root).any():
            root = np.where(higher, root[root], root)


def _least(parts: Ints, values: Ints, count: int) -> Ints:
    least = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(least, parts, values)
    return least
