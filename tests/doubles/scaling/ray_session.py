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
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow
from doubles.model_servers.chat_server import ChatServer, fitting
from doubles.scaling.scripted_workers import (
    NAME,
    OF_ENVIRONMENT,
    OPTIONS_VARIABLE,
    numbered,
    numbers_written,
    product,
)

import productdesc
from productdesc import Described, Description, ProductDescError, cli
from productdesc.catalogs.openers import OpenOptions
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
SERVER_ROWS = 16
NO_PHOTO = "p20"
EXAMPLES = Path(productdesc.__file__).parents[1] / "examples"
PHOTOS = [EXAMPLES / name for name in ("running-shoe.jpg", "striped-shoe.jpg")]


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
    """Two workers beside `describe_many` of one process; a row of three is bad.

    Some have a photo at a path, of which nothing travels.
    """
    products = [product(n, photos=PHOTOS[n % 8 :][:1]) for n in range(ROWS)]
    rows = [row_of(one) for one in products]
    rows[5]["attributes"] = "not JSON"
    rows[6]["photos"] = [{"url": None, "path": "/no/such/photo.jpg"}]
    recipe = EngineRecipe(NAME, arguments={"breaks_at": "1007", "breaks_while": "/"})
    described = describe_dataset(
        data.from_items(rows), recipe, concurrency=2, resources=RESOURCES, **OPTIONS
    ).materialize()
    made = described.take_all()
    by_id = {row["id"]: row for row in made}
    outcomes = productdesc.describe_many(products, numbered(), **OPTIONS)
    equal = 0
    for outcome in outcomes:
        row = by_id[outcome.product.id]
        if isinstance(outcome, Described) and row["description_json"]:
            held = Description.model_validate_json(row["description_json"])
            equal += plain(held) == plain(outcome.description)
    failed = {row["id"]: row["error"] for row in made if row["status"] == "failed"}
    return {
        "rows": len(made),
        "ids": len(by_id),
        "equal": equal,
        "failed": failed,
        "columns": [*made[0]],
        "spilled": spilled_bytes(described),
    }


def sizes_of_blocks(data: Any) -> dict[str, Any]:
    """Blocks of encoded photos, small ones and of 3 MB; and of rows without such."""
    small = [{"id": f"{n}", "photos": [b"x" * 1000]} for n in range(100)]
    # so few that they fill no more than Ray's half of the store: beyond it Ray waits for
    # ten seconds before each further block
    large = [{"id": f"{n}", "photos": [bytes([n]) * 3_000_000]} for n in range(8)]
    without = [{"id": f"{n}", "photos": ["https://a.test/x"]} for n in range(100)]
    whole = pyarrow.Table.from_pylist(without)
    tables = {
        "bytes": pyarrow.Table.from_pylist(small + large),
        "without": [whole.slice(n, 10) for n in range(0, 100, 10)],
    }
    found = {}
    for name, table in tables.items():
        given = data.from_arrow(table)
        sizes = map_rows(given, Sizes, (), 1, WorkerResources()).take_all()
        found[name] = {
            "rows": sum(one["rows"] for one in sizes),
            "most_rows": max(one["rows"] for one in sizes),
            "most_bytes": max(one["bytes"] for one in sizes),
        }
    return found


def server_with_a_key(data: Any, logs: Path) -> dict[str, Any]:
    """A server's key: whether it arrived, and where else it can be found.

    The server is sent photos that travel as bytes.
    """

    both = threading.Event()

    def together(body: Any) -> bytes:
        if server.most_under_way > 2:
            both.set()
        both.wait(20)  # for a second worker, which may be seconds later than the first
        return fitting(body)

    limits = ServerOptions(limits=ServerLimits(concurrency=2))
    with ChatServer(together) as server:
        recipe = EngineRecipe(server.url, limits, key_variable=KEY)
        photos = [path.read_bytes() for path in PHOTOS]
        rows = [{"id": f"{n}", "photos": [photos[n % 2]]} for n in range(SERVER_ROWS)]
        made = describe_dataset(
            data.from_arrow(pyarrow.Table.from_pylist(rows)),  # items: a block each
            recipe,
            concurrency=2,
            resources=WorkerResources(cpus=0.25, block_rows=4),
            **OPTIONS,
        ).take_all()
        told = sum(f"Bearer {CANARY}" in head for head in server.heads)
        seen = sum("data:image/" in json.dumps(body) for body in server.bodies)
    files = [path for path in logs.rglob("*") if path.is_file()]
    found = [str(path) for path in files if CANARY.encode() in path.read_bytes()]
    return {
        "described": sum(row["status"] == "described" for row in made),
        "told": told,
        "seen": seen,
        "columns": [*made[0]],
        "most_at_once": server.most_under_way,
        "files": len(files),
        "found": found,
    }


