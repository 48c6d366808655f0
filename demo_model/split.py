"""Which photo may be trained on, and which is kept out until the end.

A pure function of the `labels.jsonl` files: photos are ordered by the sha256 of their
group or product, so the split needs no random state and never moves.  Near-duplicates
(one `group`) and photos of one product never fall on two sides.  It opens no photo.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OTHER = "other product"
CLOTHING = (
    "dress",
    "hat",
    "longsleeve",
    "outwear",
    "pants",
    "shirt",
    "shoes",
    "shorts",
    "skirt",
    "t-shirt",
)
GROCERY = ("cultured-dairy", "fruit", "juice", "milk", "vegetable")
KINDS = (*CLOTHING, *GROCERY, OTHER)
OTHER_INDEX = KINDS.index(OTHER)
# The photo sets' labels in words that a shopper reads, and in the model's order.
NAMES = {"outwear": "outerwear", "cultured-dairy": "cultured dairy"}
CATEGORIES = tuple(NAMES.get(label, label) for label in KINDS)

Part = Literal["train", "validation", "test", "unseen", "left-out"]

# The only coarse classes of their kind with one product: nothing like them is trained on.
UNSEEN_COARSE = {"fruit": 2, "vegetable": 2}

# Kinds of shop photos that stand for "a product of no known kind" at the end.
NEVER_TRAINED = frozenset({"accessories", "electronics", "housewares"})
OTHER_TRAINED = frozenset(
    {"beauty", "food service", "jewelry", "outdoors", "cold dispensed", "salty snacks"}
)
SHOP_KINDS = {
    "footwear": "shoes",
    "jacket": "outwear",
    "caps_with_pompons": "hat",
    "simple_caps": "hat",
    "dresses": "dress",
    "mens_jeans": "pants",
    "womens_jeans": "pants",
    "mens_t_shirts": "t-shirt",
    "womens_t_shirts": "t-shirt",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo: its file, what it shows, and the side of the split it is on.

    sort: what it is more exactly, where the set says so (tomato, of the kind vegetable).
    """

    path: Path
    kind: str
    part: Part
    group: str
    source: str
    sort: str = ""


def _order(key: str) -> str:
    return hashlib.sha256(f"productdesc:{key}".encode()).hexdigest()


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    labels = folder / "labels.jsonl"
    if labels.exists():
        with labels.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def clothing_parts(rows: Iterable[Mapping[str, str]]) -> dict[str, Part]:
    """The part of every group: about 15 % test, 7 % validation, of each category."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row["category"])
    by_kind: dict[str, list[str]] = defaultdict(list)
    for group, kinds in groups.items():
        by_kind[max(sorted(set(kinds)), key=kinds.count)].append(group)
    parts: dict[str, Part] = {}
    for _kind, members in sorted(by_kind.items()):
        total = sum(len(groups[g]) for g in members)
        held = 0
        for group in sorted(members, key=_order):
            size = len(groups[group])
            if size > 0.1 * total:  # too large to be a fair draw
                parts[group] = "train"
            elif held < 0.15 * total:
                parts[group] = "test"
                held += size
            elif held < 0.22 * total:
                parts[group] = "validation"
                held += size
            else:
                parts[group] = "train"
    return parts


def grocery_parts(rows: Iterable[Mapping[str, str]]) -> dict[str, Part]:
    """The part of every product.

    `test`: about a third of the products of each coarse class that has two or more;
    `unseen`: every product of four coarse classes with one product only;
    `validation`: one further product of each kind that leaves one or more for training.
    """
    products: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        products[row["category"], row["subcategory"]].add(row["product"])
    parts: dict[str, Part] = {}
    singles: dict[str, list[str]] = defaultdict(list)
    rest: dict[str, list[str]] = defaultdict(list)
    for (kind, _coarse), members in sorted(products.items()):
        ordered = sorted(members, key=_order)
        if len(ordered) == 1:
            singles[kind] += ordered
            continue
        held = max(1, round(len(ordered) / 3))
        parts |= dict.fromkeys(ordered[:held], "test")
        if len(ordered) - held >= 2:
            rest[kind] += ordered[held:]
        parts |= dict.fromkeys(ordered[held:], "train")
    for kind, names in sorted(singles.items()):
        names = sorted(names, key=_order)
        unseen = UNSEEN_COARSE.get(kind, 0)
        parts |= dict.fromkeys(names[:unseen], "unseen")
        parts |= dict.fromkeys(names[unseen:], "train")
    for names in rest.values():
        parts[min(names, key=lambda name: _order("validation:" + name))] = "validation"
    return parts


def samples(photos: Path) -> list[Sample]:
    """Every photo of the two training sets and the two shop sets, in file order.

    `photos` holds `clothing-small`, `grocery`, `retail-demo-store` and `sylius`; the last
    two may be missing.
    """
    found: list[Sample] = []
    for name, split in (("clothing-small", clothing_parts), ("grocery", grocery_parts)):
        rows = list(_rows(photos / name))
        parts = split(rows)
        key = "group" if name == "clothing-small" else "product"
        found += [
            Sample(
                photos / name / row["file"],
                row["category"],
                parts[row[key]],
                row[key],
                name,
                row["subcategory"] if name == "grocery" else "",
            )
            for row in rows
        ]
    for name in ("retail-demo-store", "sylius"):
        for row in _rows(photos / name):
            path = photos / name / row["file"]
            kind, part = _shop_part(row)
            found.append(Sample(path, kind, part, row["product_id"], name))
    return found


def sorts(found: Iterable[Sample]) -> tuple[tuple[str, str], ...]:
    """Kind and sort of every sort that is trained on, in order of name.

    To tell tomatoes from peppers is a harder lesson than vegetables from fruit, and one
    that holds better for tomatoes never seen.
    """
    taught = {(s.kind, s.sort) for s in found if s.sort and s.part == "train"}
    return tuple(sorted(taught))


def _shop_part(row: Mapping[str, str]) -> tuple[str, Part]:
    category, sub = row["category"], row.get("subcategory") or ""
    if category in NEVER_TRAINED:
        return OTHER, "test"
    if category in OTHER_TRAINED:
        # every sixth photo tunes the bias towards "other product"
        held = int(_order(row["product_id"]), 16) % 6 == 0
        return OTHER, "validation" if held else "train"
    kind = SHOP_KINDS.get(category) or SHOP_KINDS.get(sub)
    return (kind, "train") if kind else (OTHER, "left-out")
