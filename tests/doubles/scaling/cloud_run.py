"""Runs from and to a cloud: a stand-in of it, on this machine, holds all their files.

python cloud_run.py FOLDER s3|gs
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow
from doubles.scaling.cloud_servers import KEYS, serving
from doubles.scaling.ray_session import (
    CLUSTER,
    ROWS,
    command,
    files_in_runs,
    lines,
    prepare,
)
from pyarrow import fs, parquet

from productdesc.scale.cluster import ray_cluster
from productdesc.scale.place import Place


def put(place: Place, data: bytes) -> None:
    with place.writing() as file:
        file.write(data)


def table(rows: range) -> bytes:
    made = pyarrow.Table.from_pylist([json.loads(row) for row in lines(rows).splitlines()])
    columns = ["id", "attributes"]
    held = io.BytesIO()
    parquet.write_table(made.select(columns), held)
    return held.getvalue()


def main(folder: Path, cloud: str) -> None:
    report: dict[str, Any] = {}
    prepare(folder)
    with serving(cloud) as (begin, end):
        source, output, one = (f"{begin}/{name}{end}" for name in ("in", "out", "one"))
        half = ROWS // 2
        put(Place.of(source).under("a.jsonl"), lines(range(half)).encode())
        put(Place.of(source).under("b.parquet"), table(range(half, ROWS)))
        with ray_cluster(CLUSTER) as data:
            del data
            report["runs"] = [*files_in_runs(folder, source, output)]
            report["one file"] = command(f"{begin}/in/a.jsonl{end}", one, folder)
            logs = Path(os.environ["RAY_AUTH_TOKEN_PATH"]).parent
            texts = {str(p): p.read_bytes() for p in logs.rglob("*") if p.is_file()}
        top = Place.of(f"{begin}{end}")
        selector = fs.FileSelector(top.path, recursive=True)
        held = [one for one in top.filesystem.get_file_info(selector) if one.is_file]
        report["objects"] = sorted(one.path for one in held)
        for one_file in held:
            with top.reading(one_file.path) as file:
                texts[one_file.path] = file.read()
    canaries = [value.encode() for value in KEYS.values() if "canary" in value]
    report["searched"] = len(texts)
    report["found"] = [
        name for name, text in texts.items() if any(one in text for one in canaries)
    ]
    (folder / "report.json").write_text(json.dumps(report), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
