"""A run of 200 slow products that a test kills, as a whole or a part of it.

    python killed_run.py FOLDER local|nodes|control

nodes: on a cluster of two nodes. control: the same pipeline without a checkpoint.
Prints "second PID" of the second node's raylet, and at its end "over AGAIN": how many
products of blocks that were begun once more.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from doubles.scaling.scripted_workers import NAME, product

from productdesc.catalogs.openers import OpenOptions
from productdesc.scale import (
    Cluster,
    EngineRecipe,
    FileJob,
    WorkerResources,
    describe_dataset,
    describe_files,
)
from productdesc.scale.cluster import ray_cluster
from productdesc.scale.place import Place
from productdesc.scale.row_plan import PLAN_COLUMNS, RowPlan, make_plan

ROWS = 200
BLOCK = 8
WORKERS = 2
SECONDS = 0.06
OPTIONS: Any = {"channel": "plain", "fields": ["title"]}
RESOURCES = WorkerResources(block_rows=BLOCK, batch_size=4)


def main(folder: Path, how: str) -> None:
    source, log = folder / "in.jsonl", folder / "log"
    log.mkdir(exist_ok=True)
    if not source.exists():
        lines = (f"{product(n).model_dump_json()}\n" for n in range(ROWS))
        source.write_text("".join(lines), "utf-8")
    recipe = EngineRecipe(NAME, arguments={"seconds": SECONDS, "log": str(log)})
    if how == "control":
        return without_checkpoint(source, folder / "out", recipe)
    address, workers = ("local", WORKERS) if how == "local" else (two_nodes(), 3)
    job = FileJob(source, folder / "out", recipe, Cluster(address, workers, RESOURCES))
    again = 0
    for progress in describe_files(job, **OPTIONS):
        again = progress.counts.again
    print(f"over {again}", flush=True)


def two_nodes() -> str:
    """The address of a cluster of two nodes on this machine."""
    os.environ["RAY_AUTH_MODE"] = "disabled"  # it hears nobody but this program
    import ray._private.ray_constants as constants
    from ray.cluster_utils import Cluster as Nodes

    store = {"object_store_memory": 100_000_000}
    # the workers and two CPUs beside them have room on what is left
    nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 5, **store})
    second = nodes.add_node(num_cpus=2, **store)
    [raylet] = second.all_processes[constants.PROCESS_TYPE_RAYLET]
    print(f"second {raylet.process.pid}", flush=True)
    return str(nodes.address)


def without_checkpoint(source: Path, output: Path, recipe: EngineRecipe) -> None:
    """What a run would be without its checkpoint: plan, describe, write, each time anew."""
    place = Place.of(output).under("plan")
    if not place.kind():
        make_plan(Place.of(source), place, OpenOptions(), RowPlan((), {}, ""))
    with ray_cluster(Cluster("local", WORKERS, RESOURCES)) as data:
        files = [one.path for one in place.files(".parquet")]
        columns = [name for name in PLAN_COLUMNS if name != "key"]
        made = describe_dataset(
            data.read_parquet(files, columns=columns),
            recipe,
            concurrency=WORKERS,
            resources=RESOURCES,
            **OPTIONS,
        )
        made.write_parquet(str(output / "rows"))
    print("over 0", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
