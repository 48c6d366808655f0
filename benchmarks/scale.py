"""How the throughput of `productdesc.scale` grows with its workers.

    python benchmarks/scale.py                     # 1, 2, 4, 8 workers; about ten minutes
    python benchmarks/scale.py --overhead 1000     # what a product costs beside the model
    python benchmarks/scale.py --plan 20000        # how quickly a plan is made
    python benchmarks/scale.py --table 5.8         # the sizing table of docs/scale.md

The engine is scripted and waits a fixed time for each product, so that many workers fit
two cores: what is measured is all that is not the model. The time of a run begins when its
first block has ended, as a model's loading is another question.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

import productdesc
from productdesc import Product, ScriptedEngine
from productdesc.catalogs.openers import OpenOptions
from productdesc.engines import Answer, Request, Settings
from productdesc.scale import (
    Cluster,
    EngineRecipe,
    FileJob,
    WorkerResources,
    describe_files,
)
from productdesc.scale.place import Place
from productdesc.scale.row_plan import RowPlan, make_plan

OPTIONS: Any = {"channel": "plain"}
BLOCK = 16
SECONDS_A_DAY = 86_400


class DelayedEngine(ScriptedEngine):
    """Waits for each product that it writes for, one after the other."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        writes = sum("Write the copy" in request.prompt.text for request in requests)
        time.sleep(self._seconds * writes)
        answers = super().generate(requests, settings)
        self.requests.clear()
        return answers


def delayed(seconds: float) -> DelayedEngine:
    return DelayedEngine(seconds)


def products(count: int) -> list[Product]:
    return [
        Product(id=f"p{n}", attributes={"brand": "Acme", "code": f"A{n}"})
        for n in range(count)
    ]


def run(workers: int, count: int, seconds: float) -> dict[str, float]:
    """One run: products a second once the first block has ended, and what it took."""
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    source = folder / "in.jsonl"
    source.write_text("".join(f"{p.model_dump_json()}\n" for p in products(count)))
    job = FileJob(
        source,
        folder / "out",
        EngineRecipe("scale:delayed", arguments={"seconds": seconds}),
        # the workers wait more than they compute
        Cluster("local", workers, WorkerResources(cpus=0.5, block_rows=BLOCK)),
    )
    began = time.perf_counter()
    planned = first = last = 0.0
    done = first_done = 0
    memory: list[float] = []
    for progress in describe_files(job, **OPTIONS):
        now = time.perf_counter()
        planned = planned or now - began
        ended = progress.counts.ended
        if ended and not first:
            first, first_done = now, ended
        if ended > done:
            done, last = ended, now
            memory = rss("CountedDescriber") or memory
    shutil.rmtree(folder)
    return {
        "workers": workers,
        "products": count,
        "seconds until planned": round(planned, 1),
        "seconds until the first block": round(first - began, 1),
        "seconds in all": round(time.perf_counter() - began, 1),
        "products a second": round((done - first_done) / max(last - first, 0.5), 2),
        "MB a worker": round(statistics.median(memory or [0])),
    }


def rss(name: str) -> list[float]:
    """Resident memory of this process's Ray workers of that name, in MB."""
    return [
        process.memory_info().rss / 1e6
        for process in psutil.Process().children(recursive=True)
        if name in process.name() or name in " ".join(process.cmdline())
    ]


def scaling(seconds: float, each: int, numbers: Sequence[int]) -> None:
    runs = []
    for workers in numbers:
        runs.append(run(workers, workers * each, seconds))
        print(json.dumps(runs[-1]), flush=True)
    one = runs[0]["products a second"] / runs[0]["workers"]
    print("| workers | products a second | efficiency | MB a worker |\n|---|---|---|---|")
    for made in runs:
        rate, workers = made["products a second"], made["workers"]
        share = rate / (one * workers)
        print(f"| {workers:g} | {rate:g} | {share:.0%} | {made['MB a worker']:g} |")


def overhead(count: int) -> None:
    """Time a product without any delay: one process, and two workers."""
    engine = delayed(0.0)
    began = time.perf_counter()
    for _ in productdesc.describe_many(products(count), engine, **OPTIONS):
        pass
    alone = (time.perf_counter() - began) / count
    made = run(2, count, 0.0)
    print(json.dumps(made))
    each = 2 / made["products a second"]
    print(f"without delay: {1000 * alone:.1f} ms a product in one process, "
          f"{1000 * each:.1f} ms a worker's product with two")  # fmt: skip


def plan(count: int) -> None:
    """Rows a second of making a plan, and bytes a row of source and plan; without Ray."""
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    source = folder / "in.jsonl"
    photos = [f"https://img.shop.example/a-product/{n}.jpg" for n in range(2)]
    lines = (
        json.dumps(
            {
                "id": f"p{n}",
                "title": f"Trail shoe {n}",
                "description": "A light shoe for paths, with a grippy sole. " * 4,
                "attributes": {"brand": "Acme", "colour": "blue", "code": f"A{n}"},
                "photos": photos,
            }
        )
        for n in range(count)
    )
    source.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    to = Place.of(folder / "out").under("plan")
    began = time.process_time()
    make_plan(Place.of(source), to, OpenOptions(), RowPlan((), {}, ""))
    spent = time.process_time() - began
    made = sum(one.size for one in to.files(".parquet"))
    given = source.stat().st_size
    print(f"{count / spent:,.0f} rows a second of one core; {given / count:.0f} bytes a "
          f"row in the source, {made / count:.0f} in the plan")  # fmt: skip
    shutil.rmtree(folder)


def table(seconds: Sequence[float], efficiency: float) -> None:
    """Products a day, computed: what one worker does, times workers, times efficiency."""
    print("| seconds a product | 1 worker | 8 workers | 64 workers |\n|---|---|---|---|")
    for each in seconds:
        cells = []
        for workers in (1, 8, 64):
            share = 1.0 if workers == 1 else efficiency
            day = SECONDS_A_DAY / each * workers * share
            cells.append(f"{round(day, -len(str(int(day))) + 2):,.0f}")
        print(f"| {each:g} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.1, help="a product")
    parser.add_argument("--each", type=int, default=320, help="products a worker")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--overhead", type=int, metavar="PRODUCTS")
    parser.add_argument("--plan", type=int, metavar="ROWS")
    parser.add_argument("--table", type=float, nargs="+", metavar="SECONDS")
    parser.add_argument("--efficiency", type=float, default=0.9)
    chosen = parser.parse_args()
    if chosen.table:
        table(chosen.table, chosen.efficiency)
    elif chosen.plan:
        plan(chosen.plan)
    elif chosen.overhead:
        overhead(chosen.overhead)
    else:
        scaling(chosen.seconds, chosen.each, chosen.workers)


if __name__ == "__main__":
    main()
