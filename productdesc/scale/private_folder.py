"""Private folder: where a Ray of our own lies, for this user only; gone afterwards.

A run that is killed leaves its folder, with a token and logs in it; the next one removes
that. The folder of a run that lives is locked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..output_file import lock_file

PREFIX = "pdray-"

ABANDONED_SECONDS = 60.0
"""A folder younger than this may be one that is not locked yet."""

MOST_CHARS = 36
"""Of its path: Linux takes socket names of 107 characters, and Ray adds up to 70."""


@contextlib.contextmanager
def private_folder(where: Path | None = None) -> Iterator[Path]:
    """A new folder of mode 0700, while the block runs; what dead runs left is removed."""
    where = where or _usual_place()
    _sweep(where)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    try:
        with (folder / "lock").open("wb") as lock:
            lock_file(lock)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _usual_place() -> Path:
    usual = tempfile.gettempdir()
    is_short = len(usual) + len(PREFIX) + 9 <= MOST_CHARS
    return Path(usual if is_short else "/tmp")


def _sweep(where: Path) -> None:
    """Remove folders of this user that no run holds."""
    for folder in where.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()  # a link of somebody else leads nowhere
            is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if is_ours and time.time() - found.st_mtime > ABANDONED_SECONDS:
                with (folder / "lock").open("rb") as lock:
                    if lock_file(lock):
                        shutil.rmtree(folder, ignore_errors=True)
