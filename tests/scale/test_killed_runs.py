"""A part of a run is killed by SIGKILL; no row is lost, none is there twice.

Only processes are killed that the test started, by their ids. What is described again is
counted by the engine, which notes every product that it writes for.

    pytest -m heavy tests/scale/test_killed_runs.py -s      # about five minutes
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from doubles.scaling import killed_run, namespaces
from doubles.scaling.killed_run import BLOCK, ROWS, WORKERS
from doubles.scaling.scripted_workers import numbers_written
from pyarrow import parquet

from productdesc.scale.run_counts import WAITING_BLOCKS

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

PROGRAM = killed_run.__file__
WAIT_SECONDS = 240
BEFORE_KILL = 60
"""Products that are written for before a part is killed."""
PREFETCHED = 2
"""Blocks that Ray hands to a worker ahead; begun or not, a dead worker's come back."""


def lost_and_twice(folder: Path) -> tuple[int, int]:
    """Rows that are not there, and rows that are there more than once."""
    found: Counter[int] = Counter()
    for path in sorted((folder / "out" / "rows").glob("*.parquet")):
        found.update(parquet.read_table(path, columns=["row_id"])["row_id"].to_pylist())
    return ROWS - len(found), found.total() - len(found)


def wait_for(process: subprocess.Popen[str], log: Path, number: int) -> None:
    """Wait until so many products were written for."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not log.is_dir() or len(numbers_written(log)) < number:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "nothing is described"
        time.sleep(0.05)


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        text, _ = process.communicate(timeout=WAIT_SECONDS)
    finally:
        process.kill()
    return process.returncode, text


def killed(
    folder: Path, how: str, victim: Callable[[subprocess.Popen[str]], int]
) -> tuple[bool, int]:
    """Whether a run with a killed part went on, and how many were described again."""
    process = namespaces.start(PROGRAM, folder, how)
    children: list[psutil.Process] = []
    try:
        wait_for(process, folder / "log", BEFORE_KILL)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(victim(process), signal.SIGKILL)
        code, text = end_of(process)
    finally:
        process.kill()
        psutil.wait_procs(children, timeout=30)  # they end with the driver
    went_on = code == 0
    if not went_on:
        code, text = end_of(namespaces.start(PROGRAM, folder, how))
        assert code == 0, text
    return went_on, len(numbers_written(folder / "log")) - ROWS


def a_worker(process: subprocess.Popen[str], folder: Path) -> int:
    """An actor that describes: it notes what it writes for under its id."""
    return int(min(path.name for path in (folder / "log").iterdir()))


def the_driver(process: subprocess.Popen[str], folder: Path) -> int:
    return process.pid


def the_raylet(process: subprocess.Popen[str], folder: Path) -> int:
    children = psutil.Process(process.pid).children(recursive=True)
    [raylet] = [child for child in children if child.name() == "raylet"]
    return raylet.pid


ONE_WORKER = PREFETCHED * BLOCK
"""What an actor held."""
ALL = WORKERS * (PREFETCHED + WAITING_BLOCKS) * BLOCK
"""What every actor held, and what waited for a writer."""


@pytest.mark.parametrize(
    ("part", "goes_on", "most_again"),
    [(a_worker, True, ONE_WORKER), (the_driver, False, ALL), (the_raylet, False, ALL)],
)
def test_a_killed_part_loses_no_row_and_doubles_none(
    tmp_path: Path, part: Callable[..., int], goes_on: bool, most_again: int
) -> None:
    went_on, again = killed(tmp_path, "local", lambda process: part(process, tmp_path))
    print(f"{part.__name__}: {again} of {ROWS} products described again")
    assert lost_and_twice(tmp_path) == (0, 0)
    assert went_on == goes_on
    assert 0 <= again <= most_again


def test_a_run_goes_on_without_its_second_node(tmp_path: Path) -> None:
    process = namespaces.start(PROGRAM, tmp_path, "nodes")
    assert process.stdout
    for line in process.stdout:
        if line.startswith("second "):
            break
    wait_for(process, tmp_path / "log", BEFORE_KILL)
    os.kill(int(line.split()[1]), signal.SIGKILL)
    code, text = end_of(process)
    assert code == 0, text
    again = len(numbers_written(tmp_path / "log")) - ROWS
    print(f"second raylet: {again} of {ROWS} products described again")
    assert lost_and_twice(tmp_path) == (0, 0)
    assert 0 <= again <= 3 * (PREFETCHED + WAITING_BLOCKS) * BLOCK


def test_without_a_checkpoint_rows_are_there_twice(tmp_path: Path) -> None:
    """The control: the same kill, and what judges the others finds it wrong."""
    went_on, again = killed(tmp_path, "control", lambda process: process.pid)
    lost, twice = lost_and_twice(tmp_path)
    print(f"control: {again} of {ROWS} products described again, {twice} rows twice")
    assert not went_on and lost == 0 and twice > 0
    assert again >= BEFORE_KILL  # all of it
