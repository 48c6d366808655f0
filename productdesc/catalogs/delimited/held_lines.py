"""Held lines: physical lines of a delimited file that no row was made of yet."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from .dialect import Dialect
from .quoting import LineEnd, has_text_cells, line_end, spans


class HeldLines:
    """Lines that were read and are not done with, by their numbers from 1.

    `at` is the number of the line where the next row begins, `first` that of the first of
    `lines`. `waiting`: bytes of the row at `at` when the last block was read. Has
    `has_text_cells`, as ="00123", where what was read so far may hold some.
    """

    def __init__(
        self, blocks: Iterator[tuple[bytes, list[bytes]]], dialect: Dialect, line: int
    ) -> None:
        self.blocks = blocks
        self.lines: list[bytes] = []
        self.first = self.at = line
        self.waiting = self._size = 0
        self.has_text_cells = False
        self._dialect = dialect
        self._delimiter = dialect.delimiter.encode(dialect.narrow)

    def take(self, data: bytes, block: list[bytes]) -> int:
        """Hold a block's lines, let go of those above `at`; the number of its first."""
        if not self.has_text_cells:
            self.has_text_cells = has_text_cells(data, self._delimiter)
        done = self.at - self.first
        self.waiting = self._size - sum(map(len, self.lines[:done]))
        self._size = self.waiting + sum(map(len, block))
        del self.lines[:done]
        self.first = self.at
        number = self.first + len(self.lines)
        self.lines.extend(block)
        return number

    def reach(self, number: int) -> bool:
        """Read on to a line; whether the file has it."""
        while number - self.first >= len(self.lines):
            if (block := next(self.blocks, None)) is None:
                return False
            self.take(*block)
        return True

    def raw(self, line: int, end: int = 0) -> bytes:
        """The bytes of a line, or of all from it to before `end`."""
        start = line - self.first
        return (
            b"".join(self.lines[start : start + end - line]) if end else self.lines[start]
        )

    def text(self, number: int) -> str:
        """A line's text, whatever is wrong with it."""
        return self.raw(number).decode(self._dialect.encoding, "replace")

    def end_of(self, number: int, *, is_open: bool) -> LineEnd:
        """What a line comes to that begins within quotes, or outside."""
        return line_end(self.text(number), self._dialect.delimiter, is_open=is_open)

    def lenient_cells(self, line: int, end: int) -> tuple[list[str], int]:
        """The cells of the row at a line, read not strictly, and how many lines it has.

        None where the csv module stops; then it stopped in the last of so many lines.
        """
        texts = map(self.text, range(line, end))
        reader = csv.reader(texts, delimiter=self._dialect.delimiter)
        try:
            return next(reader), reader.line_num
        except csv.Error:
            return [], reader.line_num

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The cells of a row; none where it is not well quoted."""
        return spans(text, self._dialect.delimiter, self._dialect.newline)[0]
