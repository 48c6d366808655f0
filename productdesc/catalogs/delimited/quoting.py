"""CSV quoting: where the cells of a row begin and end, and their text unquoted.

Rows are cut here as a program that has written them means them: a quote doubles within
quotes, and delimiters and line ends there are text.
"""

import functools
import re
from typing import NamedTuple

_MARK = "\0"  # in no cell: a row with a control character is none


@functools.cache
def _cell(delimiter: str, newline: str) -> re.Pattern[str]:
    d = re.escape(delimiter)
    quotes = r'"[^"]*+(?:""[^"]*+)*+"'
    if newline == "\r":
        return re.compile(rf'({quotes}|(?!")[^{d}\r\n]*+)({d}|\r\n|\r|\n|\Z)')
    # Elsewhere a CR is a character like any other, but before the LF or the end.
    plain = rf'(?!")(?:[^{d}\r\n]++|\r++(?!\n|\Z))*+'
    return re.compile(rf"({quotes}|{plain})({d}|\r*\n|\r*\Z)")


def spans(
    text: str, delimiter: str, newline: str, at: int = 0
) -> tuple[list[tuple[int, int]], int]:
    """Where each cell of the row at `at` stands, its quotes included, and the row's end.

    No cells at all where the row is not well quoted.
    """
    match = _cell(delimiter, newline).match
    found: list[tuple[int, int]] = []
    while cell := match(text, at):
        found.append(cell.span(1))
        at = cell.end()
        if cell[2] != delimiter:
            return found, at
    return [], at


class LineEnd(NamedTuple):
    """What one physical line of a row comes to.

    is_open: a quote is open at its end. delimiters: those outside quotes. is_sound: no
    text follows a closing quote.
    """

    is_open: bool
    delimiters: int
    is_sound: bool


def line_end(text: str, delimiter: str, *, is_open: bool) -> LineEnd:
    """The end of a line. is_open: of whether a quote is open where the line begins.

    Text behind a closing quote goes on to the next delimiter, as in the csv module.
    """
    at = delimiters = 0
    is_sound = True
    while True:
        if not is_open and text.startswith('"', at):
            is_open, at = True, at + 1
        is_quoted = is_open
        while is_open:
            at = text.find('"', at) + 1
            if not at:
                return LineEnd(True, delimiters, is_sound)
            if text.startswith('"', at):
                at += 1
            else:
                is_open = False
        end = text.find(delimiter, at)
        if is_quoted and end != at and (end >= 0 or text[at:].strip("\r\n")):
            is_sound = False
        if end < 0:
            return LineEnd(False, delimiters, is_sound)
        at, delimiters = end + 1, delimiters + 1


def raw_cells(row: str, delimiter: str) -> list[str]:
    """The cells of one row that is well quoted, as they stand; its line end is in the last.

    What `spans` says of the row, without looking at each character in turn.
    """
    if '"' not in row:
        return row.split(delimiter)
    if cells := _cut_at_quotes(row, delimiter):
        return cells
    pieces = row.split(delimiter)
    cells = []
    quoted: list[str] = []  # of a cell in quotes with delimiters in it
    for piece in pieces:
        odd = '"' in piece and piece.count('"') % 2 == 1
        if quoted:
            quoted.append(piece)
            if odd:
                cells.append(delimiter.join(quoted))
                quoted = []
        elif odd and piece.startswith('"'):
            quoted = [piece]
        else:
            cells.append(piece)
    return cells


def _cut_at_quotes(row: str, delimiter: str) -> list[str]:
    """The cells where all quotes enclose cells, or stand for one within; else none.

    Without a loop over the cells, of which a row has many and few in quotes.
    """
    pieces = row.split('"')
    outside = pieces[::2]
    apart = (
        len(pieces) % 2
        and _MARK not in row
        and all([not one or one.startswith(delimiter) for one in outside[1:]])
        and all([not one or one.endswith(delimiter) for one in outside[:-1]])
    )
    if not apart:
        return []
    pieces[::2] = [one.replace(delimiter, _MARK) for one in outside]
    return '"'.join(pieces).split(_MARK)


def unquoted(cell: str) -> str:
    """What a cell says, its quotes taken off."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def has_text_cells(data: bytes, delimiter: bytes) -> bool:
    """Whether rows may hold ="00123", which tells a spreadsheet that a cell is text."""
    if b"=" not in data or b'="' not in data:  # as in most files, and quick to see
        return False
    marks = (b'"=""', delimiter + b'="', b'\n="', b'\r="')
    return data.startswith(b'="') or any(mark in data for mark in marks)


def shown(cells: list[str]) -> list[str]:
    """The cells as a spreadsheet shows them: ="00123" says 00123."""
    return [
        cell[2:-1].replace('""', '"')
        if len(cell) > 2 and cell[:2] == '="' and cell[-1] == '"'
        else cell
        for cell in cells
    ]
