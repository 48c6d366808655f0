"""Seams: straight edges from side to side, of an added border or of photos joined."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....photos.product_crop import shrunk

Floats = NDArray[np.float64]


class SeamMeasuring(NamedTuple):
    """The sizes and limits that seams are found with; tones are 0 to 255."""

    side: int = 800  # px; a longer photo is shrunk to it
    least: int = 40  # px; with fewer there is no inside and no outside
    margin: float = 0.15  # of a side: a border is no wider, a seam is further in
    step: int = 10  # over an edge, in any channel, beyond `texture`
    texture: float = 2.0  # times what the photo itself changes beside the edge
    beside: int = 10  # lines on either side that tell how much that is
    middle: float = 0.7  # of a line that is looked at: corners of a border are two borders
    even: float = 4.0  # a border's tones stray by no more along a line
    ringing: int = 12  # lines beside an edge that a JPEG disturbs


MEASURING = SeamMeasuring()


class Seams(NamedTuple):
    """`border`: the share of an even border's edge that can be seen, on the opposite sides
    that have it, 0 to 1. `seam`: the share of the clearest straight edge from side to side
    inside the photo, 0 to 1."""

    border: float
    seam: float


def measure_seams(image: Image.Image) -> Seams:
    """The border and the seams of one photo, in RGB."""
    pixels = np.asarray(shrunk(image, MEASURING.side)).astype(np.int16)
    upright = pixels.transpose(1, 0, 2)
    both = [_edges(lines) for lines in (pixels, upright)]
    return Seams(max(one[0] for one in both), max(one[1] for one in both))


def _edges(lines: NDArray[np.int16]) -> tuple[float, float]:
    """Border and seam of (count, length, 3) lines of pixels."""
    count, length, _ = lines.shape
    if min(count, length) < MEASURING.least:
        return 0.0, 0.0
    cut = round((1 - MEASURING.middle) / 2 * length)
    lines = lines[:, cut : length - cut]
    clear = _clear(lines)
    edge = max(3, round(MEASURING.margin * count))
    even = lines.std(axis=1).max(axis=-1) <= MEASURING.even
    ends = [
        _border(clear[:edge], even),
        _border(clear[::-1][:edge], even[::-1]),
    ]
    inner = clear[edge:-edge]
    return min(ends), float(inner.max()) if inner.size else 0.0


def _clear(lines: NDArray[np.int16]) -> Floats:
    """The share of each line but the first and last that an edge runs along.

    An edge is a step that the lines beside it do not have.
    """
    steps = np.abs(lines[2:] - lines[:-2]).max(axis=-1)
    sums = np.zeros((steps.shape[0] + 1, steps.shape[1]))
    np.cumsum(steps, axis=0, out=sums[1:])
    at = np.arange(steps.shape[0])
    near, far = 2, MEASURING.beside
    window = (_between(sums, at - far, at - near), _between(sums, at + near + 1, at + far))
    beside = sum(total for total, _ in window) / np.maximum(
        1, sum(lines for _, lines in window)
    )
    shown = steps >= MEASURING.step + MEASURING.texture * beside
    return np.asarray(shown.mean(axis=1), np.float64)


def _between(sums: Floats, first: Any, last: Any) -> tuple[Floats, Floats]:
    """The sums of lines first to last (exclusive), and how many lines those are."""
    most = sums.shape[0] - 1
    first, last = np.clip(first, 0, most), np.clip(last, 0, most)
    return sums[last] - sums[first], (last - first)[:, None]


def _border(clear: Floats, even: NDArray[np.bool_]) -> float:
    """The clearest edge near one side that has an even line near it."""
    reach = 2 * MEASURING.ringing
    padded = np.pad(even, MEASURING.ringing)
    some = [padded[k : k + reach].any() for k in range(clear.size)]
    return float((clear * some).max())
