"""Split: which examples are trained on, tuned by, and kept out until the end.

By the hash of a group's first product id, so that the split needs no random state: what
was kept out of one training stays out when the shop has more products. Products of one
group, and near-duplicate photos, never fall on two sides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from .near_photos import grouped, members

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
FEWEST_GROUPS = 3
"""Groups of products that a split takes: one on each side."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the groups that are kept out, from 0 to 1; the rest is trained on."""

    validation: float = 0.1
    test: float = 0.2

    def __post_init__(self) -> None:
        for name in ("validation", "test"):
            share = getattr(self, name)
            if not 0 < share < 0.5:
                raise ValueError(f"{name} is {share}; it is above 0 and below 0.5")


@dataclass(frozen=True, slots=True)
class Placed:
    """The group of a row, by name, and its side of the split."""

    group: str
    split: str


def split_rows(
    keys: Sequence[Sequence[str]],
    photos: Sequence[Sequence[int]],
    strata: Sequence[str],
    shares: Shares,
) -> list[Placed]:
    """The side of each row. keys, photos: see `grouped`. strata: what kind each row is of.

    A stratum of which no group would be kept out, or trained on, gets the nearest. One
    with fewer than `FEWEST_GROUPS` groups goes by the hash alone.
    Raises `ValueError` where there are fewer groups than that in all.
    """
    by_group = members(grouped(keys, photos))
    if len(by_group) < FEWEST_GROUPS:
        raise ValueError(
            f"there are {len(by_group)} groups of products to split, and {FEWEST_GROUPS} "
            "are needed: one to train on, one to tune by, one to test on; add products"
        )
    names = {group: min(keys[row][0] for row in rows) for group, rows in by_group.items()}
    places = {group: _place(name) for group, name in names.items()}
    sides = {group: _side(place, shares) for group, place in places.items()}
    by_stratum: dict[str, list[object]] = {}
    for group, rows in by_group.items():
        kinds = [strata[row] for row in rows]
        main = max(sorted(set(kinds)), key=kinds.count)
        by_stratum.setdefault(main, []).append(group)
    large = [g for g in by_stratum.values() if len(g) >= FEWEST_GROUPS]
    for groups in large or [list(by_group)]:
        ordered = sorted(groups, key=lambda group: (places[group], names[group]))
        _fill(ordered, sides)
    result: list[Placed] = [Placed("", "")] * len(keys)
    for group, rows in by_group.items():
        name = hashlib.sha256(names[group].encode("utf-8", "surrogatepass")).hexdigest()
        for row in rows:
            result[row] = Placed(name[:16], sides[group])
    return result


def _place(name: str) -> float:
    """Where a group stands between 0 and 1, the same for ever."""
    data = f"productdesc split:{name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") / 2**64


def _side(place: float, shares: Shares) -> str:
    if place < shares.test:
        return TEST
    return VALIDATION if place < shares.test + shares.validation else TRAIN


def _fill(ordered: Sequence[object], sides: dict[object, str]) -> None:
    """Give each side at least one of these groups, which stand in the order of places."""
    if all(sides[group] != TEST for group in ordered):
        sides[ordered[0]] = TEST
    if all(sides[group] != TRAIN for group in ordered):
        sides[ordered[-1]] = TRAIN
    if all(sides[group] != VALIDATION for group in ordered):
        rest = [g for g in ordered if sides[g] == TRAIN]
        if len(rest) > 1:
            sides[rest[0]] = VALIDATION
            return
        rest = [g for g in ordered if sides[g] == TEST]
        if len(rest) > 1:
            sides[rest[-1]] = VALIDATION
