"""Prompts side by side on the demo model's look turn: the table of docs/evaluation.md.

    python benchmarks/prompts.py ../shared/photos --out runs > table.md

Every tuning photo is taken, or with --every 4 every fourth. A run that was killed goes on
in --out.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from demo_model.evaluated import INPUTS, products
from productdesc import Product, load_engine
from productdesc.evaluate import Evaluation, paired_prompts, prompts_task
from productdesc.evaluate.evaluation import figures
from productdesc.evaluate.reliability import interval


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="default: runs")
    parser.add_argument("--every", type=int, default=1, help="default: 1")
    parser.add_argument("--model", help="checkpoint; default: the demo model")
    asked = parser.parse_args()

    def some() -> Iterator[Product]:
        for number, product in enumerate(products(asked.photos, "validation")):
            if number % asked.every == 0:
                yield product

    engine = load_engine(asked.model)
    task = prompts_task(some, engine, inputs=INPUTS)
    with Evaluation(task, out=asked.out / f"{task.name}-{asked.every}") as going:
        for _ in going.samples():
            pass
        going.results()
    groups = figures(task, going.answered)
    paired = paired_prompts(going.answered)
    digest = engine.info.weights_digest[:12]
    photos = len({sample.target["of"] for sample in going.answered})
    clusters = len({sample.product_id for sample in going.answered})
    print(f"{photos} photos of {clusters} products or groups, model `{digest}`:\n")
    print("| prompt | `kind_match` | against the first | better | worse |")
    print("|---|---|---|---|---|")
    for name, found in groups.items():
        if name == task.name:
            continue
        prompt = name.partition("/")[2]
        cells = ["", "", ""]
        if prompt in paired:
            by_name = {one.metric: one for one in paired[prompt].differences}
            one = by_name["kind_match"]
            cells = [interval(one.second_minus_first), str(one.turned_right),
                     str(one.turned_wrong)]  # fmt: skip
        shown = interval(found["kind_match"])
        print(f"| `{prompt}` | {shown} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
