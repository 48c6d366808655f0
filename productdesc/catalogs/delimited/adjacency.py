"""Adjacency: whether the rows of each product of a table are neighbours.

A look that cuts the file at its delimiters without parsing it, so it is cheap.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import IO

from .table import Row, Table

Key = int | Callable[[Row], str]
"""What tells products apart: a column, or what says a row's key ("": it is of none)."""

_BUCKETS = 64
_MAX_HASHES = 1 << 18  # hashes in memory, 8 bytes each


def is_adjacent(table: Table, by: Key) -> bool:
    """Whether the rows of every product are neighbours."""
    if isinstance(by, int):
        try:
            return not _repeated(_cut(table, by))
        except _Unsure:
            pass
    return not _repeated([_keys(table, by)])


class _Unsure(Exception):
    """The file is not so plain that cutting it up shows its keys."""


def _keys(table: Table, by: Key) -> Iterator[bytes]:
    for part in table.parts():
        if isinstance(part, Row) and any(part.cells):  # an empty row may be short
            yield (by(part) if callable(by) else part.cells[by]).encode()


def _cut(table: Table, column: int) -> Iterator[list[bytes]]:
    """The keys of the rows of each block of the file.

    All that is quoted is left out first, so that what is left has one line a row; where
    its cells do not number those of the header, or handles are quoted: `_Unsure`.
    """
    dialect = table.dialect
    cut = dialect.delimiter.encode(dialect.narrow)
    if not dialect.cuts:
        raise _Unsure
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
        keys = [row.split(cut, column + 1)[column] for row in rows if row]
        if any(key[:1] in (b'"', b"=") for key in set(keys)):
            raise _Unsure
        yield keys
    if inside:
        raise _Unsure


def _repeated(blocks: Iterable[Iterable[bytes]]) -> bool:
    """Whether any key comes back after another one; memory is fixed.

    Compares 64-bit hashes: two keys with the same one cost time, no more.
    """
    buckets = [array("q") for _ in range(_BUCKETS)]
    spilled: list[list[tuple[int, int]]] = [[] for _ in buckets]
    with tempfile.TemporaryFile() as file:
        count, last = 0, b""
        for block in blocks:
            for key, _ in groupby(block):
                key = key.strip()
                if key and key != last:
                    number = hash(key)
                    buckets[number % _BUCKETS].append(number)
                    count += 1
                    last = key
            if count > _MAX_HASHES:
                _spill(buckets, spilled, file)
                count = 0
        for bucket, places in zip(buckets, spilled, strict=True):
            for place, size in places:
                file.seek(place)
                bucket.frombytes(file.read(size))
            if len(set(bucket)) < len(bucket):
                return True
            del bucket[:]
    return False


def _spill(
    buckets: list[array[int]], spilled: list[list[tuple[int, int]]], file: IO[bytes]
) -> None:
    for bucket, places in zip(buckets, spilled, strict=True):
        places.append((file.tell(), len(bucket) * bucket.itemsize))
        file.write(bucket.tobytes())
        del bucket[:]
