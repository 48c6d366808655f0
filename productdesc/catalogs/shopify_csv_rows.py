"""The rows of a Shopify CSV, product by product, in memory that does not grow.

Shopify writes a product's rows one below the other, and such a file is read straight
through. Where the rows of one product lie apart, an index on the disk gathers them. A first
look tells which: it cuts the file at its delimiters without parsing it, so it is cheap.
"""

from __future__ import annotations

import sqlite3
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO

from .delimited import Row, Spoilt, Table
from .protocol import Problem, Problems

_BUCKETS = 64
_HELD = 1 << 18  # hashes in memory, 8 bytes each


@dataclass(slots=True)
class Group:
    """The rows of one product in the file's order, and the byte where each begins.

    `damaged`: a row of it could not be read.
    """

    handle: str
    rows: list[Row] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    damaged: bool = False


def adjacent_groups(table: Table, column: int, problems: Problems) -> Iterator[Group]:
    """Neighbouring rows with the same handle; `column` is where handles stand."""
    offset = table.start
    group, damaged = Group(""), ""
    for part in table.everything():
        if isinstance(part, Row):
            handle = part.cells[column].strip() if part.cells else ""
            if handle and handle != group.handle:
                if group.rows:
                    yield group
                group = Group(handle, damaged=handle == damaged)
            if handle:
                group.rows.append(part)
                group.offsets.append(offset)
            elif any(part.cells):
                problems.add(_without_handle(part))
        else:
            if part.problem:
                problems.add(part.problem)
            damaged = _guess(part, column)
            group.damaged = group.damaged or damaged == group.handle
        offset += len(part.raw)
    if group.rows:
        yield group


def _without_handle(row: Row) -> Problem:
    return Problem(f"line {row.line}", "has no handle, so it belongs to nothing", row.line)


def _guess(spoilt: Spoilt, column: int) -> str:
    return spoilt.cells[column].strip(' \t\r\n"') if len(spoilt.cells) > column else ""


class RowIndex:
    """Where each product's rows are, in a temporary database on the disk."""

    def __init__(self, table: Table, column: int, problems: Problems) -> None:
        self.table = table
        # "" is a database that sqlite keeps in a file without a name
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.execute(
            "CREATE TABLE rows (n INTEGER PRIMARY KEY, handle TEXT, line INTEGER,"
            " offset INTEGER, size INTEGER, whole INTEGER)"
        )
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT INTO rows (handle, line, offset, size, whole) VALUES (?, ?, ?, ?, ?)",
            _places(table, column, problems),
        )
        self._rows.execute("CREATE INDEX by_handle ON rows (handle, n)")
        self._rows.execute("COMMIT")
        self._file = table.path.open("rb")

    def groups(self) -> Iterator[Group]:
        """Every product with a row that can be read, in the order of first appearance."""
        handles = self._rows.execute(
            "SELECT handle FROM rows WHERE whole GROUP BY handle ORDER BY min(n)"
        )
        for (handle,) in handles:
            if group := self.group(handle):
                yield group

    def group(self, handle: str) -> Group | None:
        """One product's rows; None where the file has none."""
        found = self._rows.execute(
            "SELECT line, offset, size, whole FROM rows WHERE handle = ? ORDER BY n",
            (handle,),
        )
        group = Group(handle)
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
    table: Table, column: int, problems: Problems
) -> Iterator[tuple[str, int, int, int, bool]]:
    offset = table.start
    for part in table.everything():
        size = len(part.raw)
        if isinstance(part, Row):
            handle = part.cells[column].strip() if part.cells else ""
            if handle:
                yield handle, part.line, offset, size, True
            elif any(part.cells):
                problems.add(_without_handle(part))
        else:
            if part.problem:
                problems.add(part.problem)
            if handle := _guess(part, column):
                yield handle, part.line, offset, size, False
        offset += size


def is_adjacent(table: Table, column: int) -> bool:
    """Whether the rows of every product are neighbours."""
    try:
        return not _repeated(_cut(table, column))
    except _Unsure:
        return not _repeated([_handles(table, column)])


class _Unsure(Exception):
    """The file is not so plain that cutting it up shows its handles."""


def _handles(table: Table, column: int) -> Iterator[bytes]:
    for part in table.everything():
        if isinstance(part, Row) and part.cells:
            yield part.cells[column].encode()


def _cut(table: Table, column: int) -> Iterator[list[bytes]]:
    """The handles of the rows of each block of the file.

    All that is quoted is left out first, so that what is left has one line a row; where
    its cells do not number those of the header, or handles are quoted: `_Unsure`.
    """
    dialect = table.dialect
    cut = dialect.delimiter.encode(
        "utf-8" if dialect.encoding.startswith("utf-16") else dialect.encoding
    )
    between = len(table.header) - 1
    inside, tail = False, b""
    for data in table.blocks():
        pieces = data.split(b'"')
        plain = tail + b'"' * inside + b'"'.join(pieces[inside::2])
        inside ^= len(pieces) % 2 == 0
        if dialect.newline == "\r":
            plain = plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        rows = plain.split(b"\n")
        tail = rows.pop() if inside else b""
        if {row.count(cut) for row in rows} - {between}:
            rows = [row for row in rows if row.strip(cut + b"\r")]
            if any(row.count(cut) != between for row in rows):
                raise _Unsure
        handles = [row.split(cut, column + 1)[column] for row in rows if row]
        if any(handle[:1] == b'"' for handle in handles):
            raise _Unsure
        yield handles
    if inside:
        raise _Unsure


def _repeated(blocks: Iterable[Iterable[bytes]]) -> bool:
    """Whether any handle comes back after another one; memory is fixed.

    Compares 64-bit hashes: two handles with the same one cost time, no more.
    """
    buckets = [array("q") for _ in range(_BUCKETS)]
    spilt: list[list[tuple[int, int]]] = [[] for _ in buckets]
    with tempfile.TemporaryFile() as file:
        held, last = 0, b""
        for block in blocks:
            for handle, _ in groupby(block):
                handle = handle.strip()
                if handle and handle != last:
                    key = hash(handle)
                    buckets[key % _BUCKETS].append(key)
                    held += 1
                    last = handle
            if held > _HELD:
                _spill(buckets, spilt, file)
                held = 0
        for bucket, places in zip(buckets, spilt, strict=True):
            for place, size in places:
                file.seek(place)
                bucket.frombytes(file.read(size))
            if len(set(bucket)) < len(bucket):
                return True
            del bucket[:]
    return False


def _spill(
    buckets: list[array[int]], spilt: list[list[tuple[int, int]]], file: IO[bytes]
) -> None:
    for bucket, places in zip(buckets, spilt, strict=True):
        places.append((file.tell(), len(bucket) * bucket.itemsize))
        file.write(bucket.tobytes())
        del bucket[:]
