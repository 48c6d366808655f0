"""Unique rows: a new file with each product once, that appears whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from typing import BinaryIO

from ...output_file import OutputFile, open_output
from ...text.printable import quoted


class UniqueRows:
    """The rows of one new file, each product once; `open` it, and `close` it when done.

    Which products it holds is kept in a temporary database on the disk, so that memory
    does not grow with the file. `is_idle`: no product was saved so far, all failed.
    """

    is_idle = True

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        self.path = path
        self._replace = replace
        self._new: OutputFile | None = None
        self._ids: sqlite3.Connection | None = None

    @property
    def file(self) -> BinaryIO:
        return self._opened()[0].file

    def open(self, head: bytes = b"") -> None:
        """Begin the file with `head`; raises `CatalogError` where it cannot be written."""
        self._new = open_output(self.path, replace=self._replace)
        # "" is a database that sqlite keeps in a file without a name.
        self._ids = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._ids.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, row BLOB) WITHOUT ROWID")
        self._ids.execute("BEGIN")
        self._new.file.write(head)
        self.is_idle = True

    def refusal(self, product_id: str, row: bytes) -> str | None:
        """Why this row may not be written: None to write it, "" where it is there already.

        After None the product counts as written.
        """
        if not product_id.strip():
            return "the product has no id to write it under"
        _, ids = self._opened()
        digest = hashlib.blake2b(row, digest_size=16).digest()
        key = product_id.encode("utf-8", "surrogatepass")
        known = ids.execute("SELECT row FROM ids WHERE id = ?", (key,)).fetchone()
        if known is None:
            ids.execute("INSERT INTO ids VALUES (?, ?)", (key, digest))
            return None
        if known[0] == digest:
            return ""
        shown = quoted(product_id, "name")
        return f"{shown} was saved before with other text; an id is written once"

    def add(self, product_id: str, row: bytes) -> str | None:
        """Write a row; what `refusal` says."""
        why = self.refusal(product_id, row)
        if why is None:
            new, _ = self._opened()
            new.file.write(row)
            new.row_done()
        return why

    def close(self, *, keep: bool, tail: bytes = b"") -> None:
        """End the file with `tail` and make it appear, or remove all trace of it.

        A file that exists is never replaced by one for which there was nothing to save.
        """
        with self._ended() as new:
            if new and keep and not (self.is_idle and new.replaces):
                new.file.write(tail)
                new.keep()

    def close_part(self, tail: bytes = b"") -> str:
        """End the file with what was saved so far, and say where it is; "" for nothing."""
        with self._ended() as new:
            if new is None or self.is_idle:
                return ""
            new.file.write(tail)
            return new.keep_part()

    @contextlib.contextmanager
    def _ended(self) -> Iterator[OutputFile | None]:
        """The file, for the last time; None where it is closed already."""
        if self._new is None:
            yield None
            return
        new, ids = self._opened()
        self._new = self._ids = None
        ids.close()
        try:
            yield new
        finally:
            new.drop()  # nothing is left to drop once it was kept

    def _opened(self) -> tuple[OutputFile, sqlite3.Connection]:
        if self._new is None or self._ids is None:
            raise ValueError(f"{self.path}: a sink is used inside its `with` block")
        return self._new, self._ids
