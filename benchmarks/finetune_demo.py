"""Teach the demo model a kind that it does not know, and count what it knows after.

    python benchmarks/finetune_demo.py PHOTOS --work FOLDER [--kind hoodie] > figures.md

PHOTOS as of `demo_model.labelled`, with `magento2-sample-data`, `vendure` and
`retail-demo-store` beside. The new kind is tested on held-out products; known kinds on the
photos of the demo model's tuning part, "other product" on shops that it never saw. Both
models choose from the same list.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import productdesc
from demo_model import labelled
from productdesc import finetune
from productdesc.engines import Engine, QwenOptions, load_engine
from productdesc.records import Present, Product
from productdesc.taxonomy import OTHER

SHARES = finetune.Shares(validation=0.1, test=0.45)  # the new kind has few photos
REPLAYED = 20  # photos of each known kind, as many as the shares leave for training
KNOWN = 10  # photos of each known kind that are tested
ALL = 1_000


class Kind(NamedTuple):
    """A kind to teach: the shop's name of it, and where its photos are."""

    category: str
    sources: tuple[tuple[str, str, str], ...]  # folder, field of labels.jsonl, its value


KINDS = {
    "hoodie": Kind(
        "Hoodies & Sweatshirts",
        (("magento2-sample-data", "category", "Hoodies & Sweatshirts"),),
    ),
    "bag": Kind(
        "Bags",
        (
            ("magento2-sample-data", "category", "Bags"),
            ("retail-demo-store", "subcategory", "bag"),
        ),
    ),
}
OTHERS = (
    ("vendure", "category", "Computers"),
    ("vendure", "category", "Furniture"),
    ("vendure", "category", "Photo"),
    ("vendure", "category", "Equipment"),
    ("vendure", "category", "Plants"),
)
"""Other products that are replayed, beside those of the demo model's training."""
UNSEEN = (
    ("magento2-sample-data", "category", "Watches"),
    ("magento2-sample-data", "category", "Fitness Equipment"),
    ("retail-demo-store", "category", "electronics"),
    ("retail-demo-store", "category", "housewares"),
    ("solidus", "category", "Drinkware"),
)
"""Other products that neither training saw: folder, field, value."""


def rows(photos: Path, sources: Iterable[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    """Rows of labels.jsonl with a whole path as `file`, a product a photo, main views."""
    for folder, field, value in sources:
        with (photos / folder / "labels.jsonl").open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row.get(field) == value and row.get("view", "main") == "main":
                    yield {**row, "file": photos / folder / row["file"]}


def new_lessons(photos: Path, kind: Kind) -> Iterator[finetune.Lesson]:
    for row in rows(photos, kind.sources):
        product = Product(
            id=row["file"].stem,
            title=row["title"],
            description=row.get("description") or "",
            photos=[row["file"]],
            present=Present(category=kind.category),
        )
        yield finetune.published_lesson(
            product, ("description",), group=str(row.get("product_id", ""))
        )


def part(photos: Path, name: str, most: int, others: int) -> list[dict[str, Any]]:
    """At most so many photos of each kind of a part, by the hash of their names."""
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in labelled.lines(photos, name):
        by_kind[row["present"]["category"]].append(row)

    def order(row: dict[str, Any]) -> str:
        return hashlib.sha256(row["id"].encode()).hexdigest()

    chosen = []
    for kind, found in sorted(by_kind.items()):
        chosen += sorted(found, key=order)[: others if kind == OTHER else most]
    return chosen


def product_of(row: dict[str, Any], photos: Path) -> Product:
    return Product(
        id=row["id"],
        photos=[photos / name for name in row["photos"]],
        present=Present(category=row["present"]["category"]),
    )


def replayed(photos: Path) -> Iterator[finetune.Lesson]:
    for row in part(photos, "train", REPLAYED, ALL):
        product = product_of(row, photos)
        group = row["attributes"]["group"]
        yield finetune.published_lesson(product, (), group=group, looks=True)
    for row in rows(photos, OTHERS):
        product = Product(
            id=row["file"].stem, photos=[row["file"]], present=Present(category=OTHER)
        )
        yield finetune.published_lesson(product, (), looks=True)


def right(engine: Engine, cases: list[tuple[Product, str]], kinds: tuple[str, ...]) -> int:
    """How many products get their kind."""
    bare = [Product(id=product.id, photos=product.photos) for product, _ in cases]
    outcomes = productdesc.describe_many(
        bare, engine, channel="plain", fields=["title"], categories=kinds, keep_drafts=True
    )
    said = [
        outcome.draft.facts.category
        if isinstance(outcome, productdesc.Described) and outcome.draft
        else ""
        for outcome in outcomes
    ]
    return sum(one == kind for one, (_, kind) in zip(said, cases, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--kept", type=float, default=finetune.TrainOptions().kept)
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    asked = parser.parse_args()
    print("| kind | test | n | right before | right after |")
    print("|---|---|---|---|---|")
    for name in asked.kind or KINDS:
        teach(name, asked)


def teach(name: str, asked: argparse.Namespace) -> None:
    photos, kind = asked.photos, KINDS[name]
    base = finetune.BaseModel.find()
    data, adapter = asked.work / f"{name}-data", asked.work / f"{name}-adapter"
    lessons = [*new_lessons(photos, kind), *replayed(photos)]
    options = finetune.DataOptions(
        kinds={kind.category: name}, shares=SHARES, describe={"channel": "plain"}
    )
    made = finetune.make_data(lessons, base, data, options, force=True)
    began = time.monotonic()
    trained = finetune.train(
        data,
        base,
        adapter,
        finetune.TrainOptions(
            epochs=asked.epochs, learning_rate=asked.learning_rate, kept=asked.kept
        ),
        force=True,
        say=lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True),
    )
    seconds = time.monotonic() - began
    kinds = made.about.categories
    tests = {
        f"{name}, held-out products": [
            (Product(id=one.id, photos=[data / p for p in one.photos]), name)
            for one in finetune.read_data(data).of("test")
            if one.kind == name
        ],
        "known kinds": [
            (product_of(row, photos), row["present"]["category"])
            for row in part(photos, "validation", KNOWN, 0)
        ],
        "other product": [
            (Product(id=row["file"].stem, photos=[row["file"]]), OTHER)
            for row in rows(photos, UNSEEN)
        ],
    }
    before = load_engine("demo")
    after = load_engine("demo", QwenOptions(adapter=adapter))
    counts = {
        test: (right(before, cases, kinds), right(after, cases, kinds), len(cases))
        for test, cases in tests.items()
    }
    both = [counts["known kinds"], counts["other product"]]
    counts["known and other together"] = tuple(map(sum, zip(*both, strict=True)))  # type: ignore[assignment]
    for test, (was, now, n) in counts.items():
        print(f"| {name} | {test} | {n} | {was} ({was / n:.1%}) | {now} ({now / n:.1%}) |")
    c = made.about.counts
    print(
        f"\n{name}: {c['train']} examples trained on ({c['kinds'].get(name)} of the kind "
        f"in all, {sum(c['replayed kinds'].values())} replayed), "
        f"{c['validation']} to tune by; "
        f"{trained.card['run']['steps']} steps, best at {trained.card['best']['step']}, "
        f"{seconds:.0f} s\n",
        flush=True,
    )


if __name__ == "__main__":
    main()
