"""One session of Ray, and all that the tests of CI look at in it, as JSON in a file.

python ray_session.py FOLDER
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow
from doubles.model_servers.chat_server import ChatServer, fitting
from doubles.scaling.scripted_workers import NAME, numbered, numbers_written, product

import productdesc
from productdesc import Described, Description, ProductDescError, cli
from productdesc.engines import ServerLimits, ServerOptions
from productdesc.scale import (
    Cluster,
    EngineRecipe,
    FileJob,
    WorkerResources,
    describe_dataset,
    describe_files,
    read_rows,
    spilled_bytes,
)
from productdesc.scale.cluster import ray_cluster
from productdesc.scale.dataset import map_rows
from productdesc.scale.product_rows import row_of

CANARY = "canary-51d7a0"
KEY = "PRODUCTDESC_TEST_KEY"
OPTIONS: Any = {"channel": "plain", "fields": ["title"]}
RESOURCES = WorkerResources(block_rows=8)
CLUSTER = Cluster("local", workers=2, resources=RESOURCES, store_bytes=100_000_000)
ROWS = 48
RUNS = ("stopped", "again", "other options", "retry")
"""A run that is stopped, the same command, another option, and what failed once more."""
ROOT = Path(productdesc.__file__).parents[1]


class Sizes:
    """A worker that says of each block how many rows and bytes it has."""

    def __init__(self, _: WorkerResources) -> None:
        pass

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        return pyarrow.table({"rows": [table.num_rows], "bytes": [table.nbytes]})


def plain(description: Description) -> dict[str, Any]:
    """A description without the time of its making."""
    made: dict[str, Any] = description.model_dump(mode="json")
    del made["provenance"]["time"]
    return made


def same_as_one_process(data: Any) -> dict[str, Any]:
    """Two workers beside `describe_many` of one process; a row of three is bad."""
    products = [product(n) for n in range(ROWS)]
    rows = [row_of(one) for one in products]
    rows[5]["attributes"] = "not JSON"
    rows[6]["photos"] = [{"url": None, "path": "/no/such/photo.jpg"}]
    recipe = EngineRecipe(NAME, arguments={"breaks_at": "1007", "breaks_while": "/"})
    made = describe_dataset(
        data.from_items(rows), recipe, concurrency=2, resources=RESOURCES, **OPTIONS
    ).take_all()
    by_id = {row["id"]: row for row in made}
    outcomes = productdesc.describe_many(products, numbered(), **OPTIONS)
    equal = 0
    for outcome in outcomes:
        row = by_id[outcome.product.id]
        if isinstance(outcome, Described) and row["description_json"]:
            held = Description.model_validate_json(row["description_json"])
            equal += plain(held) == plain(outcome.description)
    failed = {row["id"]: row["error"] for row in made if row["status"] == "failed"}
    return {"rows": len(made), "ids": len(by_id), "equal": equal, "failed": failed}


def blocks_of_bytes(data: Any) -> dict[str, Any]:
    """Encoded photos in blocks: many small rows, then rows of 3 MB."""
    tables = {
        "small": [{"id": f"{n}", "photos": [b"x" * 1000]} for n in range(100)],
        "large": [{"id": f"{n}", "photos": [bytes([n]) * 3_000_000]} for n in range(24)],
        "without": [{"id": f"{n}", "photos": ["https://a.test/x"]} for n in range(100)],
    }
    found = {}
    for name, rows in tables.items():
        whole = pyarrow.Table.from_pylist(rows)
        parts = [whole.slice(n, 10) for n in range(0, len(rows), 10)]
        given = data.from_arrow(parts if name == "without" else whole)
        sizes = map_rows(given, Sizes, (), 1, WorkerResources()).take_all()
        found[name] = {
            "rows": sum(one["rows"] for one in sizes),
            "most_rows": max(one["rows"] for one in sizes),
            "most_bytes": max(one["bytes"] for one in sizes),
        }
    return found


def photos(data: Any) -> dict[str, Any]:
    """Photos at paths, and the same as bytes: equal copy, and what came to the disk."""
    names = ("running-shoe.jpg", "striped-shoe.jpg")
    files = [ROOT / "examples" / name for name in names]
    by_path = [{"id": f"{n}", "photo_paths": [str(f)]} for n, f in enumerate(files)]
    by_bytes = [{"id": f"{n}", "photos": [f.read_bytes()]} for n, f in enumerate(files)]
    statuses, spilled, columns = [], [], []
    for rows in (by_path, by_bytes):
        dataset = describe_dataset(data.from_items(rows), EngineRecipe(NAME), **OPTIONS)
        made = dataset.materialize()
        statuses.append(sorted((row["id"], row["status"]) for row in made.take_all()))
        spilled.append(spilled_bytes(made))
        columns.append(made.schema().names)
    return {"statuses": statuses, "spilled": spilled, "columns": columns}


def server_with_a_key(data: Any, logs: Path) -> dict[str, Any]:
    """A server's key: whether it arrived, and where else it can be found."""

    def slowly(body: Any) -> bytes:
        time.sleep(0.1)
        return fitting(body)

    limits = ServerOptions(limits=ServerLimits(concurrency=2))
    with ChatServer(slowly) as server:
        recipe = EngineRecipe(server.url, limits, key_variable=KEY)
        rows = [row_of(product(n)) for n in range(24)]
        made = describe_dataset(
            data.from_items(rows),
            recipe,
            concurrency=3,
            resources=WorkerResources(cpus=0.25, block_rows=8),
            **OPTIONS,
        ).take_all()
        told = sum(f"Bearer {CANARY}" in head for head in server.heads)
    files = [path for path in logs.rglob("*") if path.is_file()]
    found = [str(path) for path in files if CANARY.encode() in path.read_bytes()]
    return {
        "described": sum(row["status"] == "described" for row in made),
        "told": told,
        "most_at_once": server.most_under_way,
        "files": len(files),
        "found": found,
    }


