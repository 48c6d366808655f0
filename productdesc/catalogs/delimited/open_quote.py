"""Open quotes: how far a row goes whose first line ends within quotes.

Where a quote is open at the end of a line, all that follows is told by the lines behind
it, wherever the row began. So they are looked through once for all the rows that may begin
at one of them: a file of broken quotes takes no longer than another.
"""

from __future__ import annotations

from dataclasses import dataclass

from .held_lines import HeldLines
from .quoting import LineEnd


@dataclass(slots=True)
class OpenQuote:
    """The lines `start` to `end`, each of which but the last ends within quotes.

    delimiters: outside quotes, behind the line `start`. is_closed: the last line ends
    outside quotes; alone it is a row of `last_cells`. is_cut: with one line more it would
    be more than a row may have, which is `most` bytes.
    """

    held: HeldLines
    most: int
    start: int = 0
    end: int = 0
    delimiters: int = 0
    is_closed: bool = False
    is_cut: bool = False
    last_cells: int = 0
    _plain: int = 0  # no line above it, down from where was asked, has a quote
    _size: int = 0  # of the lines, in bytes
    _torn: int = 0  # the last line where text follows a closing quote
    _refused: int = 0  # the csv module would take no row that begins above this line

    def knows(self, line: int) -> bool:
        """Whether it is known what follows where this line ends within quotes."""
        return line < self.end - self.is_closed

    def follow(self, line: int) -> None:
        """Go to the end of the row of a line that ends within quotes."""
        held = self.held
        if not self.knows(line):
            self.start, self.end, self._size = line, line + 1, len(held.raw(line))
            self.delimiters = self._torn = self._refused = self.last_cells = 0
            self.is_closed = self.is_cut = False
            self._plain = 0
        while self.start < line:
            self._size -= len(held.raw(self.start))
            self.start += 1
            self.delimiters -= self._parts(self.start)
        while not self.is_closed and held.reach(self.end):
            raw = held.raw(self.end)
            self.is_cut = self._size + len(raw) > self.most
            if self.is_cut:
                break
            if b'"' in raw:  # else it ends within quotes as it began
                self._close(held.end_of(self.end, is_open=True))
            self._size += len(raw)
            self.end += 1

    def _close(self, end: LineEnd) -> None:
        """Note what the line `end` comes to, which may close the quote."""
        self.delimiters += end.delimiters
        if not end.is_sound:
            self._torn = self.end
        if not end.is_open:
            self.is_closed = True
            self.last_cells = len(self.held.spans(self.held.text(self.end)))

    def next_quote(self, line: int) -> int:
        """The next line below that has a quote, or of which nothing is known."""
        number = max(line + 1, self._plain)
        while self.knows(number) and b'"' not in self.held.raw(number):
            number += 1
        self._plain = number
        return number

    @property
    def is_sound(self) -> bool:
        """Whether no text follows a closing quote behind the line `start`."""
        return self._torn <= self.start

    def cells(self) -> list[str]:
        """The cells of the row as the csv module has them; none where it has none."""
        if self.start < self._refused:
            return []
        cells, lines = self.held.lenient_cells(self.start, self.end)
        if not cells:
            # none either for a row that begins above the cell where the module stopped
            line = self.start + lines - 2
            while line > self.start and not self._parts(line):
                line -= 1
            self._refused = line
        return cells

    def _parts(self, line: int) -> int:
        """The delimiters outside quotes of a line that begins within them."""
        if b'"' not in self.held.raw(line):
            return 0
        return self.held.end_of(line, is_open=True).delimiters
