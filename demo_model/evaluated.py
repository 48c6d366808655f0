"""The demo model's figures in docs/evaluation.md, made again as Markdown.

    python -m demo_model.evaluated PHOTOS_FOLDER [--out FOLDER] > figures.md

Evaluates the photos of the tuning part: the catalogue task, then a calibration fitted on
one half and judged on the other. What a killed run answered is kept in FOLDER.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from productdesc import Product, load_engine
from productdesc.engines import Engine
from productdesc.evaluate import Evaluation, Inputs, Task, calibration_task, catalogue_task
from productdesc.evaluate.calibration import BINS
from productdesc.evaluate.evaluation import figures
from productdesc.evaluate.reliability import Bin, Reliability, interval
from productdesc.evaluate.tasks.confidence import FittedCalibration

from .labelled import lines

INPUTS = Inputs(cluster="group")


def products(photos: Path, part: str) -> Iterator[Product]:
    """The labelled photos of a part as products."""
    for line in lines(photos, part):
        yield Product(**{**line, "photos": [photos / one for one in line["photos"]]})


def evaluated(task: Task, out: Path) -> Evaluation:
    """The task with all its samples answered."""
    with Evaluation(task, out=out / task.name) as going:
        for sample in going.samples():
            if sample.error:
                print(f"{sample.id}: {sample.error}")
        going.results()
        return going


def catalogue(engine: Engine, photos: Path, part: str, out: Path) -> Iterator[str]:
    """The table of figures."""
    task = catalogue_task(lambda: products(photos, part), engine, inputs=INPUTS)
    going = evaluated(task, out)
    found = figures(task, going.answered)[task.name]
    clusters = len({sample.product_id for sample in going.answered})
    digest = engine.info.weights_digest[:12]
    yield f"{going.total} photos of {clusters} products or groups, model `{digest}`:\n"
    yield "| figure | value, 95 % interval | n |\n|---|---|---|"
    for name, one in found.items():
        rough = " ~" if one.is_rough else ""
        yield f"| `{name}` | {interval(one)}{rough} | {one.n} |"


def calibration(engine: Engine, photos: Path, part: str, out: Path) -> Iterator[str]:
    """The tables of reliability, before and after."""
    task = calibration_task(lambda: products(photos, part), engine, inputs=INPUTS)
    fitted = FittedCalibration.of(evaluated(task, out).answered, task)
    fit, test = fitted.calibration, fitted.before.ece
    others = f"T = {fit.temperature:.3f} from {fit.n} choices of {fit.clusters} others"
    yield f"\n{test.n} choices of {test.clusters} products; {others}:\n"
    yield "| | ECE | a perfect model | and up to | Brier |\n|---|---|---|---|---|"
    for when, found in (("before", fitted.before), ("after", fitted.after)):
        perfect = f"{found.perfect_ece:.3f} | {found.perfect_ece_95:.3f}"
        yield f"| {when} | {interval(found.ece)} | {perfect} | {interval(found.brier)} |"
    side = "choices | mean | share right"
    yield f"\n| confidence | before: {side} | after: {side} |\n{'|---' * 7}|"
    before, after = _bins(fitted.before), _bins(fitted.after)
    for number in range(BINS):
        if number in before or number in after:
            cells = " | ".join(_bin(side.get(number)) for side in (before, after))
            yield f"| {number / BINS:.1f} to {(number + 1) / BINS:.1f} | {cells} |"
    side = "accepted | right"
    yield f"\n| confidence at least | before: {side} | after: {side} |\n{'|---' * 5}|"
    curves = fitted.before.acceptance, fitted.after.acceptance
    for one, two in zip(*curves, strict=True):
        cells = " | ".join(
            f"{interval(row.accepted)} | {interval(row.right) if row.right else ''}"
            for row in (one, two)
        )
        yield f"| {one.threshold:g} | {cells} |"


def _bins(found: Reliability) -> dict[int, Bin]:
    return {round(one.low * BINS): one for one in found.bins}


def _bin(one: Bin | None) -> str:
    if one is None:
        return "0 | | "
    return f"{one.right.n} | {one.confidence:.3f} | {interval(one.right)}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo_model.evaluated",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="default: runs")
    parser.add_argument("--model", help="checkpoint; default: the demo model")
    asked = parser.parse_args(arguments)
    engine = load_engine(asked.model)
    for part in (catalogue, calibration):
        for line in part(engine, asked.photos, "validation", asked.out):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
