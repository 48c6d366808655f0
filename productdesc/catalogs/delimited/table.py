"""Table: the rows of a delimited text file (CSV, TSV), each with its bytes.

The bytes of a file are its byte order mark, its header row and `everything()` in order,
with nothing left over, so a file is rewritten by replacing rows. It knows no columns.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ...errors import CatalogError
from ...text.fold import clean_name
from ..protocol import Problem
from .blocks import BLOCK_BYTES, blocks_of, lines_in
from .dialect import Dialect, detect_dialect, is_separator_line
from .legacy_encoding import cp1252_doubt
from .quoting import raw_cells, shown, unquoted
from .reader import MalformedRow, Row, RowReader

__all__ = [
    "Dialect",
    "FileVersion",
    "MalformedRow",
    "Row",
    "Table",
    "open_table",
    "replace_cells",
]


class FileVersion(NamedTuple):
    """Which file stands at a path, and its last change: equal as long as it is the same."""

    device: int
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> FileVersion:
        now = os.stat(path)
        return cls(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose dialect and header are known; rows are read from the disk each time.

    header: the names without invisible characters, white space as single spaces.
    `header_row.raw` begins after the byte order marks and has the empty lines above it,
    and Excel's line "sep=;". notes: what is wrong with the whole file.
    """

    path: Path
    dialect: Dialect
    header: tuple[str, ...]
    header_row: Row
    notes: tuple[Problem, ...] = ()

    @property
    def start(self) -> int:
        """The byte where the first row after the header begins."""
        return len(self.dialect.bom) + len(self.header_row.raw)

    def rows(self) -> Iterator[Row | Problem]:
        """Every row that says anything, and what could not be read, from the start.

        What is wrong with the whole file comes first.
        """
        yield from self.notes
        for part in self.parts():
            if isinstance(part, Row):
                if any(part.cells):
                    yield part
            elif part.problem:
                yield part.problem

    def parts(self) -> Iterator[Row | MalformedRow]:
        """All bytes after the header row, in order, empty rows too."""
        line = self.header_row.line + lines_in(self.header_row.raw, self.dialect)
        names = self.header_row.cells
        with _opened(self.path) as file:
            file.seek(self.start)
            yield from RowReader(self.path, file, self.dialect, line, names).parts()

    def blocks(self) -> Iterator[bytes]:
        """All bytes after the header row in blocks of whole lines; UTF-16 as UTF-8."""
        with _opened(self.path) as file:
            file.seek(self.start)
            for data, _ in blocks_of(self.path, file, self.dialect, self.header_row.line):
                yield data

    def row(self, raw: bytes, line: int) -> Row:
        """A row of `everything()` again, from its bytes."""
        text = raw.decode(self.dialect.encoding).rstrip("\r\n")
        cells = raw_cells(text, self.dialect.delimiter)
        return Row(line, shown([unquoted(cell) for cell in cells]), raw)


def open_table(
    path: str | os.PathLike[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Table:
    """The table of a file; `delimiter` and `encoding` are found out unless given.

    Raises `CatalogError` that says why, and on which line.
    """
    place = Path(path)
    with _opened(place) as file:
        dialect = detect_dialect(place, file, delimiter=delimiter, encoding=encoding)
        file.seek(0)
        is_guess = encoding is None and dialect.encoding == "cp1252"
        notes = cp1252_doubt(file) if is_guess else ()
        file.seek(len(dialect.bom))
        above = b""
        for part in RowReader(place, file, dialect, 1, None).parts():
            if isinstance(part, MalformedRow):
                why = part.problem.message if part.problem else "unreadable"
                why = "; ".join([why, *map(str, notes)])
                raise CatalogError(f"{place}: line {part.line}: no column names: {why}")
            is_names = any(cell.strip() for cell in part.cells)
            if is_names and not is_separator_line(above + part.raw, dialect.encoding):
                row = Row(1, part.cells, above + part.raw)
                names = tuple(map(_name, part.cells))
                return Table(place, dialect, names, row, notes)
            above += part.raw
            if len(above) > BLOCK_BYTES:
                break
    raise CatalogError(f"{place}: has no row of column names")


def _name(cell: str) -> str:
    """A column's name; marks of order that were taken for letters and saved are none."""
    return clean_name(cell).removeprefix("ï»¿")


def replace_cells(row: Row, changes: Mapping[int, str], dialect: Dialect) -> bytes:
    """The row with only these cells replaced, by column from 0; all other bytes the same.

    A cell that was quoted stays quoted. Raises `UnicodeEncodeError` for text that the
    file's encoding has not, and `ValueError` for a column that the row has not.
    """
    text = row.raw.decode(dialect.encoding)
    # UTF-8 has one way to write a text
    if dialect.encoding != "utf-8" and text.encode(dialect.encoding) != row.raw:
        raise ValueError(f"line {row.line} does not survive {dialect.encoding}")
    body = text.rstrip("\r\n")
    cells = raw_cells(body, dialect.delimiter)
    for column, new in changes.items():
        if not 0 <= column < len(cells):
            raise ValueError(f"line {row.line} has {len(cells)} cells, no column {column}")
        cells[column] = dialect.quoted(new, always=cells[column].startswith('"'))
    line = dialect.delimiter.join(cells)
    return (line + text[len(body) :]).encode(dialect.encoding)


def _opened(path: Path) -> BinaryIO:
    try:
        if path.exists() and not path.is_file():
            raise CatalogError(f"{path}: is no regular file")
        return path.open("rb")
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
