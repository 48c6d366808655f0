"""The rows of one product of a Shopify CSV, found by its handle."""

from __future__ import annotations

from collections.abc import Iterator

from .delimited import Table
from .protocol import Problems
from .shopify_csv_rows import Group, RowIndex, adjacent_groups, is_adjacent


class Lookup:
    """Finds products' rows; `close` it when done.

    Handles asked for in the file's order are found by reading along. Any other order, and
    rows that lie apart, make an index of the file on the disk, once.
    """

    def __init__(self, table: Table, column: int) -> None:
        self._table = table
        self._column = column
        self._along: Iterator[Group] | None = None
        self._index: RowIndex | None = None
        self._last: Group | None = None

    def find(self, handle: str) -> Group | None:
        """The rows with a handle; None where the file has none."""
        if self._last is None or self._last.handle != handle:
            self._last = self._next(handle) or self._indexed().group(handle)
        return self._last

    def close(self) -> None:
        if self._index:
            self._index.close()
        # the file is closed with the generator that reads it
        self._index = self._along = self._last = None

    def _next(self, handle: str) -> Group | None:
        if self._index:
            return None
        if self._along is None:
            if not is_adjacent(self._table, self._column):
                return None
            self._along = adjacent_groups(self._table, self._column, Problems())
        return next((group for group in self._along if group.handle == handle), None)

    def _indexed(self) -> RowIndex:
        if self._index is None:
            self._along = None
            self._index = RowIndex(self._table, self._column, Problems())
        return self._index
