"""Pieces: connected parts of a mask, held against a flood fill that is plain to see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from productdesc.photos.regions import Mask
from productdesc.questions.moderation.photo_rules.pieces import pieces


def flooded(mask: Mask) -> list[set[tuple[int, int]]]:
    """The parts, one pixel after the other."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)}
    parts = []
    while left:
        waiting, part = [min(left)], set()
        while waiting:
            y, x = waiting.pop()
            if (y, x) in left:
                left.remove((y, x))
                part.add((y, x))
                waiting += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        parts.append(part)
    return sorted(parts, key=min)


@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_pieces_are_those_of_a_flood_fill(mask: Mask) -> None:
    found, parts = pieces(mask), flooded(mask)
    assert (found.labels >= 0).tolist() == mask.tolist()
    assert len(found.areas) == len(found.boxes) == len(parts)
    for number, part in enumerate(parts):
        ys, xs = np.nonzero(found.labels == number)
        assert set(zip(ys.tolist(), xs.tolist(), strict=True)) == part
        assert found.areas[number] == len(part)
        box = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        assert found.boxes[number].tolist() == box


@pytest.mark.parametrize("turns", [3, 9])
def test_a_spiral_is_one_piece(turns: int) -> None:
    side = 4 * turns + 1
    mask = np.zeros((side, side), bool)
    for ring in range(turns):
        a, b = 2 * ring, side - 1 - 2 * ring
        mask[a, a : b + 1] = mask[b, a : b + 1] = mask[a + 2 : b + 1, a] = True
        mask[a : b + 1, b] = True
        mask[a + 2, a : a + 3] = True
    assert len(pieces(mask).areas) == len(flooded(mask)) == 1
