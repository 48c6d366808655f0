"""The rows of a table, product by product, in memory that does not grow.

Most shops write a product's rows one below the other, and such a file is read straight
through. Where the rows of one product lie apart, an index on the disk gathers them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..protocol import Problem, Problems
from .adjacency import Key
from .table import Row, Spoilt, Table


@dataclass(slots=True)
class Group:
    """The rows of one product in the file's order, and the byte where each begins.

    `damaged`: a row of it could not be read. `told`: what a shop's reader made of the
    rows, for its writer to use again.
    """

    key: str
    rows: list[Row] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    damaged: bool = False
    parsed: object = None


def adjacent_groups(table: Table, by: Key, problems: Problems) -> Iterator[Group]:
    """Neighbouring rows with the same key."""
    offset = table.start
    group, damaged = Group(""), ""
    key_of = _key_of(by)
    for part in table.everything():
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
                _note(part, by, problems)
        else:
            if part.problem:
                problems.add(part.problem)
            damaged = _guess(part, by)
            group.damaged = group.damaged or damaged == group.key
        offset += len(part.raw)
    if group.rows:
        yield group


def _key_of(by: Key) -> Callable[[Row], str]:
    """What says which key a row goes by; "" where it belongs to nothing."""
    if callable(by):
        return by
    return lambda row: row.cells[by].strip() if row.cells else ""


def _note(row: Row, by: Key, problems: Problems) -> None:
    if isinstance(by, int) and any(row.cells):
        message = "has no handle, so it belongs to nothing"
        problems.add(Problem(f"line {row.line}", message, row.line))


def _guess(spoilt: Spoilt, by: Key) -> str:
    if isinstance(by, int) and len(spoilt.cells) > by:
        return spoilt.cells[by].strip(' \t\r\n"')
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


def _places(
    table: Table, by: Key, problems: Problems
) -> Iterator[tuple[str, int, int, int, bool]]:
    offset = table.start
    key_of = _key_of(by)
    for part in table.everything():
        size = len(part.raw)
        if isinstance(part, Row):
            if key := key_of(part):
                yield key, part.line, offset, size, True
            else:
                _note(part, by, problems)
        else:
            if part.problem:
                problems.add(part.problem)
            if key := _guess(part, by):
                yield key, part.line, offset, size, False
        offset += size
