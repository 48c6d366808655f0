"""CSV dialect: the encoding, delimiter, line ends and quoting of a delimited file.

Found by looking, never by trusting a file's name. To read another delimiter: one character
in DELIMITERS.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...errors import CatalogError
from ...text.suggest import did_you_mean
from .quoting import spans
from .signatures import refuse_binary

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
_HALVES = frozenset(
    ("shift_jis", "shift_jis_2004", "shift_jisx0213", "cp932", "gbk", "gb18030", "cp949",
     "johab", "big5", "big5hkscs", "cp950")
)  # fmt: skip
"""Encodings in which the second byte of a character may be one of ASCII."""
_NEVER_HALF = ",;\t"

_SOME = (
    *("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "iso8859-2", "mac-roman", "koi8-r"),
    *("shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"),
)
"""Encodings that catalogues come in."""

_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?[ ,;\t]*+(?:\r\n?|\n)', re.IGNORECASE)
"""Excel's first line, which names the delimiter and is no row."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file's bytes become cells, and cells become bytes.

    encoding: Python codec name. newline: the line end of most rows. quotes_all: every
    cell is quoted, needed or not.
    """

    encoding: str
    bom: bytes
    delimiter: str
    newline: str
    quotes_all: bool

    @property
    def narrow(self) -> str:
        """The encoding in which the file is cut up: UTF-16 is, as UTF-8."""
        return "utf-8" if self.encoding.startswith("utf-16") else self.encoding

    @property
    def cuts(self) -> bool:
        """Whether each byte that is the delimiter's, or a quote's, means it."""
        if self.encoding.startswith(("iso2022", "hz", "utf_7")):
            return False
        return self.delimiter in _NEVER_HALF or self.encoding not in _HALVES

    def quoted(self, text: str, *, always: bool = False) -> str:
        """A cell as it is written: in quotes where it must be, or where all are."""
        if not (always or self.quotes_all):
            plain = text.isalnum() or not (
                '"' in text
                or self.delimiter in text
                or "\n" in text
                or "\r" in text
                or text != text.strip()
            )
            if plain:
                return text
        return '"' + text.replace('"', '""') + '"'

    def row(self, cells: Sequence[str]) -> bytes:
        """A new row, its line end included; raises `UnicodeEncodeError`."""
        line = self.delimiter.join([self.quoted(cell) for cell in cells])
        return ((line or '""') + self.newline).encode(self.encoding)


def detect_dialect(
    path: Path, file: BinaryIO, *, delimiter: str | None, encoding: str | None
) -> Dialect:
    """The dialect of an open file; raises `CatalogError` for what is no text at all."""
    bom, codec = _encoding(path, file, encoding)
    file.seek(len(bom))
    sample = file.read(SAMPLE_BYTES).decode(codec, "replace").lstrip("\r\n")
    named, sample = _separator(sample)
    if not sample:
        what = "holds nothing but a byte order mark" if bom else "is empty (0 bytes)"
        size = file.seek(0, 2)
        if size > len(bom):
            what = f"holds {size} bytes and none of them is text"
        raise CatalogError(f"{path}: {what}; it must begin with a row of column names")
    newline = _newline(sample)
    if delimiter is None:
        delimiter = named or max(
            DELIMITERS, key=lambda d: _cells_of_first_row(sample, d, newline)
        )
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"delimiter is one character and no quote, not {delimiter!r}")
    try:
        delimiter.encode(codec)
    except UnicodeEncodeError as e:
        raise ValueError(f"delimiter {delimiter!r} is not in the encoding {codec}") from e
    return Dialect(codec, bom, delimiter, newline, _quotes_all(sample, delimiter, newline))


def _separator(sample: str) -> tuple[str, str]:
    """The delimiter that the first line names, if the next has it; the lines below."""
    if not (line := _SEPARATOR.match(sample)):
        return "", sample
    below = sample[line.end() :].lstrip("\r\n")
    known = line[1] in below.split("\n", 1)[0] and line[1].isprintable()
    return line[1] if known or line[1] == "\t" else "", below


def is_separator_line(raw: bytes, encoding: str) -> bool:
    """Whether a file's first row is Excel's "sep=;", which is no row."""
    text = raw.decode(encoding, "replace").lstrip("\r\n")
    return bool(_SEPARATOR.fullmatch(text.rstrip("\r\n") + "\n"))


def _encoding(path: Path, file: BinaryIO, encoding: str | None) -> tuple[bytes, str]:
    head = refuse_binary(path, file)
    mark, found = next(((b, c) for b, c in _BOMS if head.startswith(b)), (b"", ""))
    size = len(mark)
    while mark and head.startswith(mark, size):  # as two programs write one each
        size += len(mark)
    bom = head[:size]
    if encoding is not None:
        codec = _usable(encoding)
        if codec == "utf-16":
            codec = found if found.startswith("utf-16") else "utf-16-le"
        return (bom if codec == found else b""), codec
    if found:
        return bom, found
    return b"", _utf_16(head) or _eight_bit(file)


def _utf_16(head: bytes) -> str:
    """The UTF-16 that text without a byte order mark is in; "" where it is in none.

    NUL bytes stand at every other place, of many letters or of the line ends at least.
    """
    odd, even = head[1::2].count(0), head[::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if max(odd, even) > len(head) // 5 and min(odd, even) <= len(head) // 50:
        return codec
    newlines = ("\n".encode(codec), "\r".encode(codec))
    ends = sum(head[at : at + 2] in newlines for at in range(0, len(head), 2))
    has_ends = ends and ends == sum(map(head.count, newlines))
    return codec if has_ends and not min(odd, even) else ""


def _usable(encoding: str) -> str:
    """The codec's own name; `ValueError` where rows cannot be cut out by bytes."""
    ascii_text = "".join(map(chr, range(128)))
    try:
        codec = codecs.lookup(encoding).name.removesuffix("-sig")
        is_usable = codec.startswith("utf-16") or (
            ascii_text.encode(codec) == ascii_text.encode()
        )
    except LookupError as e:
        hint = did_you_mean(encoding, _SOME)
        raise ValueError(
            f"encoding {encoding!r} is not known; known are {', '.join(_SOME)}, and others "
            f"that Python has{hint}"
        ) from e
    except (UnicodeError, ValueError):
        is_usable = False
    if is_usable:
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
