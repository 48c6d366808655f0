"""The rows that were read last of a file, for whoever wants them again a moment later.

A sink that rewrites a file needs each product's rows from it. Mostly the source of the
same file has just read them, and to read them again is a third of the work of writing.
Few are held, so a sink must not depend on it: what is not here is read from the disk.
Nothing is held for as long as nobody asks, since to hold costs a tenth of the reading.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

if TYPE_CHECKING:
    from .adjacency import Key
    from .row_index import Group
    from .table import Dialect, Table

MAX_GROUPS = 64  # more than a run has under way by default
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
_ASKERS: WeakSet[Asker] = WeakSet()
_LOCK = Lock()


class Recent:
    """The groups that one pass over a file gave last; one thread puts, any may ask.

    Found by askers for as long as the pass holds it. asked: one of the same reading has
    been there since it began, or since later.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._groups: dict[str, tuple[Group, int]] = {}
        self._size = 0
        with _LOCK:
            self.asked = any(one.reading == reading for one in _ASKERS)
            _PASSES.add(self)

    @classmethod
    def of(cls, table: Table, by: Key) -> Recent:
        """For a pass that begins now."""
        return cls((Version.of(table), table.dialect, by))

    def put(self, group: Group) -> Group:
        """Hold a whole group, if anybody asks; the same is given back."""
        if not self.asked:
            return group
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


class Asker:
    """Whoever may want rows of a reading again, for as long as it is held."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._pass: Recent | None = None
        with _LOCK:
            _ASKERS.add(self)
            for one in _PASSES:
                one.asked = one.asked or one.reading == reading

    @classmethod
    def of(cls, table: Table, by: Key) -> Asker:
        """For the file as it is now."""
        return cls((Version.of(table), table.dialect, by))

    def get(self, key: str) -> Group | None:
        """The group with a key, where a pass over the same still holds it."""
        found = self._pass.get(key) if self._pass else None
        if found is None:
            with _LOCK:
                alike = [one for one in _PASSES if one.reading == self.reading]
            for one in alike:
                if found := one.get(key):
                    # held here too, or it would end before what its pass read is saved
                    self._pass = one
                    break
        return found
