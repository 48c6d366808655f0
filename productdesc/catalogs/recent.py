"""The rows that were read last of a file, for whoever wants them again a moment later.

A sink that rewrites a file needs each product's rows from it. Mostly the source of the
same file has just read them, and to read them again is a third of the work of writing.
Few are held, so a sink must not depend on it: what is not here is read from the disk.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

if TYPE_CHECKING:
    from .adjacency import Key
    from .delimited import Dialect, Table
    from .row_groups import Group

MAX_GROUPS = 128  # more than a run has under way; to hold many slows reading by a tenth
MAX_BYTES = 4 << 20
"""Of rows as they stand in the file; their cells take about three times as much more."""


class Version(NamedTuple):
    """A file as it is now: another, or a changed one, is never taken for it."""

    device: int
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, table: Table) -> Version:
        now = os.stat(table.path)
        return cls(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)


Reading = tuple[Version, "Dialect", "Key"]
"""A version of a file, and how it is read."""

_PASSES: WeakSet[Recent] = WeakSet()
_LOCK = Lock()


class Recent:
    """The groups that one pass over a file gave last; one thread puts, any may ask.

    Found by others for as long as the pass holds it.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._groups: dict[str, tuple[Group, int]] = {}
        self._size = 0
        with _LOCK:
            _PASSES.add(self)

    @classmethod
    def of(cls, table: Table, by: Key) -> Recent:
        """For a pass that begins now."""
        return cls((Version.of(table), table.dialect, by))

    @staticmethod
    def holding(reading: Reading, key: str) -> Recent | None:
        """Of the passes that read the same in the same way, one that has a key."""
        with _LOCK:
            alike = [one for one in _PASSES if one.reading == reading]
        return next((one for one in alike if one.get(key)), None)

    def put(self, group: Group) -> Group:
        """Hold a whole group; the same is given back."""
        size = sum([len(row.raw) for row in group.rows])
        self._groups[group.key] = group, size
        self._size += size
        while len(self._groups) > MAX_GROUPS or self._size > MAX_BYTES:
            self._size -= self._groups.pop(next(iter(self._groups)))[1]
        return group

    def get(self, key: str) -> Group | None:
        """The group with a key, where it is still held."""
        found = self._groups.get(key)
        return found[0] if found else None
