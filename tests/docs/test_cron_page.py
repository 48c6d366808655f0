"""docs/cron.md: its commands run, and those for cron and systemd are understood."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from doubles.pages import ROOT, blocks

from productdesc import cli

PAGE = "docs/cron.md"


@pytest.mark.skipif(sys.platform == "win32", reason="has no sh")
def test_the_commands_of_the_page_run_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    script = "".join(block.body for block in blocks(PAGE) if block.kind == "sh")
    run = subprocess.run(
        ["sh", "-e", "-c", f'productdesc() {{ "$PYTHON" -m productdesc "$@"; }}\n{script}'],
        cwd=tmp_path,
        env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "copy.csv (csv): 4 written" in run.stdout
    assert "names no product: nothing to do" in run.stdout
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"examples", "copy.csv", "failed.csv", "findings.csv"}


def test_the_jobs_of_the_page_are_understood() -> None:
    texts = [block.body for block in blocks(PAGE) if block.kind == "text"]
    jobs = [job for text in texts for job in re.findall(r"productdesc (convert .+)", text)]
    assert len(jobs) == 2
    for job in jobs:
        # cron takes a bare % for the end of the command
        assert not re.search(r"(?<!\\)%", job)
        words = shlex.split(job.partition(" >>")[0])
        assert cli.commands._parser().parse_args(words).failed == Path("/data/failed.csv")
