"""Which photos may be trained on."""

from collections import Counter, defaultdict
from pathlib import Path

from demo_model.split import (
    KINDS,
    NEVER_TRAINED,
    OTHER,
    clothing_parts,
    grocery_parts,
    samples,
    sorts,
)


def clothing_rows() -> list[dict[str, str]]:
    """Three kinds, pairs of near-duplicates, and one group too large to be drawn."""
    rows = [
        {"file": f"{kind}/{n}.jpg", "category": kind, "group": f"{kind}-{n // 2}"}
        for kind in ("dress", "hat", "shoes")
        for n in range(120)
    ]
    rows += [{"file": f"x{n}.jpg", "category": "hat", "group": "big"} for n in range(40)]
    return rows


def test_a_group_lies_on_one_side_and_each_kind_on_all_sides() -> None:
    rows = clothing_rows()
    parts = clothing_parts(rows)
    assert set(parts) == {row["group"] for row in rows}
    assert parts["big"] == "train"
    for kind in ("dress", "shoes"):
        sides = Counter(parts[row["group"]] for row in rows if row["category"] == kind)
        assert 0.13 < sides["test"] / 120 < 0.18
        assert 0.05 < sides["validation"] / 120 < 0.1


def test_the_split_does_not_depend_on_the_order_of_the_rows() -> None:
    rows = clothing_rows()
    assert clothing_parts(rows) == clothing_parts(rows[::-1])


def test_products_are_held_out_whole_and_unseen_sorts_are_apart() -> None:
    rows = [
        {"category": kind, "subcategory": sort, "product": f"{sort}-{n}"}
        for kind, sorts in {
            "fruit": {"apple": 4, "lime": 1, "plum": 1, "kiwi": 1},
            "vegetable": {"pepper": 3, "leek": 1, "garlic": 1},
            "milk": {"milk": 4},
        }.items()
        for sort, products in sorts.items()
        for n in range(products)
        for _photo in range(15)
    ]
    parts = grocery_parts(rows)
    sides = defaultdict(set)
    for name, part in parts.items():
        sides[part].add(name.split("-")[0])
    assert sides["test"] == {"apple", "pepper", "milk"}
    assert len(sides["unseen"]) == 4
    assert sides["unseen"].isdisjoint(sides["train"] | sides["test"])
    assert {"apple", "pepper", "milk"} <= sides["train"]
    assert grocery_parts(rows[::-1]) == parts


def test_the_real_photos_leak_no_group_and_no_strange_kind(shared: Path) -> None:
    found = samples(shared / "photos")
    sides = defaultdict(set)
    for sample in found:
        sides[sample.source, sample.group].add(sample.part)
    assert all(len(parts) == 1 for parts in sides.values())
    assert {s.kind for s in found} == set(KINDS)
    finer = sorts(found)
    assert ("vegetable", "Tomato") in finer and ("fruit", "Apple") in finer
    assert not {"Avocado", "Orange", "Leek", "Mushroom"} & {sort for _, sort in finer}
    for part in ("train", "validation", "test"):
        assert {s.kind for s in found if s.part == part} == set(KINDS)
    trained = [s for s in found if s.kind == OTHER and s.part in ("train", "validation")]
    names = "".join(s.group for s in trained)
    assert not any(kind in names for kind in NEVER_TRAINED)
