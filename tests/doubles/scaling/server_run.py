"""Files described through a real server, which dies meanwhile and comes back.

    python server_run.py FOLDER llama.cpp|vllm

Three workers ask through a proxy that counts. Then one process asks the same server for
each photo alone. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from doubles.model_servers import llama_server, vllm_server
from doubles.model_servers.counting_proxy import CountingProxy
from doubles.tuning.small_shop import COLOURS, photo
from pyarrow.parquet import read_table

import productdesc
from productdesc import Described, Description
from productdesc.catalogs.openers import OpenOptions
from productdesc.engines import ServerLimits, ServerOptions
from productdesc.engines.known_models import DEMO
from productdesc.scale import (
    Cluster,
    EngineRecipe,
    FileJob,
    WorkerResources,
    describe_files,
    read_rows,
)

PORT = 8439  # of a network of its own
AWAY_SECONDS = 4.0
WORKERS = 3
CONCURRENCY = 2
ROWS = 48
BROKEN = 21  # the row whose photo is no photo
REAL = ("running-shoe.jpg", "striped-shoe.jpg", "white-shoes.jpg", "fruits.jpg")
OPTIONS: Any = {"channel": "plain", "fields": ["title"]}

Descriptions = dict[str, dict[str, Any]]
"""By the names of their photos, without product and provenance."""
Serving = Callable[[], AbstractContextManager[str]]
"""Starts a server at PORT; leave the `with` block and it is gone."""


def llama_cpp(folder: Path) -> Serving:
    from doubles.tiny_gguf import convert  # which needs a package that vLLM does without

    files = convert(DEMO, folder)
    return lambda: llama_server.serving(files, "demo", PORT)


def vllm(folder: Path) -> Serving:
    rows = WORKERS * CONCURRENCY
    return lambda: vllm_server.serving(DEMO, folder, rows=rows, port=PORT)


SERVERS = {"llama.cpp": llama_cpp, "vllm": vllm}


def photos(folder: Path) -> list[Path]:
    """Those of `examples/`, and drawn ones."""
    drawn = [folder / f"drawn-{name}.png" for name in COLOURS]
    for number, path in enumerate(drawn):
        path.write_bytes(photo(number, COLOURS[path.stem.removeprefix("drawn-")]))
    examples = Path(productdesc.__file__).parents[1] / "examples"
    return [*(examples / name for name in REAL), *drawn]


def main(folder: Path, kind: str) -> None:
    shown = photos(folder)
    broken = folder / "broken.jpg"
    broken.write_bytes(shown[0].read_bytes()[:2_000])
    of_row = [broken if n == BROKEN else shown[n % len(shown)] for n in range(ROWS)]
    source = folder / "in.jsonl"
    rows = [{"id": f"p{n}", "photos": [str(path)]} for n, path in enumerate(of_row)]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    with CountingProxy(PORT) as proxy:
        limits = ServerLimits(CONCURRENCY, attempts=1)
        options = ServerOptions(max_pixels=23_520, limits=limits)
        resources = WorkerResources(cpus=0.25, block_rows=4, batch_size=4)
        job = FileJob(
            source,
            folder / "out",
            EngineRecipe(proxy.url, options),
            Cluster("local", WORKERS, resources),
            OpenOptions(photos_folder=Path("/")),
        )
        report, alone = described(job, SERVERS[kind](folder), shown)
        report |= {"most_at_once": proxy.most, "lost": proxy.lost}
    report |= written(folder / "out", alone, shown)
    sizes = {"rows": ROWS, "workers": WORKERS, "of_each_worker": CONCURRENCY}
    print("REPORT", json.dumps({**sizes, "bad": f"p{BROKEN}", **report}))


def described(
    job: FileJob, serving: Serving, shown: list[Path]
) -> tuple[dict[str, Any], Descriptions]:
    """A run in which the server dies and comes back; then one process asks it alone."""
    progress = describe_files(job, **OPTIONS)
    with serving():
        processes = psutil.Process().children(recursive=True)  # Ray is not started yet
        died_after = next(one.counts.ended for one in progress if one.counts.ended)
        for process in processes:
            process.kill()
        died = time.monotonic()
    time.sleep(AWAY_SECONDS)
    with serving():
        back = time.monotonic()
        for _ in progress:
            pass
        seconds = {"away": back - died, "then": time.monotonic() - back}
        alone = one_by_one(job.engine, shown)
    return {"died_after": died_after, "seconds": seconds}, alone


def written(output: Path, alone: Descriptions, shown: list[Path]) -> dict[str, Any]:
    """What the run has written; by photo, how often it is what one process made of it."""
    rows = [*read_rows(output)]
    numbers = read_table(output / "rows", columns=["row_id"])["row_id"].to_pylist()
    made = [
        (shown[row["row_id"] % len(shown)].name, row["description_json"])
        for row in rows
        if row["status"] == "described"
    ]
    equal = Counter(
        name
        for name, text in made
        if bare(Description.model_validate_json(text)) == alone[name]
    )
    return {
        "written": sorted(numbers),
        "statuses": Counter(row["status"] for row in rows),
        "reasons": {r["id"]: r["reason"] for r in rows if r["status"] == "failed"},
        "photos": Counter(name for name, _ in made),
        "equal": equal,
    }


def bare(description: Description) -> dict[str, Any]:
    apart = {"provenance", "product_id"}
    return description.model_dump(mode="json", exclude=apart)


def one_by_one(recipe: EngineRecipe, shown: list[Path]) -> Descriptions:
    """What the server says of each photo while it is asked nothing else, by its name."""
    options = replace(recipe.options, limits=ServerLimits(concurrency=1))
    engine = replace(recipe, options=options).open()
    products = [productdesc.Product(id=one.name, photos=[one]) for one in shown]
    outcomes = productdesc.describe_many(products, engine, batch_size=1, **OPTIONS)
    return {
        one.product.id: bare(one.description)
        for one in outcomes
        if isinstance(one, Described)
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