def lines(rows: range) -> str:
    """Products as JSON lines."""
    return "".join(f"{product(n).model_dump_json()}\n" for n in rows)


def files_in_runs(
    folder: Path, source: str | Path, output: str | Path, runs: Sequence[str] = RUNS
) -> Iterator[dict[str, Any]]:
    """What comes of each run; between them a folder here tells what was written for."""
    log, bad = folder / "log", folder / "bad"
    log.mkdir()
    bad.touch()
    arguments = {"breaks_at": "15", "breaks_while": str(bad), "log": str(log)}
    arguments["seconds"] = "0.08"
    job = FileJob(source, output, EngineRecipe(NAME, arguments=arguments), CLUSTER)
    retry = FileJob(source, output, job.engine, CLUSTER, retry_failed=True)
    for run in runs:
        stop = threading.Event()
        report: dict[str, Any] = {"run": run}
        if run == "retry":
            bad.unlink()
        options = {**OPTIONS, "language": "de"} if run == "other options" else OPTIONS
        try:
            for progress in describe_files(
                {"retry": retry}.get(run, job), stop=stop, **options
            ):
                if run == "stopped" and progress.counts.ended:
                    stop.set()
                report |= {"before": progress.before, "ended": progress.counts.ended}
                report |= {"total": progress.total, "over": progress.is_over}
        except ProductDescError as e:
            if run != "other options":
                raise
            report["error"] = str(e)
        rows = [*read_rows(output)]
        report["rows"] = len(rows)
        report["ids"] = len({row["row_id"] for row in rows})
        report["failed"] = sorted(row["id"] for row in rows if row["status"] == "failed")
        report["written"] = len(numbers_written(log))
        yield report


def command_line(folder: Path) -> dict[str, Any]:
    """The command over nine products, of which the photo of one is missing."""
    source = folder / "nine.jsonl"
    photos = [[], ["missing.jpg"]]
    rows = [
        {**product(n).model_dump(mode="json"), "photos": photos[n == 4]} for n in range(9)
    ]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    words = ["scale", str(source), str(folder / "nine"), "--ray", "local", "--model", NAME]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = cli.main([*words, "--channel", "plain", "--photos-folder", str(folder)])
    return {"code": code, "printed": printed.getvalue()}


def listening() -> list[tuple[str, str]]:
    """Each listening socket of this process and what it started: whose, and where."""
    own = psutil.Process()
    return sorted(
        (process.name(), connection.laddr.ip)
        for process in (own, *own.children(recursive=True))
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    )


def main(folder: Path) -> None:
    os.environ[KEY] = CANARY
    report: dict[str, Any] = {}
    with ray_cluster(CLUSTER) as data:
        token = Path(os.environ["RAY_AUTH_TOKEN_PATH"])
        report["mode"] = os.environ["RAY_AUTH_MODE"]
        report["token"] = [stat.S_IMODE(p.stat().st_mode) for p in (token, token.parent)]
        report["listening"] = listening()
        report["server"] = server_with_a_key(data, token.parent)
        report["same"] = same_as_one_process(data)
        report["blocks"] = blocks_of_bytes(data)
        report["photos"] = photos(data)
        report["command"] = command_line(folder)
        source = folder / "in.jsonl"
        source.write_text(lines(range(ROWS)), "utf-8")
        report["files"] = [*files_in_runs(folder, source, folder / "out")]
    report["left"] = [token.parent.exists(), os.environ.get("RAY_AUTH_MODE")]
    (folder / "report.json").write_text(json.dumps(report), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