def lines(rows: range) -> str:
    """Products as JSON lines; the photo of one is missing."""
    made = [product(n).model_dump(mode="json") for n in rows]
    for row in made:
        row["photos"] = ["missing.jpg"] * (row["id"] == NO_PHOTO)
    return "".join(f"{json.dumps(row)}\n" for row in made)


def prepare(folder: Path) -> None:
    """Tell the engine of the runs, before Ray is started, where it notes what it does."""
    log, bad = folder / "log", folder / "bad"
    log.mkdir()
    bad.touch()
    arguments = {"breaks_at": "15", "breaks_while": str(bad), "log": str(log)}
    os.environ[OPTIONS_VARIABLE] = json.dumps({**arguments, "seconds": 0.08})


def command(source: str | Path, output: str | Path, folder: Path) -> dict[str, Any]:
    """The command line, to the same effect as a `FileJob` of `files_in_runs`."""
    printed = io.StringIO()
    words = ["scale", str(source), str(output), "--ray", "local", "--workers", "2"]
    words += ["--model", OF_ENVIRONMENT, "--photos-folder", str(folder)]
    words += ["--channel", "plain", "--fields", "title", "--block-rows", "8"]
    with contextlib.redirect_stdout(printed):
        code = cli.main(words)
    return {"code": code, "printed": printed.getvalue().splitlines()}


def files_in_runs(
    folder: Path, source: str | Path, output: str | Path
) -> Iterator[dict[str, Any]]:
    """A run that is stopped, the same as a command, another option, a retry, and again."""
    log = folder / "log"
    job = FileJob(
        source,
        output,
        EngineRecipe(OF_ENVIRONMENT),
        CLUSTER,
        OpenOptions(photos_folder=folder),
    )
    for run in ("stopped", "command", "other option", "retry", "again"):
        stop = threading.Event()
        report: dict[str, Any] = {"run": run}
        if run == "retry":
            (folder / "bad").unlink()
        options = {**OPTIONS, "language": "de"} if run == "other option" else OPTIONS
        if run == "command":
            report |= command(source, output, folder)
        else:
            this = replace(job, retry_failed=run == "retry")
            try:
                for progress in describe_files(this, stop=stop, **options):
                    if run == "stopped" and progress.counts.ended:
                        stop.set()
                    report |= {"before": progress.before, "ended": progress.counts.ended}
                    report |= {"total": progress.total, "over": progress.is_over}
            except ProductDescError as e:
                report["error"] = str(e)
        rows = [*read_rows(output)]
        report["rows"] = len(rows)
        report["ids"] = len({row["row_id"] for row in rows})
        report["failed"] = sorted(row["id"] for row in rows if row["status"] == "failed")
        report["written"] = len(numbers_written(log))
        yield report


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
    prepare(folder)
    report: dict[str, Any] = {}
    with ray_cluster(CLUSTER) as data:
        token = Path(os.environ["RAY_AUTH_TOKEN_PATH"])
        report["mode"] = os.environ["RAY_AUTH_MODE"]
        report["token"] = [stat.S_IMODE(p.stat().st_mode) for p in (token, token.parent)]
        report["listening"] = listening()
        report["server"] = server_with_a_key(data, token.parent)
        report["same"] = same_as_one_process(data)
        report["blocks"] = sizes_of_blocks(data)
        source = folder / "in.jsonl"
        source.write_text(lines(range(ROWS)), "utf-8")
        report["runs"] = [*files_in_runs(folder, source, folder / "out")]
    report["left"] = [token.parent.exists(), os.environ.get("RAY_AUTH_MODE")]
    (folder / "report.json").write_text(json.dumps(report), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
