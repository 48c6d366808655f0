"""Reader of delimited text: one pass, physical lines in, rows and damage out.

Parsed by the csv module; a row that the module cannot take (malformed, or with a cell
over `csv.field_size_limit`, which belongs to the whole process and stays untouched) is
judged here instead.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count, repeat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ...errors import CatalogError
from ..protocol import Problem
from .dialect import Dialect
from .quoting import spans, unquoted

BLOCK_BYTES = 1 << 18
MAX_ROW_BYTES = 32 << 20
"""A larger row is reported: it is nearly always a quote that was never closed."""

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
        self, path: Path, file: BinaryIO, dialect: Dialect, line: int, width: int | None
    ) -> None:
        self.dialect = dialect
        self.width = width
        self.blocks = blocks_of(path, file, dialect, line)
        self.lines: list[bytes] = []
        self.first = self.at = line
        self.unreadable: dict[int, str] = {}
        self.in_damage = False  # within damage that was reported already

    def parts(self) -> Iterator[Row | MalformedRow]:
        lines, width = self.lines, self.width
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
                    if len(cells) == width and not self.unreadable:
                        self.in_damage = False
                        yield Row(at, cells, raw)
                    else:
                        yield self._doubted(Row(at, cells, raw), after)
                    at = after
                return
            except csv.Error:
                yield self._judged()

    def _texts(self) -> Iterator[Iterable[str]]:
        """The texts of the lines from `at` on; what cannot be read is put down as bad."""
        for number in count(self.at):
            if number - self.first >= len(self.lines):
                break
            yield [self._text(self.lines[number - self.first], number)]
        for data, block in self.blocks:
            number = self._take(block)
            if b"\0" not in data.translate(_CONTROLS):
                try:
                    yield list(map(str, block, repeat(self.dialect.encoding)))
                    continue
                except UnicodeDecodeError:
                    pass  # find the line
            yield map(self._text, block, count(number))

    def _take(self, block: list[bytes]) -> int:
        """Hold a block's lines, let go of those given; the number of its first line."""
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
                self._take(block[1])
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
            row = Row(line, [unquoted(text[a:b]) for a, b in found], raw)
            return self._doubted(row, self.at)
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


def blocks_of(
    path: Path, file: BinaryIO, dialect: Dialect, line: int
) -> Iterator[tuple[bytes, list[bytes]]]:
    """Blocks of whole lines, ends included: all text of each, then its lines.

    The text is in one byte a character or UTF-8, whatever the encoding.
    """
    wide = dialect.encoding.startswith("utf-16")
    narrow = _as_utf8(file, dialect.encoding) if wide else _plain(file)
    pending: list[bytes] = []
    size = 0
    for block in narrow:
        pending.append(block)
        size += len(block)
        if b"\n" not in block and (dialect.newline != "\r" or b"\r" not in block):
            if size > MAX_ROW_BYTES:
                raise CatalogError(
                    f"{path}: line {line} is longer than {MAX_ROW_BYTES >> 20} MiB"
                )
            continue
        data = b"".join(pending)
        lines = _split(data, dialect)
        # A CR at the very end may be half of a CRLF.
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        pending, size = [rest], len(rest)
        if lines:
            line += len(lines)
            data = data[: len(data) - len(rest)]
            yield data, _encoded(lines, dialect.encoding) if wide else lines
    if rest := b"".join(pending):
        lines = _split(rest, dialect)
        yield rest, _encoded(lines, dialect.encoding) if wide else lines


def _split(data: bytes, dialect: Dialect) -> list[bytes]:
    if dialect.newline == "\r":
        return data.splitlines(keepends=True)
    return io.BytesIO(data).readlines()


def lines_in(raw: bytes, dialect: Dialect) -> int:
    """How many physical lines some bytes of a file are."""
    return len(_split(raw.decode(dialect.encoding).encode(), dialect))


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _as_utf8(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8, so that line ends are single bytes; lone surrogates survive."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    while block := file.read(BLOCK_BYTES):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    rest = decoder.getstate()[0]
    if rest:
        raise CatalogError(f"{file.name}: ends in the middle of a {encoding} character")


def _encoded(lines: list[bytes], encoding: str) -> list[bytes]:
    return [
        line.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")
        for line in lines
    ]
