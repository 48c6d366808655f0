"""Near-duplicate photos: difference hashes (dHash), and products that share one, grouped.

A photo's hash says of each cell of a grid whether it is darker than its neighbour. Two
photos are near-duplicates where at most `DISTANCE` of these bits differ: recompressed,
resized, recoloured alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 16
"""Cells of the grid, squared the bits of a hash. With 8 (64 bits) studio photos of one
pose fall together: `benchmarks/near_photos.py` has the figures."""
DISTANCE = 12
"""Bits that may differ. By the same script a pair of two products met to 16 bits, where 81
pairs of one did; from 20 on many do."""
BANDS = DISTANCE + 1  # two hashes that differ in fewer bits are equal in one of them


def photo_hash(image: Image) -> int:
    """The difference hash of a photo's pixels, `SIDE` * `SIDE` bits."""
    from PIL.Image import Resampling

    small = image.convert("L").resize((SIDE + 1, SIDE), Resampling.BOX)
    levels = np.asarray(small).astype(np.int16)
    bits = (levels[:, 1:] > levels[:, :-1]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near_pairs(hashes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Places of two hashes that differ in at most `DISTANCE` bits; a pair may come again.

    Exact: of two such hashes one band of bits is equal, and all that share a band are
    compared.
    """
    width = -(-SIDE * SIDE // BANDS)
    for band in range(BANDS):
        mates: dict[int, list[int]] = defaultdict(list)
        for place, value in enumerate(hashes):
            mates[(value >> band * width) & ((1 << width) - 1)].append(place)
        for places in mates.values():
            for at, one in enumerate(places):
                for other in places[at + 1 :]:
                    if (hashes[one] ^ hashes[other]).bit_count() <= DISTANCE:
                        yield one, other


class Groups:
    """Union-find: things that belong together, by the first of them in sorted order."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def find(self, one: Hashable) -> Hashable:
        """What stands for the group of a thing."""
        self._above.setdefault(one, one)
        while (above := self._above[one]) != one:
            self._above[one] = self._above[above]
            one = above
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        first, second = sorted((self.find(one), self.find(other)), key=repr)
        self._above[second] = first


def grouped(
    keys: Sequence[Sequence[str]], photos: Sequence[Sequence[int]]
) -> list[Hashable]:
    """The group of each row: rows with a key in common, or a near-duplicate photo.

    keys: what a row belongs to, its product's id the first; photos: its hashes.
    """
    groups = Groups()
    for row, own in enumerate(keys):
        groups.find(("row", row))
        for key in own:
            groups.join(("row", row), ("key", key))
    flat = [(row, value) for row, own in enumerate(photos) for value in own]
    for one, other in near_pairs([value for _, value in flat]):
        groups.join(("row", flat[one][0]), ("row", flat[other][0]))
    return [groups.find(("row", row)) for row in range(len(keys))]


def members(groups: Iterable[Hashable]) -> Mapping[Hashable, list[int]]:
    """The rows of each group, in their order."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    return rows
