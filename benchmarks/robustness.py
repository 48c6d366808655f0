"""Accuracy against damage, on the demo model's tuning photos: table and curve of the docs.

    python benchmarks/robustness.py ../shared/photos --limit 1500 > table.md
    python benchmarks/robustness.py ../shared/photos --limit 1500 --curve curve.png

Every fourth tuning photo is taken (--every), so that it ends within the hour on two cores.
A run that was killed goes on in --out. --curve needs matplotlib (the extra `evaluate`).
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from demo_model.evaluated import INPUTS, products
from productdesc import Product, load_engine
from productdesc.evaluate import Evaluation, robustness_task
from productdesc.evaluate.evaluation import figures
from productdesc.evaluate.reliability import interval
from productdesc.evaluate.robustness.damage_curve import curves, draw, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="default: runs")
    parser.add_argument("--every", type=int, default=4, help="default: 4")
    parser.add_argument("--limit", type=int, help="answers at most, 25 a photo")
    parser.add_argument("--model", help="checkpoint; default: the demo model")
    parser.add_argument("--curve", type=Path, help="a .svg or .png to write")
    asked = parser.parse_args()

    def some() -> Iterator[Product]:
        for number, product in enumerate(products(asked.photos, "validation")):
            if number % asked.every == 0:
                yield product

    engine = load_engine(asked.model)
    task = robustness_task(some, engine, inputs=INPUTS)
    out = asked.out / f"{task.name}-{asked.every}"
    with Evaluation(task, out=out, limit=asked.limit) as going:
        for _ in going.samples():
            pass
        going.results()
        found = curves(task, going.answered)
    groups = len({sample.product_id for sample in going.answered})
    photos = sum(sample.target["damage"] == "as is" for sample in going.answered)
    digest = engine.info.weights_digest[:12]
    print(f"{photos} photos of {groups} products or groups, model `{digest}`:\n")
    print(table(found))
    whole = figures(task, going.answered)[task.name]
    print("\nOf all answers:\n")
    for name in ("wrong_seen_by_gate", "wrong_seen_by_doubt", "wrong_seen", "right_flagged",
                 "doubted", "wrong_unseen"):  # fmt: skip
        print(f"- `{name}` {interval(whole[name])}, n {whole[name].n}")
    if asked.curve:
        asked.curve.write_bytes(draw(found, asked.curve.suffix.removeprefix(".")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
