"""More encoded photos than the object store holds: what Ray spilled, what was described.

python spilled_run.py FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy
from doubles.scaling.scripted_workers import NAME
from pyarrow import parquet

import productdesc
from productdesc.scale import (
    Cluster,
    EngineRecipe,
    WorkerResources,
    describe_dataset,
    spilled_bytes,
)
from productdesc.scale.cluster import ray_cluster

ROWS = 32
PHOTO_BYTES = 5_000_000
"""Of a photo; 160 MB of them, beside the store's 100."""
STORE_BYTES = 100_000_000
PHOTO = Path(productdesc.__file__).parents[1] / "examples" / "running-shoe.jpg"
OPTIONS: Any = {"channel": "plain", "fields": ["title"]}


def photo() -> bytes:
    """A JPEG, behind whose end nothing that can be packed smaller stands."""
    held = PHOTO.read_bytes()
    return held + numpy.random.default_rng(0).bytes(PHOTO_BYTES - len(held))


def main(folder: Path) -> None:
    resources = WorkerResources(block_rows=4)
    cluster = Cluster("local", 1, resources, store_bytes=STORE_BYTES)
    with ray_cluster(cluster) as data:
        for kind in ("bytes", "paths"):
            numbers = data.range(ROWS, override_num_blocks=ROWS)
            columns = {
                "bytes": lambda n: {"id": f"{n['id']}", "photos": [photo()]},
                "paths": lambda n: {"id": f"{n['id']}", "photo_paths": [str(PHOTO)]},
            }[kind]
            given = numbers.map(columns)
            if kind == "bytes":
                given = given.materialize()  # all at once, which a stream never is
            dataset = describe_dataset(
                given, EngineRecipe(NAME), resources=resources, **OPTIONS
            )
            dataset.write_parquet(str(folder / kind))
            rows = parquet.read_table(folder / kind, columns=["id", "status"]).to_pylist()
            report = {
                "kind": kind,
                "spilled": spilled_bytes(dataset),
                "rows": len(rows),
                "ids": len({row["id"] for row in rows}),
                "described": sum(row["status"] == "described" for row in rows),
            }
            print("REPORT", json.dumps(report), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
