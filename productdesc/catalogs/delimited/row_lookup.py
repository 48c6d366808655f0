"""One product's rows by its key, from wherever they are had with least work."""

from __future__ import annotations

from collections.abc import Iterator

from ..protocol import Problems
from .adjacency import Key, is_adjacent
from .recent import Asker
from .row_index import Group, RowIndex, adjacent_groups
from .table import Table


class Lookup:
    """Finds products' rows; `close` it when done.

    Rows that a source of the same file read a moment ago are taken from there. Other keys
    asked for in the file's order are found by reading along; any other order, and rows
    that lie apart, make an index of the file on the disk, once.
    """

    def __init__(self, table: Table, by: Key) -> None:
        self._table = table
        self._by = by
        self._recent: Asker | None = Asker.of(table, by)
        self._along: Iterator[Group] | None = None
        self._index: RowIndex | None = None
        self._last: Group | None = None

    def find(self, key: str) -> Group | None:
        """The rows with a key; None where the file has none."""
        if self._last is None or self._last.key != key:
            self._last = (
                (self._recent and self._recent.get(key))
                or self._next(key)
                or self._indexed().group(key)
            )
        return self._last

    def close(self) -> None:
        if self._index:
            self._index.close()
        # the file is closed with the generator that reads it
        self._index = self._along = self._last = self._recent = None

    def _next(self, key: str) -> Group | None:
        if self._index:
            return None
        if self._along is None:
            if not is_adjacent(self._table, self._by):
                return None
            self._along = adjacent_groups(self._table, self._by, Problems())
        return next((group for group in self._along if group.key == key), None)

    def _indexed(self) -> RowIndex:
        if self._index is None:
            self._along = None
            self._index = RowIndex(self._table, self._by, Problems())
        return self._index
