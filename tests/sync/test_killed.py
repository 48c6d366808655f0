"""P1 and P2: a job that is killed at any moment loses nothing and pays nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs import killed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs are forked here")


def told(
    folder: Path, journal: str, *, seed: int, kills: int, count: int, languages: str = "en"
) -> dict[str, int]:
    """What a run of many kills says, by name."""
    values = [journal, seed, kills, count, languages]
    done = subprocess.run(
        [sys.executable, killed.__file__, folder, *map(str, values)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))


def test_p1_p2_200_kills_lose_nothing_and_pay_for_no_more_than_was_under_way(
    tmp_path: Path,
) -> None:
    found = told(tmp_path, "as it is", seed=2026, kills=200, count=150)
    assert found["kills"] == 200
    assert (found["lost"], found["corrupt"]) == (0, 0)
    assert found["beyond"] <= 0, "described again beyond what was under way"


def test_p1_p2_of_a_job_in_three_languages_the_same_holds(tmp_path: Path) -> None:
    how: Any = {"seed": 28, "kills": 15, "count": 20, "languages": "en,de,fr"}
    found = told(tmp_path, "as it is", **how)
    assert (found["kills"], found["lost"], found["corrupt"]) == (15, 0, 0)
    assert found["beyond"] <= 0, "described again beyond what was under way"


def test_a_journal_that_is_committed_at_the_end_fails_the_same(tmp_path: Path) -> None:
    found = told(tmp_path, "control", seed=7, kills=8, count=40)
    assert found["lost"] > 0


@pytest.mark.nightly
def test_p1_p2_2000_kills_with_a_new_seed(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    found = told(tmp_path, "as it is", seed=seed, kills=2_000, count=150)
    print(f"seed {seed}: {found}")
    assert (found["kills"], found["lost"], found["corrupt"]) == (2_000, 0, 0), seed
    assert found["beyond"] <= 0, seed
