"""P9, P16 and P17: a job of any size takes the same memory, and answers at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from doubles.jobs import large


def measured(folder: Path, rows: int) -> dict[str, float]:
    """One job in a process of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, large.__file__, str(folder), str(rows)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    shown = ", ".join(f"{name} {value:.4g}" for name, value in found.items())
    print(f"{rows} rows: {shown}")
    return found


def test_p9_p16_p17_ten_thousand_rows(tmp_path: Path) -> None:
    """Times are printed here, and asserted in the nightly run."""
    found = measured(tmp_path / "job", 10_000)
    assert found["megabytes_at_most"] - found["megabytes_at_first"] < 12
    assert found["first_row_seconds"] < 60


@pytest.mark.heavy
def test_p9_p16_p17_a_million_rows(tmp_path: Path) -> None:
    sizes = (10_000, 100_000, 1_000_000)
    found = {rows: measured(tmp_path / str(rows), rows) for rows in sizes}
    most = {rows: one["megabytes_at_most"] for rows, one in found.items()}
    slope = (most[1_000_000] - most[100_000]) / 9  # MB per 10^5 rows
    assert slope < 1.0, most
    largest = found[1_000_000]
    assert largest["first_row_seconds"] < 5
    assert largest["status_seconds"] < 1
    # the aim is a half; what is reached, and why, is in docs/development/speed-history.md
    assert largest["job_per_second"] >= largest["reader_per_second"] / 3
    # a slow disk allows less than the goal; then half of what SQLite itself does there
    assert largest["commits_per_second"] >= min(2_500, largest["bare_per_second"] / 2)
