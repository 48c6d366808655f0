"""Scores a model on the photos kept out of all training, through the whole library.

    python -m demo_model.score PHOTOS_FOLDER [--model FOLDER] [--part validation]

Photo in, description out; the category of the description is compared with the label.
The test part is meant to be scored once, when nothing will be changed any more.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from productdesc import Described, Product, describe_many, load_engine
from productdesc.engines import Engine

from .split import CLOTHING, GROCERY, NAMES, OTHER, Sample, samples

# Shop photos that no training reads: what they show, by set and category.
_STRANGE = {
    "vendure": ("Computers", "Photo", "Furniture", "Plants", "Equipment"),
    "magento2-sample-data": ("Bags", "Fitness Equipment", "Watches"),
    "solidus": ("Bags", "Drinkware"),
    "abo-aws-samples": ("bag", "light-bulb"),
}
# Clothing worn by people in studios, which no training reads either, by its category.
_WORN = {
    "Pants": "pants",
    "Shorts": "shorts",
    "Tees": "t-shirt",
    "Jackets": "outwear",
    "Hoodies & Sweatshirts": "longsleeve",
}


def strangers(photos: Path) -> Iterator[Sample]:
    """Photos of kinds that the model never saw, and vendure's shoes."""
    for name, categories in _STRANGE.items():
        labels = photos / name / "labels.jsonl"
        lines = labels.read_text(encoding="utf-8").splitlines() if labels.exists() else []
        for row in map(json.loads, lines):
            path = photos / name / row["file"]
            if row["category"] in categories:
                yield Sample(path, OTHER, "test", row["category"], name)
            elif row["category"] == "Footwear":
                yield Sample(path, "shoes", "test", "Footwear", name)


def worn(photos: Path) -> Iterator[Sample]:
    """Main photos of clothing on people (magento2-sample-data)."""
    folder = photos / "magento2-sample-data"
    labels = folder / "labels.jsonl"
    lines = labels.read_text(encoding="utf-8").splitlines() if labels.exists() else []
    for row in map(json.loads, lines):
        kind = _WORN.get(row["category"])
        if kind and row["view"] == "main":
            yield Sample(folder / row["file"], kind, "test", row["category"], folder.name)


def answers(engine: Engine, found: Sequence[Sample]) -> Iterator[tuple[Sample, str]]:
    """Each sample with the category that the library gives it; "failed" where none."""
    products = (Product(id=str(s.path), photos=(s.path,)) for s in found)
    outcomes = describe_many(products, engine, channel="plain", fields=("tags",))
    for sample, outcome in zip(found, outcomes, strict=True):
        if isinstance(outcome, Described):
            yield sample, outcome.description.category
        else:
            reason = getattr(outcome, "error", "nothing asked")
            print(f"{sample.path}: {reason}", file=sys.stderr)
            yield sample, "failed"


def table(results: Iterable[tuple[Sample, str]]) -> str:
    """Right answers by kind, most frequent wrong one beside them, as Markdown."""
    said: dict[str, Counter[str]] = {}
    for sample, answer in results:
        kind = NAMES.get(sample.kind, sample.kind)
        said.setdefault(kind, Counter())[answer] += 1
    lines = ["| kind | photos | right | most often wrong |", "|---|---|---|---|"]
    for kind, counts in sorted(said.items()):
        total = sum(counts.values())
        wrong = [f"{k} {n}" for k, n in counts.most_common() if k != kind][:2]
        right = f"{counts[kind]} ({100 * counts[kind] / total:.1f} %)"
        lines.append(f"| {kind} | {total} | {right} | {', '.join(wrong)} |")
    total = sum(sum(c.values()) for c in said.values())
    right_all = sum(c[kind] for kind, c in said.items())
    lines.append(
        f"| all | {total} | {right_all} ({100 * right_all / max(1, total):.1f} %) | |"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo_model.score",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument("--model", help="checkpoint; default: the demo model")
    parser.add_argument("--part", default="test", choices=["test", "validation"])
    asked = parser.parse_args(arguments)
    engine = load_engine(asked.model)
    found = samples(asked.photos)
    held = [s for s in found if s.part == asked.part]
    groups = {
        "Clothing": [s for s in held if s.kind in CLOTHING],
        "Grocery, new products of known sorts": [s for s in held if s.kind in GROCERY],
        "Other products of the shop sets": [s for s in held if s.kind == OTHER],
    }
    if asked.part == "test":
        groups["Grocery, sorts never seen"] = [s for s in found if s.part == "unseen"]
        strange = list(strangers(asked.photos))
        for name in _STRANGE:
            chosen = [s for s in strange if s.source == name]
            groups[f"Kinds never seen ({name})"] = [s for s in chosen if s.kind == OTHER]
        groups["Clothing on people (magento2-sample-data)"] = list(worn(asked.photos))
        groups["Shoes in shop photos (vendure)"] = [s for s in strange if s.kind == "shoes"]
    for title, chosen in groups.items():
        if chosen:
            print(f"\n{title}\n\n{table(answers(engine, chosen))}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
