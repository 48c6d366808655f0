"""What is kept of a file in the making comes back in the source's order, the last said."""

from __future__ import annotations

import random

import pytest

from productdesc.catalogs.output.spool import Spool

ROWS = 3  # of a group, ten bytes each


def offsets(group: int) -> list[int]:
    return [group * ROWS * 10 + row * 10 for row in range(ROWS)]


@pytest.mark.parametrize("order", ["rising", "falling", "any", "one again at the end"])
@pytest.mark.parametrize("size", [1, 5_000])
def test_entries_come_in_the_sources_order(order: str, size: int) -> None:
    rng = random.Random(order)
    groups = list(range(700))  # more than are held in memory
    if order == "falling":
        groups.reverse()
    elif order == "any":
        groups = rng.choices(groups, k=900)
    elif order == "one again at the end":
        groups.append(300)
    wanted: dict[int, tuple[str, bytes]] = {}
    kept = Spool()
    for time, group in enumerate(groups):
        places = offsets(group)
        news = rng.sample(places, rng.randrange(ROWS + 1))
        entries = [(place, f"at {time}", b"%d" % time * size) for place in news]
        kept.put(places, entries)
        for place in places:
            wanted.pop(place, None)
        wanted |= {place: (note, new) for place, note, new in entries}
    assert kept.notes() == {note for note, _ in wanted.values()}
    assert list(kept) == [(place, *wanted[place]) for place in sorted(wanted)]
    kept.close()


def test_nothing_kept_is_nothing() -> None:
    kept = Spool()
    kept.put([0, 10], [])
    assert list(kept) == [] and kept.notes() == set()
    kept.close()
