"""Local photo files, read without ever blocking: regular files only, of a bounded size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import PhotoError
from ..text.printable import printable, quoted


def read(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of a regular file; links are followed first. Raises `PhotoError`.

    Does not search, expand "~" or read more than `max_bytes`.
    """
    data, _ = _read(path, max_bytes, max_bytes + 1)
    if len(data) > max_bytes:
        raise PhotoError(f"{_named(path)}: it grew over {max_bytes} bytes, the limit")
    return data


def head(path: Path, *, max_bytes: int, first: int) -> tuple[bytes, int]:
    """The `first` bytes of a file that `read` would read, and its size in bytes.

    Raises `PhotoError` as `read` does.
    """
    return _read(path, max_bytes, first)


def _read(path: Path, max_bytes: int, first: int) -> tuple[bytes, int]:
    try:
        real = os.path.realpath(path, strict=True)
        _must_be_regular(path, os.stat(real).st_mode)  # opening a device can act on it
        # not blocking, should it have become a FIFO since; not following a new link
        flags = os.O_RDONLY
        for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
            flags |= getattr(os, name, 0)
        descriptor = os.open(real, flags)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            _must_be_regular(path, status.st_mode)
            if status.st_size > max_bytes:
                raise PhotoError(
                    f"{_named(path)}: {status.st_size} bytes; {max_bytes} is the limit; "
                    "shrink it first"
                )
            return file.read(first), status.st_size
    except FileNotFoundError as e:
        raise PhotoError(f"{_named(path)}: no such file") from e
    except (OSError, ValueError) as e:  # ValueError: a NUL in the name
        why = getattr(e, "strerror", None) or e
        raise PhotoError(f"{quoted(path, 'path')}: not readable: {why}") from e


FOLDER = (
    "give the photos in it (productdesc describe --each), or the folder as a catalogue "
    "(productdesc convert)"
)

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def _must_be_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "not a regular file")
        cure = FOLDER if stat.S_ISDIR(mode) else "give the path of a photo file"
        raise PhotoError(f"{_named(path)}: this is {kind}; {cure}")


def _named(path: Path) -> str:
    return printable(path, "path")
