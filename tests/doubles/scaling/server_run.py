"""Files described through a real server, llama.cpp, which dies meanwhile and comes back.

python server_run.py FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from doubles.model_servers.llama_server import serving
from doubles.tiny_gguf import convert

import productdesc
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
ROWS = 8
AWAY_SECONDS = 4.0
OPTIONS: Any = {"channel": "plain", "fields": ["title"]}


def kill_server() -> None:
    """End the server as a crash would."""
    for child in psutil.Process().children():
        if any("llama_server.py" in word for word in child.cmdline()):
            child.kill()


def main(folder: Path) -> None:
    examples = Path(productdesc.__file__).parents[1] / "examples"
    names = ("running-shoe.jpg", "striped-shoe.jpg")
    source = folder / "in.jsonl"
    rows = [{"id": f"p{n}", "photos": [names[n % 2]]} for n in range(ROWS)]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    model = convert(DEMO, folder)
    options = ServerOptions(max_pixels=23_520, limits=ServerLimits(1, attempts=1))
    job = FileJob(
        source,
        folder / "out",
        EngineRecipe(f"http://127.0.0.1:{PORT}/v1", options),
        Cluster("local", 3, WorkerResources(cpus=0.25, block_rows=2, batch_size=2)),
        OpenOptions(photos_folder=examples),
    )
    progress = describe_files(job, **OPTIONS)
    with serving(model, "demo", PORT):
        for one in progress:
            if one.counts.ended:
                break
        died_after = one.counts.ended
        kill_server()
    time.sleep(AWAY_SECONDS)
    with serving(model, "demo", PORT):
        for _ in progress:
            pass
    statuses = Counter(row["status"] for row in read_rows(folder / "out"))
    print("REPORT", json.dumps({"died_after": died_after, "statuses": statuses}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
