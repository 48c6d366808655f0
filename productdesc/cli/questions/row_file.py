"""Row file: JSON lines that are appended as they come, and resumed after a kill.

A row counts once its line has ended; the rest of a line that a kill cut is taken off. Each
row says by `asked` what was asked, so rows of another question are never taken for these.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...errors import CatalogError
from ...output_file import NOT_REGULAR
from ...text.printable import printable

__all__ = ["RowFile"]


class RowFile:
    """A file of rows, open to be appended to; `done` are the ids that it has already.

    resume: it may hold rows of the same `asked`, which are kept; those that failed are
    tried again. force: a file that is there is replaced. Raises `CatalogError`.
    """

    def __init__(
        self, path: Path, asked: str, *, resume: bool = False, force: bool = False
    ) -> None:
        self.path = path
        self._asked = asked
        self._shown = printable(path, "path")
        self.done: frozenset[str] = frozenset()
        try:
            self._check(resume=resume, force=force)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(path, flags, 0o666), "r+b")
            if not resume:
                self._file.truncate()
            self.done = self._read()
        except OSError as e:
            why = e.strerror or e
            raise CatalogError(f"{self._shown}: cannot be written: {why}") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row, on the disk when this returns. Raises `CatalogError`."""
        line = json.dumps({**row, "asked": self._asked}, ensure_ascii=True) + "\n"
        try:
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as e:
            why = e.strerror or e
            raise CatalogError(f"{self._shown}: cannot be written: {why}") from e

    def _check(self, *, resume: bool, force: bool) -> None:
        try:
            mode = os.stat(self.path).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            raise CatalogError(f"{self._shown}: {NOT_REGULAR[stat.S_IFMT(mode)]}")
        if not (resume or force):
            raise CatalogError(
                f"{self._shown}: exists already; --resume goes on with it, --force "
                "replaces it"
            )

    def _read(self) -> frozenset[str]:
        """The ids of the rows that are done; stands behind the last whole line then."""
        done: set[str] = set()
        whole = 0
        for number, line in enumerate(self._file, start=1):
            if not line.endswith(b"\n"):
                break
            row = self._parsed(line, number)
            name = str(row.get("product_id", ""))
            if "error" not in row:
                done.add(name)
            whole += len(line)
        self._file.seek(whole)
        self._file.truncate()
        return frozenset(done)

    def _parsed(self, line: bytes, number: int) -> Mapping[str, Any]:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or row.get("asked") != self._asked:
            raise CatalogError(
                f"{self._shown}: line {number} is no row of this question, model and "
                "options; --resume would mix them: name another OUT"
            )
        return row
