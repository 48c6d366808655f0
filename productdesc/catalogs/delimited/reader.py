"""Reader of delimited text: one pass, physical lines in, rows and damage out.

Parsed by the csv module; a row that the module cannot take (malformed, or with a cell
over `csv.field_size_limit`, which belongs to the whole process and stays untouched) is
judged here instead.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count, repeat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..protocol import Problem
from .blocks import MAX_ROW_BYTES, blocks_of
from .dialect import Dialect
from .quoting import has_text_cells, shown, spans, unquoted

_CONTROLS = bytes(0 if n < 32 and n not in b"\t\n\r" else n for n in range(256))
"""Makes every control character a NUL: quicker than taking them out."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Row(NamedTuple):
    """One row: `line` is the physical line where it begins, from 1; `raw` its bytes.

    `raw` has the line end (none where the file's last row has none). No cells at all: an
    empty line.
    """

    line: int
    cells: list[str]
    raw: bytes


@dataclass(frozen=True, slots=True)
class MalformedRow:
    """Bytes that are no row. `problem` is None where the damage before goes on.

    `cells` are a guess, for telling a person what the row was about.
    """

    line: int
    raw: bytes
    problem: Problem | None
    cells: tuple[str, ...] = ()


class RowReader:
    """One pass over a file: physical lines in, rows and damage out.

    `lines` are those read but not given yet, `first` the number of the first of them, and
    `at` the number of the line where the next row begins.
    """

    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        dialect: Dialect,
        line: int,
        header: list[str] | None,
    ) -> None:
        self.dialect = dialect
        self.header = header
        self.width = None if header is None else len(header)
        self.delimiter = dialect.delimiter.encode(dialect.narrow)
        self.has_text_cells = False  # as ="00123", in what was read so far
        self.blocks = blocks_of(path, file, dialect, line)
        self.lines: list[bytes] = []
        self.first = self.at = line
        self.unreadable: dict[int, str] = {}
        self.in_damage = False  # within damage that was reported already

    def parts(self) -> Iterator[Row | MalformedRow]:
        lines, width, header = self.lines, self.width, self.header
        # of two files joined the second may begin with a byte order mark
        first = header[0] if header else None
        marked = f"\ufeff{first}"
        while True:
            reader = csv.reader(
                chain.from_iterable(self._texts()),
                delimiter=self.dialect.delimiter,
                strict=True,
            )
            at = base = self.at
            try:
                for cells in reader:
                    after, start = base + reader.line_num, at - self.first
                    if after == at + 1:
                        raw = lines[start]
                    else:
                        raw = b"".join(lines[start : start + after - at])
                    self.at = after
                    if self.has_text_cells:
                        cells = shown(cells)
                    if len(cells) == width and not self.unreadable:
                        self.in_damage = False
                        name = cells[0]
                        if name in (first, marked) and self._is_header(cells):
                            yield _repeated_header(at, cells, raw)
                        else:
                            yield Row(at, cells, raw)
                    else:
                        yield self._doubted(Row(at, cells, raw), after)
                    at = after
                return
            except csv.Error:
                yield self._judged()

    def _is_header(self, cells: list[str]) -> bool:
        return self.header == [cells[0].removeprefix("\ufeff"), *cells[1:]]

    def _texts(self) -> Iterator[Iterable[str]]:
        """The texts of the lines from `at` on; what cannot be read is put down as bad."""
        for number in count(self.at):
            if number - self.first >= len(self.lines):
                break
            yield [self._text(self.lines[number - self.first], number)]
        for data, block in self.blocks:
            number = self._take(data, block)
            if b"\0" not in data.translate(_CONTROLS):
                try:
                    yield list(map(str, block, repeat(self.dialect.encoding)))
                    continue
                except UnicodeDecodeError:
                    pass  # find the line
            yield map(self._text, block, count(number))

    def _take(self, data: bytes, block: list[bytes]) -> int:
        """Hold a block's lines, let go of those given; the number of its first line."""
        if not self.has_text_cells:
            self.has_text_cells = has_text_cells(data, self.delimiter)
        given = self.at - self.first
        del self.lines[:given]
        self.first = self.at
        number = self.first + len(self.lines)
        self.lines.extend(block)
        return number

    def _text(self, line: bytes, number: int) -> str:
        encoding = self.dialect.encoding
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as e:
            what = " ".join(f"{byte:02x}" for byte in line[e.start : e.end][:4])
            self.unreadable[number] = f"byte {what} is no {encoding}"
            return line.decode(encoding, "replace")
        if control := _CONTROL.search(text):
            self.unreadable[number] = f"holds the control character U+{ord(control[0]):04X}"
        return text

    def _doubted(self, row: Row, after: int) -> Row | MalformedRow:
        """The row, or what is wrong with it; `after` is the number of the next line."""
        line, cells, raw = row
        why = ""
        for number in [n for n in self.unreadable if n < after]:
            here = "" if number == line else f"on line {number}: "
            why = why or here + self.unreadable[number]
            del self.unreadable[number]
        if not why and len(cells) != self.width and self.width is not None and any(cells):
            why = f"has {len(cells)} cells where the header has {self.width}"
            if self.in_damage:
                return MalformedRow(line, raw, None, tuple(cells))
        if not why:
            self.in_damage = self.in_damage and not any(cells)
            return row
        self.in_damage = False
        return MalformedRow(line, raw, Problem(f"line {line}", why, line), tuple(cells))

    def _judged(self) -> Row | MalformedRow:
        """The row at `at`, which the csv module would not take."""
        line, delimiter = self.at, self.dialect.delimiter
        texts: list[str] = []
        size, inside = 0, False
        while not texts or inside:
            here = line - self.first + len(texts)
            if here == len(self.lines):
                block = next(self.blocks, None)
                if block is None:
                    break
                self._take(*block)
                here = line - self.first + len(texts)
            raw = self.lines[here]
            size += len(raw)
            if size > MAX_ROW_BYTES:
                break
            texts.append(self._text(raw, line + len(texts)))
            inside = _ends_inside(texts[-1], inside, delimiter)
        if inside or not texts:
            limit = f" within {MAX_ROW_BYTES >> 20} MiB" if size > MAX_ROW_BYTES else ""
            return self._given_up(f"a quote is opened and never closed{limit}")
        start = line - self.first
        raw = b"".join(self.lines[start : start + len(texts)])
        found, _ = spans(text := "".join(texts), delimiter, self.dialect.newline)
        if found:
            self.at = line + len(texts)
            cells = shown([unquoted(text[a:b]) for a, b in found])
            return self._doubted(Row(line, cells, raw), self.at)
        why = "text follows a closing quote"
        last, _ = spans(texts[-1], delimiter, self.dialect.newline)
        if len(texts) > 1 and len(last) == self.width:
            return self._given_up(why)  # the stray quote is above a row that is whole
        try:
            cells = next(csv.reader(texts, delimiter=delimiter))
        except csv.Error:
            cells = []
        if len(cells) != self.width:
            return self._given_up(why)
        self.at = line + len(texts)
        problem = None if self.in_damage else Problem(f"line {line}", why, line)
        self.in_damage = False
        return MalformedRow(line, raw, problem, tuple(cells))

    def _given_up(self, why: str) -> MalformedRow:
        """One physical line as damage; reading goes on after it."""
        line = self.at
        raw = self.lines[line - self.first]
        problem = None if self.in_damage else Problem(f"line {line}", why, line)
        self.at, self.in_damage = line + 1, True
        cells = self._text(raw, line).split(self.dialect.delimiter)
        self.unreadable.clear()
        return MalformedRow(line, raw, problem, tuple(cells))


def _repeated_header(line: int, cells: list[str], raw: bytes) -> MalformedRow:
    why = "repeats the header row, so it is no product; are these two files joined?"
    return MalformedRow(line, raw, Problem(f"line {line}", why, line), tuple(cells))


def _ends_inside(text: str, inside: bool, delimiter: str) -> bool:
    """Whether a quote is still open at the end of a line of a row."""
    at = 0
    while True:
        if not inside and text.startswith('"', at):
            inside, at = True, at + 1
        while inside:
            at = text.find('"', at) + 1
            if not at:
                return True
            if text.startswith('"', at):
                at += 1
            else:
                inside = False
        at = text.find(delimiter, at) + 1
        if not at:
            return False
