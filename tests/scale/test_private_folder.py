"""A Ray of our own lies in a folder for this user only; what dead runs left goes."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from productdesc.scale.private_folder import ABANDONED_SECONDS, PREFIX, private_folder


def left(where: Path, name: str, age: float = 2 * ABANDONED_SECONDS) -> Path:
    """A folder that a killed run left so many seconds ago."""
    folder = where / f"{PREFIX}{name}"
    folder.mkdir()
    for file in ("lock", "token"):
        (folder / file).write_text("x")
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def test_it_is_closed_to_others_and_gone_afterwards(tmp_path: Path) -> None:
    with private_folder(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "ray").mkdir()
    assert [*tmp_path.iterdir()] == []


def test_it_is_gone_after_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), private_folder(tmp_path):
        raise RuntimeError("Ray ended")
    assert [*tmp_path.iterdir()] == []


def test_what_dead_runs_left_goes_and_what_lives_stays(tmp_path: Path) -> None:
    dead, young = left(tmp_path, "dead"), left(tmp_path, "young", age=1)
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path)
    unlocked = left(tmp_path, "other")
    (unlocked / "lock").unlink()  # not one of ours
    with private_folder(tmp_path) as living:
        os.utime(living, (0, 0))
        with private_folder(tmp_path):
            assert living.exists() and young.exists() and unlocked.exists()
            assert not dead.exists() and tmp_path.exists()
