"""Atomic file replacement: files that appear whole or not at all.

Written beside their target, forced to the disk, then renamed over it. A run that dies
leaves the target as it was.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

from ...errors import CatalogError


class AtomicFile:
    """A file in the making: `keep` makes it appear at `path`, `drop` removes all trace.

    Opens at once, so that a folder that is missing or closed is told before any work.
    An existing target keeps its permissions; a link is followed, so it stays a link.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._target = Path(os.path.realpath(self.path))
        name = f".{self._target.name}.{secrets.token_hex(4)}.part"
        self._part = self._target.with_name(name)
        if self._target.is_dir():
            raise CatalogError(f"{self.path}: is a folder; name a file to write")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            self.file: BinaryIO = os.fdopen(os.open(self._part, flags, 0o666), "wb")
        except OSError as e:
            raise CatalogError(f"{self.path}: cannot be written: {e.strerror or e}") from e

    def keep(self) -> None:
        """Make the file appear under its name; raises `CatalogError`, then it is gone."""
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            with contextlib.suppress(OSError):
                os.chmod(self._part, stat.S_IMODE(os.stat(self._target).st_mode))
            os.replace(self._part, self._target)
            _sync_folder(self._target.parent)
        except OSError as e:
            self.drop()
            raise CatalogError(f"{self.path}: cannot be written: {e.strerror or e}") from e

    def drop(self) -> None:
        """Remove what was written so far; the target stays as it was."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            self._part.unlink()


def _sync_folder(folder: Path) -> None:
    """A rename outlives a power cut only when its folder is on the disk too."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows has no such thing
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
