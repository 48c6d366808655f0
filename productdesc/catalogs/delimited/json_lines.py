"""JSON lines off the disk: each line of a file, or each element of a JSON array.

In UTF-8, or in UTF-16 with a byte order mark. One element is in memory at a time.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ...errors import CatalogError
from .signatures import as_ascii, refuse_binary

MAX_LINE_BYTES = 4 << 20
"""Of a line or an element; a longer one is a problem."""

_CHUNK = 1 << 18
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)


def json_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line or element and the number of its line, from 1, in UTF-8.

    Of one that is longer than MAX_LINE_BYTES comes only so much that it shows. Raises
    `CatalogError` for a file that cannot be read, or is one JSON object over many lines.
    """
    try:
        with path.open("rb") as file:
            # a pipe is read once, so it is taken for what it was called
            head = refuse_binary(path, file) if path.is_file() else b""
            text = as_ascii(head)
            is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            source = _Wide(file) if is_wide else file
            if text.startswith("["):
                yield from _elements(source.read)
                return
            if text.partition("\n")[0].strip() == "{":
                raise CatalogError(
                    f"{path}: is one JSON document over many lines, not an object a line; "
                    f"write one as `jq -c '.products[]' {path.name} > products.jsonl` does"
                )
            yield from _lines(source.readline)
    except UnicodeError as e:
        raise CatalogError(f"{path}: ends in the middle of a UTF-16 character") from e
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e


class _Wide:
    """A file in UTF-16 as UTF-8; sizes are of characters."""

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, "utf-16", "surrogatepass", newline="\n")

    def read(self, size: int) -> bytes:
        return self._text.read(size).encode("utf-8", "surrogatepass")

    def readline(self, size: int) -> bytes:
        return self._text.readline(size).encode("utf-8", "surrogatepass")


def _lines(readline: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := readline(MAX_LINE_BYTES + 1):
        number += 1
        yield number, line
        while line and not line.endswith(b"\n") and len(line) > MAX_LINE_BYTES:
            line = readline(MAX_LINE_BYTES + 1)


def _elements(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    """The elements of an array; what follows its end, or is never closed, comes as one."""
    buffer = b""
    start = scanned = depth = 0
    line = 1
    while chunk := read(_CHUNK):
        buffer += chunk
        for token in _TOKEN.finditer(buffer, scanned):
            mark, scanned = token[0], token.end()
            if mark[:1] == b'"' and (len(mark) == 1 or mark[-1:] != b'"'):
                scanned = token.start()  # the rest of this string is not read yet
                break
            depth += (mark in b"[{") - (mark in b"]}")
            opens, closes = depth == 1 and mark == b"[", depth == 0 and mark == b"]"
            if opens or closes or (depth == 1 and mark == b","):
                piece = buffer[start : token.start()]
                if not opens and piece.strip():
                    before = len(piece) - len(piece.lstrip())
                    yield line + piece.count(b"\n", 0, before), piece[: MAX_LINE_BYTES + 1]
                line += piece.count(b"\n")
                start = token.end()
        buffer, scanned, start = buffer[start:], scanned - start, 0
        if len(buffer) > MAX_LINE_BYTES:
            break  # an element that never ends
    if buffer.strip():
        yield line, buffer[: MAX_LINE_BYTES + 1]
