"""Rows grouped by product: read along the file, or gathered by an index on the disk.

Most shops write a product's rows one below the other, and such a file is read straight
through. Where the rows of one product lie apart, the index finds them. Memory does not
grow with the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from ..protocol import Problem, Problems
from .adjacency import Key, is_adjacent
from .table import MalformedRow, Row, Table


@dataclass(slots=True)
class Group:
    """The rows of one product in the file's order, and the byte where each begins.

    `damaged`: a row of it could not be read.
    """

    key: str
    rows: list[Row] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    damaged: bool = False


def groups(table: Table, by: Key, problems: Problems) -> Iterator[Group]:
    """Every product with a row that can be read, in the order of first appearance."""
    for note in table.notes:
        problems.add(note)
    if is_adjacent(table, by):
        yield from adjacent_groups(table, by, problems)
        return
    with closing(RowIndex(table, by, problems)) as index:
        yield from index.groups()


def adjacent_groups(table: Table, by: Key, problems: Problems) -> Iterator[Group]:
    """Neighbouring rows with the same key."""
    offset = table.start
    group, damaged = Group(""), ""
    key_of = _key_of(by)
    for part in table.parts():
        if isinstance(part, Row):
            key = key_of(part)
            if key and key != group.key:
                if group.rows:
                    yield group
                group = Group(key, damaged=key == damaged)
            if key:
                group.rows.append(part)
                group.offsets.append(offset)
            else:
                _note_keyless(part, by, problems)
        else:
            if part.problem:
                problems.add(part.problem)
            damaged = _guessed_key(part, by)
            group.damaged = group.damaged or damaged == group.key
        offset += len(part.raw)
    if group.rows:
        yield group


def _key_of(by: Key) -> Callable[[Row], str]:
    """What says which key a row goes by; "" where it belongs to nothing."""
    if callable(by):
        return by
    return lambda row: row.cells[by].strip() if any(row.cells) else ""  # it may be short


def _note_keyless(row: Row, by: Key, problems: Problems) -> None:
    if isinstance(by, int) and any(row.cells):
        message = "has no handle, so it belongs to nothing"
        problems.add(Problem(f"line {row.line}", message, row.line))


def _guessed_key(malformed: MalformedRow, by: Key) -> str:
    if isinstance(by, int) and len(malformed.cells) > by:
        return malformed.cells[by].strip(' \t\r\n"')
    return ""


class RowIndex:
    """Where each product's rows are, in a temporary database on the disk."""

    def __init__(self, table: Table, by: Key, problems: Problems) -> None:
        self.table = table
        # "" is a database that sqlite keeps in a file without a name
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.execute(
            "CREATE TABLE rows (n INTEGER PRIMARY KEY, key TEXT, line INTEGER,"
            " offset INTEGER, size INTEGER, whole INTEGER)"
        )
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT INTO rows (key, line, offset, size, whole) VALUES (?, ?, ?, ?, ?)",
            _places(table, by, problems),
        )
        self._rows.execute("CREATE INDEX by_key ON rows (key, n)")
        self._rows.execute("COMMIT")
        self._file = table.path.open("rb")

    def groups(self) -> Iterator[Group]:
        """Every product with a row that can be read, in the order of first appearance."""
        keys = self._rows.execute(
            "SELECT key FROM rows WHERE whole GROUP BY key ORDER BY min(n)"
        )
        for (key,) in keys:
            if group := self.group(key):
                yield group

    def group(self, key: str) -> Group | None:
        """One product's rows; None where the file has none."""
        found = self._rows.execute(
            "SELECT line, offset, size, whole FROM rows WHERE key = ? ORDER BY n",
            (key.encode("utf-8", "replace").decode(),),
        )
        group = Group(key)
        for line, offset, size, whole in found:
            if not whole:
                group.damaged = True
                continue
            self._file.seek(offset)
            group.rows.append(self.table.row(self._file.read(size), line))
            group.offsets.append(offset)
        return group if group.rows else None

    def close(self) -> None:
        self._rows.close()
        self._file.close()


class RowLookup:
    """Finds one product's rows by its key; `close` it when done.

    Keys asked for in the file's order are found by reading along. Any other order, and
    rows that lie apart, make an index of the file on the disk, once.
    """

    def __init__(self, table: Table, by: Key) -> None:
        self._table = table
        self._by = by
        self._along: Iterator[Group] | None = None
        self._index: RowIndex | None = None
        self._last: Group | None = None

    def find(self, key: str) -> Group | None:
        """The rows with a key; None where the file has none."""
        if self._last is None or self._last.key != key:
            self._last = self._next(key) or self._indexed().group(key)
        return self._last

    def close(self) -> None:
        if self._index:
            self._index.close()
        # the file is closed with the generator that reads it
        self._index = self._along = self._last = None

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


def _places(
    table: Table, by: Key, problems: Problems
) -> Iterator[tuple[str, int, int, int, bool]]:
    offset = table.start
    key_of = _key_of(by)
    for part in table.parts():
        size = len(part.raw)
        if isinstance(part, Row):
            if key := key_of(part):
                yield key, part.line, offset, size, True
            else:
                _note_keyless(part, by, problems)
        else:
            if part.problem:
                problems.add(part.problem)
            if key := _guessed_key(part, by):
                yield key, part.line, offset, size, False
        offset += size
