"""Blocks of whole lines: how a delimited file comes off the disk, in any encoding."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ...errors import CatalogError
from .dialect import Dialect

BLOCK_BYTES = 1 << 18
MAX_ROW_BYTES = 32 << 20
"""A larger row is reported: it is nearly always a quote that was never closed."""


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
