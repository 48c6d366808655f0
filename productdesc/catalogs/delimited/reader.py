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
from .held_lines import HeldLines
from .open_quote import OpenQuote
from .quoting import shown, unquoted

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
    """One pass over a file: physical lines in, rows and damage out."""

    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        dialect: Dialect,
        line: int,
        header: list[str] | None,
        *,
        max_row_bytes: int = MAX_ROW_BYTES,
    ) -> None:
        self.dialect = dialect
        self.header = header
        self.width = None if header is None else len(header)
        self.held = HeldLines(blocks_of(path, file, dialect, line), dialect, line)
        self.quote = OpenQuote(self.held, max_row_bytes)
        self.unreadable: dict[int, str] = {}
        self.in_damage = False  # within damage that was reported already

    def parts(self) -> Iterator[Row | MalformedRow]:
        held, width, header = self.held, self.width, self.header
        lines, most = held.lines, self.quote.most
        # of two files joined the second may begin with a byte order mark
        first = header[0] if header else None
        marked = f"\ufeff{first}"
        while True:
            at = base = held.at
            if (stop := self._stop()) == at:
                yield self._judged()
                continue
            reader = csv.reader(
                chain.from_iterable(self._texts(stop)),
                delimiter=self.dialect.delimiter,
                strict=True,
            )
            try:
                for cells in reader:
                    after, start = base + reader.line_num, at - held.first
                    if after == at + 1:
                        raw = lines[start]
                    else:
                        raw = b"".join(lines[start : start + after - at])
                        if len(raw) > most:
                            raise csv.Error
                    held.at = after
                    if held.has_text_cells:
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
                if not stop:
                    return
            except csv.Error:
                yield self._judged()

    def _is_header(self, cells: list[str]) -> bool:
        return self.header == [cells[0].removeprefix("\ufeff"), *cells[1:]]

    def _texts(self, stop: int) -> Iterator[Iterable[str]]:
        """The texts of the lines from `at` on; what cannot be read is put down as bad.

        stop: the line before which they end; 0: at the file's end.
        """
        held = self.held
        for number in count(held.at):
            if number == stop:
                return
            if number - held.first >= len(held.lines):
                break
            yield [self._text(held.raw(number), number)]
        for data, block in held.blocks:
            number = held.take(data, block)
            if held.waiting > self.quote.most:
                raise csv.Error  # so large is no row
            if b"\0" not in data.translate(_CONTROLS):
                try:
                    yield list(map(str, block, repeat(self.dialect.encoding)))
                    continue
                except UnicodeDecodeError:
                    pass  # find the line
            yield map(self._text, block, count(number))

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

    def _stop(self) -> int:
        """The line before which the csv module must stop, from `at` on; 0: nowhere.

        `at` itself: the row there is damaged, as is known of the lines behind an open
        quote. The module would read them all again to say so.
        """
        held, quote = self.held, self.quote
        at = held.at
        if not quote.knows(at):
            return 0
        first = held.end_of(at, is_open=False)
        if first.is_open:
            quote.follow(at)
            return 0 if quote.is_closed and first.is_sound and quote.is_sound else at
        return quote.next_quote(at)

    def _judged(self) -> Row | MalformedRow:
        """The row at `at`, which the csv module would not take."""
        held, quote = self.held, self.quote
        line, end = held.at, held.at + 1
        is_open, delimiters, is_sound = held.end_of(line, is_open=False)
        if is_open:
            quote.follow(line)
            if not quote.is_closed:
                limit = f" within {quote.most >> 20} MiB" if quote.is_cut else ""
                return self._given_up(f"a quote is opened and never closed{limit}")
            end, delimiters = quote.end, delimiters + quote.delimiters
            is_sound = is_sound and quote.is_sound
        if is_sound:
            text = "".join([self._text(held.raw(n), n) for n in range(line, end)])
            cells = shown([unquoted(text[a:b]) for a, b in held.spans(text)])
            held.at = end
            return self._doubted(Row(line, cells, held.raw(line, end)), end)
        why = "text follows a closing quote"
        # the stray quote may be above a row that is whole
        is_whole_below = is_open and quote.last_cells == self.width
        if is_whole_below or delimiters + 1 != self.width:
            return self._given_up(why)
        cells = quote.cells() if is_open else held.lenient_cells(line, end)[0]
        if len(cells) != self.width:
            return self._given_up(why)
        held.at = end
        problem = None if self.in_damage else Problem(f"line {line}", why, line)
        self.in_damage = False
        self.unreadable.clear()  # it is of this row, and not of the next one too
        return MalformedRow(line, held.raw(line, end), problem, tuple(cells))

    def _given_up(self, why: str) -> MalformedRow:
        """One physical line as damage; reading goes on after it."""
        line = self.held.at
        raw = self.held.raw(line)
        problem = None if self.in_damage else Problem(f"line {line}", why, line)
        self.held.at, self.in_damage = line + 1, True
        cells = self._text(raw, line).split(self.dialect.delimiter)
        self.unreadable.clear()
        return MalformedRow(line, raw, problem, tuple(cells))


def _repeated_header(line: int, cells: list[str], raw: bytes) -> MalformedRow:
    why = "repeats the header row, so it is no product; are these two files joined?"
    return MalformedRow(line, raw, Problem(f"line {line}", why, line), tuple(cells))
