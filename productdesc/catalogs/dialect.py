"""How a delimited file is written: its encoding, delimiter, line ends and quoting.

Found by looking, never by trusting a file's name. To read another delimiter: one character
in DELIMITERS.
"""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import CatalogError

DELIMITERS = ",;\t|"
"""Looked for in this order where two fit equally well."""

SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 100
EVIDENCE = 64  # characters beyond ASCII that settle UTF-8 or not

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = (
    (codecs.BOM_UTF32_LE, "is UTF-32 text; save it as UTF-8"),
    (codecs.BOM_UTF32_BE, "is UTF-32 text; save it as UTF-8"),
    (b"PK\x03\x04", "is a workbook or zip archive; save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook; save the sheet as CSV"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"%PDF", "is a PDF"),
    (b"PAR1", "is a Parquet file"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file's bytes become cells.

    encoding: Python codec name. newline: the line end of most rows. quotes_all: every
    cell is quoted, needed or not.
    """

    encoding: str
    bom: bytes
    delimiter: str
    newline: str
    quotes_all: bool


def detect(
    path: Path, file: BinaryIO, *, delimiter: str | None, encoding: str | None
) -> Dialect:
    """The dialect of an open file; raises `CatalogError` for what is no text at all."""
    bom, codec = _encoding(path, file, encoding)
    file.seek(len(bom))
    sample = file.read(SAMPLE_BYTES).decode(codec, "replace").lstrip("\r\n")
    if not sample:
        what = "holds nothing but a byte order mark" if bom else "is empty (0 bytes)"
        size = file.seek(0, 2)
        if size > len(bom):
            what = f"holds {size} bytes and none of them is text"
        raise CatalogError(f"{path}: {what}; it must begin with a row of column names")
    newline = _newline(sample)
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda d: _cells_of_first_row(sample, d, newline))
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"delimiter is one character, not {delimiter!r}")
    return Dialect(codec, bom, delimiter, newline, _quotes_all(sample, delimiter, newline))


def _encoding(path: Path, file: BinaryIO, encoding: str | None) -> tuple[bytes, str]:
    head = file.read(4096)
    for mark, why in _NOT_TEXT:
        if head.startswith(mark):
            raise CatalogError(f"{path}: {why}")
    bom, found = next(((b, c) for b, c in _BOMS if head.startswith(b)), (b"", ""))
    if encoding is not None:
        codec = _usable(encoding)
        if codec == "utf-16":
            codec = found if found.startswith("utf-16") else "utf-16-le"
        return (bom if codec == found else b""), codec
    if found:
        return bom, found
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) > len(head) // 5 and min(odd, even) <= len(head) // 50:
        return b"", "utf-16-le" if odd > even else "utf-16-be"
    return b"", _eight_bit(file)


def _usable(encoding: str) -> str:
    """The codec's own name; `ValueError` where rows cannot be cut out by bytes."""
    try:
        codec = codecs.lookup(encoding).name.removesuffix("-sig")
    except LookupError as e:
        raise ValueError(f"encoding {encoding!r} is not known to Python") from e
    ascii_text = "".join(map(chr, range(128)))
    if codec.startswith("utf-16") or ascii_text.encode(codec) == ascii_text.encode():
        return codec
    raise ValueError(f"encoding {encoding!r} does not hold ASCII as one byte a character")


def _eight_bit(file: BinaryIO) -> str:
    """UTF-8 unless most of what is not ASCII says otherwise; then cp1252.

    A file of UTF-8 with one row of another encoding stays UTF-8: that row is reported.
    """
    right = wrong = 0
    file.seek(0)
    rest = b""
    while (block := file.read(SAMPLE_BYTES)) and right + wrong < EVIDENCE:
        if block.isascii() and not rest:
            continue
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(rest + block)
        rest = decoder.getstate()[0]
        bad = text.count("\ufffd")
        right += sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        wrong += bad
    wrong += bool(rest)
    return "cp1252" if wrong > right else "utf-8"


def _newline(sample: str) -> str:
    """The line end of most rows; CR alone only where hardly anything else ends them."""
    outside = re.sub(r'"[^"]*"', "", sample)
    both, lf = outside.count("\r\n"), outside.count("\n")
    if outside.count("\r") - both > lf:
        return "\r"
    return "\r\n" if both * 2 > lf else "\n"


def _cells_of_first_row(sample: str, delimiter: str, newline: str) -> int:
    found, _ = spans(sample, delimiter, newline)
    return len(found) or sample.split(newline, 1)[0].count(delimiter) + 1


def _quotes_all(sample: str, delimiter: str, newline: str) -> bool:
    at = rows = 0
    while rows < SAMPLE_ROWS and at < len(sample):
        found, at = spans(sample, delimiter, newline, at)
        if not all(sample.startswith('"', a) for a, b in found if (a, b) != (at, at)):
            return False
        rows += 1
        if not found:
            break  # the sample may have cut this row short
    return rows > 0


_MARK = "\0"  # in no cell: a row with a control character is none


@functools.cache
def _cell(delimiter: str, newline: str) -> re.Pattern[str]:
    d = re.escape(delimiter)
    quotes = r'"[^"]*+(?:""[^"]*+)*+"'
    if newline == "\r":
        return re.compile(rf'({quotes}|(?!")[^{d}\r\n]*+)({d}|\r\n|\r|\n|\Z)')
    # Elsewhere a CR is a character like any other, but before the LF or the end.
    plain = rf'(?!")(?:[^{d}\r\n]++|\r(?!\r*(?:\n|\Z)))*+'
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


def quoted(text: str, dialect: Dialect, *, always: bool = False) -> str:
    """A cell as it is written: in quotes where it must be, or where all are."""
    if not (always or dialect.quotes_all):
        plain = text.isalnum() or not (
            '"' in text
            or dialect.delimiter in text
            or "\n" in text
            or "\r" in text
            or text != text.strip()
        )
        if plain:
            return text
    return '"' + text.replace('"', '""') + '"'


def row_bytes(cells: Sequence[str], dialect: Dialect) -> bytes:
    """A new row, its line end included; raises `UnicodeEncodeError`."""
    line = dialect.delimiter.join([quoted(cell, dialect) for cell in cells])
    return ((line or '""') + dialect.newline).encode(dialect.encoding)
