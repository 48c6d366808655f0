"""Output files: atomic replacement, so that a file appears whole or not at all.

Written beside their target, forced to the disk, then renamed over it. A run that dies
leaves the target as it was. Standard output is the one place that is written as it comes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

from .errors import CatalogError

STANDARD_OUTPUT = "-"
"""The path that means standard output; a file of that name is `./-`."""

NOT_REGULAR: Mapping[int, str] = {
    stat.S_IFDIR: "is a folder; name a file to write",
    stat.S_IFIFO: "is a named pipe, which a new file would replace; to write into a pipe, "
    f"give {STANDARD_OUTPUT} (standard output; JSON lines and CSV can be written there)",
    stat.S_IFCHR: "is a device, which a new file would replace; give "
    f"{STANDARD_OUTPUT} for standard output (JSON lines and CSV can be written there)",
    stat.S_IFBLK: "is a device, which a new file would replace; name a file to write",
    stat.S_IFSOCK: "is a socket, which a new file would replace; name a file to write",
}
"""What may stand at a path beside a regular file, and why it is not written."""

ABANDONED_SECONDS = 86_400
"""A part older than this that nobody writes is what a killed run left; it is removed."""


class OutputFile(Protocol):
    """A file in the making. `replaces`: something stands under its name already."""

    file: BinaryIO
    replaces: bool

    def row_done(self) -> None:
        """Called after each whole row or product."""

    def keep(self) -> None:
        """Make what was written count; raises `CatalogError`."""

    def keep_part(self) -> str:
        """The same for a part of what was to be written, which replaces nothing.

        Gives where it is: the path, or one beside it where something stands there.
        """

    def drop(self) -> None:
        """Remove what was written, where that can be done."""


def open_output(
    path: str | os.PathLike[str],
    *,
    replace: bool = False,
    source: Path | None = None,
) -> OutputFile:
    """Open what is written to `path`; "-" is standard output.

    replace: a file that exists may be replaced. source: the file that the new one is made
    from and holds all of, which may be replaced in any case. Raises `CatalogError` at once
    where nothing can be written there.
    """
    if os.fspath(path) == STANDARD_OUTPUT:
        return StandardOutput()
    return AtomicFile(path, replace=replace or is_same_file(path, source))


def is_same_file(path: str | os.PathLike[str], other: Path | None) -> bool:
    """Whether both paths lead to one file that exists."""
    try:
        return other is not None and os.path.samefile(path, other)
    except OSError:
        return False


class AtomicFile:
    """A file in the making: `keep` makes it appear at `path`, `drop` removes all trace.

    Opens at once, so that a folder that is missing or closed is told before any work.
    An existing target keeps its permissions, which the part has from its first byte; a
    link is followed, so it stays a link. Parts that killed runs left are swept.
    """

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        self.path = Path(path)
        self._target = Path(os.path.realpath(self.path))
        self._replace = replace
        self._is_done = False
        try:
            self.replaces = self._checked()
        except FileExistsError as e:
            raise CatalogError(str(e)) from e
        except OSError as e:
            raise self._unwritable(e) from e
        name = f".{self._target.name}.{secrets.token_hex(4)}.part"
        self._part = self._target.with_name(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            mode = stat.S_IMODE(os.stat(self._target).st_mode) if self.replaces else 0o666
            self.file: BinaryIO = os.fdopen(os.open(self._part, flags, mode), "wb")
        except OSError as e:
            raise self._unwritable(e) from e
        lock_file(self.file)
        _sweep(self._target)

    def row_done(self) -> None:
        """Rows are for nobody before the file is whole."""

    def keep(self) -> None:
        """Make the file appear under its name.

        Raises `CatalogError`. Where something came to stand there meanwhile, the work of a
        long run stays, under the name that the error gives; else nothing does.
        """
        if aside := self._appear():
            raise CatalogError(
                f"{self.path}: came to be while it was written, and is left as it is; what "
                f"was to be there is {aside}"
            )

    def keep_part(self) -> str:
        """Make the file appear, beside its name as OUT.partial where a file is there."""
        self._replace = False
        return str(self._appear() or self.path)

    def _appear(self) -> Path | None:
        """Give the part its name. Where that may not be: the name that it got instead."""
        aside = None
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            try:
                self._checked()
                with contextlib.suppress(OSError):
                    os.chmod(self._part, stat.S_IMODE(os.stat(self._target).st_mode))
                self._move()
            except FileExistsError:
                aside = self._set_aside()
            _sync_folder(self._target.parent)
        except OSError as e:
            self.drop()
            raise self._unwritable(e) from e
        self._is_done = True
        return aside

    def drop(self) -> None:
        """Remove what was written so far; the target stays as it was."""
        if self._is_done:
            return
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _checked(self) -> bool:
        """Whether a file is there to be replaced; `FileExistsError` where it may not be."""
        try:
            mode = os.stat(self._target).st_mode
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(mode):
            raise FileExistsError(f"{self.path}: {NOT_REGULAR[stat.S_IFMT(mode)]}")
        if not self._replace:
            raise FileExistsError(
                f"{self.path}: exists already; name another file, or let it be replaced "
                "with --force (in Python replace=True)"
            )
        return True

    def _move(self) -> None:
        if self._replace:
            os.replace(self._part, self._target)
            return
        _name_anew(self._part, self._target)

    def _set_aside(self) -> Path:
        """The part as OUT.partial, or OUT.partial.2 where an earlier part is left."""
        for number in itertools.count(1):
            ending = ".partial" if number == 1 else f".partial.{number}"
            aside = self._target.with_name(self._target.name + ending)
            try:
                _name_anew(self._part, aside)
                # in the user's words, unless a link leads elsewhere
                return aside if self.path.is_symlink() else self.path.with_name(aside.name)
            except FileExistsError:
                continue
        raise AssertionError("numbers have no end")

    def _unwritable(self, error: OSError) -> CatalogError:
        return CatalogError(f"{self.path}: cannot be written: {error.strerror or error}")


class StandardOutput:
    """Standard output: each row leaves when it is whole, and cannot be taken back."""

    replaces = False

    def __init__(self) -> None:
        self.file: BinaryIO = sys.stdout.buffer

    def row_done(self) -> None:
        self.file.flush()  # who reads the other end of a pipe need not wait for more

    def keep(self) -> None:
        self.file.flush()

    def keep_part(self) -> str:
        self.file.flush()
        return "standard output"

    def drop(self) -> None:
        """What was written has left already."""


def _name_anew(path: Path, new: Path) -> None:
    """Rename a file; `FileExistsError` where something has the new name."""
    try:
        # unlike a rename, a link never takes the place of what came there meanwhile
        os.link(path, new)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(new):
            raise FileExistsError(f"{new}: exists already") from None
        os.replace(path, new)
    else:
        path.unlink()


def lock_file(file: BinaryIO) -> bool:
    """Lock an open file; False where somebody has it. A process that dies lets go."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks
    return True


def _sweep(target: Path) -> None:
    """Remove the target's parts that are a day old and that nobody writes."""
    for part in _parts_of(target):
        with contextlib.suppress(OSError):
            is_old = time.time() - part.stat().st_mtime > ABANDONED_SECONDS
            if is_old and part.is_file() and not part.is_symlink():
                with part.open("rb") as file:
                    if lock_file(file):
                        part.unlink()


def _parts_of(target: Path) -> Iterator[Path]:
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.part")
    try:
        entries = list(os.scandir(target.parent))
    except OSError:
        return
    for entry in entries:
        if name.fullmatch(entry.name):
            yield Path(entry.path)


def _sync_folder(folder: Path) -> None:
    """A rename outlives a power cut only when its folder is on the disk too."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows has no such thing
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
