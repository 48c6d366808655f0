"""Pieces of a file in the making, kept on the disk until it is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

Entry = tuple[int, int | str, bytes]
"""A byte of the source that a piece belongs to, a note, and the piece."""

_HELD = 256  # entries
_HELD_BYTES = 1 << 20


class Kept:
    """Entries by their byte of the source; `close` it when done. Raises `sqlite3.Error`."""

    def __init__(self) -> None:
        # "" is a database that sqlite keeps in a file without a name
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        # no page is ever taken back, and few large ones are quicker than many
        self._rows.executescript("PRAGMA journal_mode = OFF; PRAGMA page_size = 32768")
        self._rows.execute("CREATE TABLE kept (offset INTEGER PRIMARY KEY, note, new)")
        self._rows.execute("BEGIN")
        self._held: list[Entry] = []
        self._size = 0
        self._reached = -1  # the highest offset of which anything was kept

    def put(self, offsets: Sequence[int], entries: Sequence[Entry]) -> None:
        """Keep these, instead of what was kept of the rows at `offsets`, rising."""
        if offsets[0] <= self._reached:
            self._flush()
            places = [(offset,) for offset in offsets]
            self._rows.executemany("DELETE FROM kept WHERE offset = ?", places)
        self._reached = max(self._reached, offsets[-1])
        for entry in entries:
            self._held.append(entry)
            self._size += len(entry[2])
        if len(self._held) > _HELD or self._size > _HELD_BYTES:
            self._flush()

    def notes(self) -> set[int | str]:
        """Every note there is."""
        self._flush()
        return {note for (note,) in self._rows.execute("SELECT DISTINCT note FROM kept")}

    def __iter__(self) -> Iterator[Entry]:
        """All of them, in the source's order."""
        self._flush()
        yield from self._rows.execute("SELECT offset, note, new FROM kept ORDER BY offset")

    def close(self) -> None:
        self._rows.close()

    def _flush(self) -> None:
        self._rows.executemany("INSERT INTO kept VALUES (?, ?, ?)", self._held)
        self._held, self._size = [], 0
