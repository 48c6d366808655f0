"""Many rows by several workers, beside one process: how many are equal.

    python many_rows.py scripted|demo ROWS WORKERS...

Every hundredth row is bad. Prints a line of JSON for each number of workers.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doubles.scaling.ray_session import plain
from doubles.scaling.scripted_workers import NAME, product

import productdesc
from productdesc import Described, Description
from productdesc.engines import QwenOptions
from productdesc.scale import Cluster, EngineRecipe, WorkerResources, describe_dataset
from productdesc.scale.cluster import ray_cluster
from productdesc.scale.product_rows import row_of

OPTIONS: Any = {"channel": "plain"}
PHOTOS = ("running-shoe.jpg", "striped-shoe.jpg", "white-shoes.jpg", "fruits.jpg")
RECIPES = {
    "scripted": EngineRecipe(NAME),
    "demo": EngineRecipe("demo", QwenOptions(device="cpu", dtype="float32")),
}


def main(engine: str, count: int, numbers: Sequence[int]) -> None:
    examples = Path(productdesc.__file__).parents[1] / "examples"
    photos = [examples / name for name in PHOTOS] if engine == "demo" else []
    products = [
        product(n, photos=photos[n % len(PHOTOS) :][:1] if photos else [])
        for n in range(count)
    ]
    rows = [row_of(one) for one in products]
    bad = set(range(50, count, 100))
    for n in bad:
        rows[n]["attributes"] = "not JSON"
    good = [one for n, one in enumerate(products) if n not in bad]
    began = time.perf_counter()
    outcomes = productdesc.describe_many(good, RECIPES[engine].open(), **OPTIONS)
    described = [one for one in outcomes if isinstance(one, Described)]
    alone = {one.product.id: plain(one.description) for one in described}
    alone_seconds = time.perf_counter() - began
    for workers in numbers:
        resources = WorkerResources(block_rows=16)
        with ray_cluster(Cluster("local", workers, resources)) as data:
            began = time.perf_counter()
            made = describe_dataset(
                data.from_items(rows),
                RECIPES[engine],
                concurrency=workers,
                resources=resources,
                **OPTIONS,
            ).take_all()
        held = {
            row["id"]: plain(Description.model_validate_json(row["description_json"]))
            for row in made
            if row["status"] == "described"
        }
        report = {
            "workers": workers,
            "rows": len(made),
            "ids": len({row["id"] for row in made}),
            "good": len(alone),
            "equal": sum(held.get(key) == value for key, value in alone.items()),
            "failed": sorted(row["id"] for row in made if row["status"] == "failed"),
            "bad": sorted(f"p{n}" for n in bad),
            "seconds": round(time.perf_counter() - began, 1),
            "seconds of one process": round(alone_seconds, 1),
        }
        print("REPORT", json.dumps(report), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [int(number) for number in sys.argv[3:]])
