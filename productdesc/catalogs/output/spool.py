"""Spool: pieces of a file in the making, on the disk until the file is written.

In a temporary sqlite database, so that memory does not grow and any order will do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

SpoolEntry = tuple[int, int | str, bytes]
"""A byte of the source that a piece belongs to, a note, and the piece."""


class Spool:
    """Entries by their byte of the source; `close` it when done. Raises `sqlite3.Error`."""

    def __init__(self) -> None:
        # "" is a database that sqlite keeps in a file without a name
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        # no page is ever taken back, and few large ones are quicker than many; sqlite
        # would hold 500 of them, 16 MB, where 2 MB are as quick
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA page_size = 32768; PRAGMA cache_size = -2000"
        )
        self._rows.execute("CREATE TABLE entries (offset INTEGER PRIMARY KEY, note, data)")
        self._rows.execute("BEGIN")

    def put(self, offsets: Sequence[int], entries: Iterable[SpoolEntry]) -> None:
        """Keep these entries instead of those of the rows at `offsets`."""
        places = [(offset,) for offset in offsets]
        self._rows.executemany("DELETE FROM entries WHERE offset = ?", places)
        self._rows.executemany("INSERT INTO entries VALUES (?, ?, ?)", entries)

    def entries_at(self, offsets: Sequence[int]) -> list[SpoolEntry]:
        """The entries kept of the rows at `offsets`."""
        marks = ", ".join("?" * len(offsets))
        query = f"SELECT * FROM entries WHERE offset IN ({marks}) ORDER BY offset"
        return list(self._rows.execute(query, tuple(offsets)))

    def notes(self) -> set[int | str]:
        """Every note there is."""
        return {note for (note,) in self._rows.execute("SELECT DISTINCT note FROM entries")}

    def __iter__(self) -> Iterator[SpoolEntry]:
        """All entries, in the source's order."""
        yield from self._rows.execute("SELECT * FROM entries ORDER BY offset")

    def close(self) -> None:
        self._rows.close()
