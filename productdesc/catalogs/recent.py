"""The rows that were read last of a file, for whoever wants them again a moment later.

A sink that rewrites a file needs each product's rows from it. Mostly the source of the
same file has just read them, and to read them again is a third of the work of writing.
Few are held, so a sink must not depend on it: what is not here is read from the disk.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

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


_Reading = tuple[Version, "Dialect", "Key"]
_READINGS: WeakValueDictionary[_Reading, Recent] = WeakValueDictionary()


class Recent:
    """The groups that one pass over a file gave last; one thread puts, any may ask."""

    def __init__(self) -> None:
        self._groups: dict[str, tuple[Group, int]] = {}
        self._size = 0

    @classmethod
    def beginning(cls, table: Table, by: Key) -> Recent:
        """For a pass that begins, found by others for as long as the pass holds it."""
        recent = _READINGS[Version.of(table), table.dialect, by] = cls()
        return recent

    @staticmethod
    def find(version: Version, dialect: Dialect, by: Key) -> Recent | None:
        """What the last pass over this version of a file holds, read in the same way."""
        return _READINGS.get((version, dialect, by))

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
