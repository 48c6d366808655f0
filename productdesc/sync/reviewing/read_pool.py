"""Read pool: connections that only read, so that no reader waits for a writer."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import JournalError
from ...text.printable import printable, words_of


class ReadPragmas(NamedTuple):
    """How each connection is set."""

    query_only: str = "ON"
    busy_timeout: int = 10_000  # ms; only a file that is being made is waited for
    cache_size: int = -16_000  # KB, of what a running job has just written
    mmap_size: int = 1 << 30  # bytes that all connections share in the system's cache


READING = ReadPragmas()

MOST_IDLE = 8
"""Connections that are kept open while nobody reads."""

Rows = Callable[..., list[tuple[Any, ...]]]
"""Reads all rows of a statement with its values, as they were when the block began."""


class ReadPool:
    """Read-only connections to one SQLite file, one a reader. Raises `JournalError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Rows]:
        """Within the block all is read as it stands at its first row."""
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._open()
            try:
                connection.execute("BEGIN")
                yield lambda statement, *values: connection.execute(
                    statement, values
                ).fetchall()
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as e:
            shown = printable(self._path, "path")
            raise JournalError(f"{shown}: {words_of(e)}") from e
        with self._lock:
            is_kept = len(self._idle) < MOST_IDLE and not self._is_closed
            if is_kept:
                self._idle.append(connection)
        if not is_kept:
            connection.close()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows that one statement finds."""
        with self.snapshot() as rows:
            return rows(statement, *values)

    def close(self) -> None:
        """Close what is idle now, and the others once they are read to their end."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise JournalError(f"{printable(self._path, 'path')}: there is no such file")
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False
        )
        for name, value in READING._asdict().items():
            connection.execute(f"PRAGMA {name} = {value}")
        return connection
