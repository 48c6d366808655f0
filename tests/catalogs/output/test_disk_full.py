"""A full disk: one line, exit 3, the old file kept and nothing left behind.

The disk is full for one process: it may write no file larger than some kilobytes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from doubles.files.file_sinks import SINKS

resource = pytest.importorskip("resource", reason="limits of a process are POSIX")

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
"""

SAVE = """
import random
import sys
from pathlib import Path
from doubles.files.file_sinks import IDS, JUG, OURS, SINKS
from productdesc.errors import CatalogError

name, folder = sys.argv[1], Path(sys.argv[2])
# of no two products the same, so that no format makes it small
texts = {one: random.Random(one).randbytes(2_200).hex() for one in IDS}
try:
    with SINKS[name](folder, folder / "out", replace=True) as sink:
        for one in IDS:
            ours = OURS.model_copy(update={"description": texts[one]})
            sink.save(JUG.model_copy(update={"id": one}), ours)
except CatalogError as e:
    print(e)
else:
    print("written")
"""


def run(root: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(root), str(root / "tests")])
    return subprocess.run(
        [sys.executable, "-c", LIMITED + code, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", SINKS)
def test_every_sink_names_the_file_and_keeps_what_stood_there(
    name: str, root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_text("yesterday", "utf-8")
    done = run(root, SAVE, name, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "out: cannot be written: File too large" in done.stdout
    assert out.read_text("utf-8") == "yesterday"
    assert {path.name for path in tmp_path.iterdir()} <= {"out", "source.csv"}


@pytest.mark.parametrize(
    "command",
    [
        ["convert", "SOURCE", "-", "--as-is", "--to", "jsonl"],
        ["convert", "SOURCE", "OUT", "--as-is", "--to", "jsonl", "--json"],
        ["inspect", "SOURCE", "--json"],
        ["schema", "--channel", "shopify"],
    ],
    ids=lambda command: command[0],
)
def test_a_full_disk_behind_standard_output_is_one_line_and_exit_3(
    command: list[str], root: Path, tmp_path: Path
) -> None:
    rows = [f'{{"id": "p{n}", "title": "{"A long title " * 20}"}}' for n in range(500)]
    (tmp_path / "s.jsonl").write_text("\n".join(rows), "utf-8")
    places = {"SOURCE": str(tmp_path / "s.jsonl"), "OUT": str(tmp_path / "o.jsonl")}
    arguments = [places.get(one, one) for one in command]
    full = tmp_path / "full"
    full.write_bytes(bytes(50_000))  # as large as it may get
    code = LIMITED + "import sys\nfrom productdesc.cli import main\nsys.exit(main())"
    with full.open("ab") as file:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=root,
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 3, done.stderr
    lines = [line for line in done.stderr.splitlines() if "File too large" in line]
    assert len(lines) == 1 and "Traceback" not in done.stderr, done.stderr
