"""Pieces of a file in the making, kept on the disk until it is written."""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence

Entry = tuple[int, int | str, bytes]
"""A byte of the source that a piece belongs to, a note, and the piece."""

_HELD = 256  # entries
_HELD_BYTES = 1 << 20
_SIZE_BYTES = 8  # of the number before a block of entries


class Spool:
    """Entries by their byte of the source; `close` it when done.

    One after the other in a file, as long as each is further on in the source than those
    before; in a database from the first one on that is not. Raises `OSError` and
    `sqlite3.Error`.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._rows: sqlite3.Connection | None = None
        self._notes: set[int | str] = set()  # of those in the file
        self._held: list[Entry] = []
        self._size = 0
        self._reached = -1  # the highest offset of which anything was kept

    def put(self, offsets: Sequence[int], entries: Sequence[Entry]) -> None:
        """Keep these, instead of what was kept of the rows at `offsets`, rising."""
        if offsets[0] <= self._reached:
            self._flush()
            if self._rows is None:
                self._rows = _database(self._in_file())
            places = [(offset,) for offset in offsets]
            self._rows.executemany("DELETE FROM kept WHERE offset = ?", places)
        self._reached = max(self._reached, offsets[-1])
        for entry in sorted(entries) if len(entries) > 1 else entries:
            self._held.append(entry)
            self._size += len(entry[2])
        if len(self._held) > _HELD or self._size > _HELD_BYTES:
            self._flush()

    def notes(self) -> set[int | str]:
        """Every note there is."""
        self._flush()
        if self._rows is None:
            return set(self._notes)
        return {note for (note,) in self._rows.execute("SELECT DISTINCT note FROM kept")}

    def __iter__(self) -> Iterator[Entry]:
        """All of them, in the source's order."""
        self._flush()
        if self._rows is None:
            yield from self._in_file()
        else:
            yield from self._rows.execute(
                "SELECT offset, note, new FROM kept ORDER BY offset"
            )

    def close(self) -> None:
        self._file.close()
        if self._rows is not None:
            self._rows.close()

    def _flush(self) -> None:
        if self._rows is not None:
            self._rows.executemany("INSERT INTO kept VALUES (?, ?, ?)", self._held)
        elif self._held:
            # written and read by the same process, so marshal, the quickest, will do
            block = marshal.dumps(self._held)
            self._file.write(len(block).to_bytes(_SIZE_BYTES, "little") + block)
            self._notes.update([note for _, note, _ in self._held])
        self._held, self._size = [], 0

    def _in_file(self) -> Iterator[Entry]:
        self._file.seek(0)
        while size := self._file.read(_SIZE_BYTES):
            yield from marshal.loads(self._file.read(int.from_bytes(size, "little")))


def _database(entries: Iterator[Entry]) -> sqlite3.Connection:
    # "" is a database that sqlite keeps in a file without a name
    rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    # no page is ever taken back, and few large ones are quicker than many
    rows.executescript("PRAGMA journal_mode = OFF; PRAGMA page_size = 32768")
    rows.execute("CREATE TABLE kept (offset INTEGER PRIMARY KEY, note, new)")
    rows.execute("BEGIN")
    rows.executemany("INSERT INTO kept VALUES (?, ?, ?)", entries)
    return rows
