"""JSON lines off the disk: each line of a file, or each element of a JSON array.

In UTF-8, or in UTF-16 with a byte order mark. One element is in memory at a time. What one
of them holds is told by `json_object`, also of lines that come from a shop.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import CatalogError
from ...text.printable import quoted, words_of
from .signatures import as_ascii, refuse_binary

MAX_LINE_BYTES = 4 << 20
"""Of a line or an element; a longer one is a problem."""

_CHUNK = 1 << 18
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("|\\?\Z)|[{}\[\],]', re.DOTALL)
"""A string, whose end is a group, or a mark between values."""


class BadLine(ValueError):
    """A line that cannot be used; the message is the reason, for a person."""


def json_object(
    line: bytes,
    *,
    most: int = MAX_LINE_BYTES,
    max_depth: int = 0,
    unique_keys: bool = False,
) -> dict[str, Any] | None:
    """The object of a line; None for an empty one. Raises `BadLine`.

    most: bytes that it may have. max_depth: of objects and lists within others; 0: as deep
    as can be parsed. unique_keys: refuse an object with a key twice, where else the last
    counts.
    """
    if len(line) > most:
        raise BadLine(f"is longer than {most} bytes, so it was left out")
    if max_depth and _is_deeper(line, max_depth):
        raise BadLine(f"is nested over {max_depth} levels deep")
    try:
        text = line.decode("utf-8-sig").strip()
        if not text:
            return None
        value = strict_json(text, unique_keys=unique_keys)
        if _SURROGATE.search(line):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as e:
        reason = str(e) if isinstance(e, ValueError) else "nested too deep"
        raise BadLine(f"is no JSON: {words_of(reason)}") from e
    if not isinstance(value, dict):
        kind = "null" if value is None else f"a {type(value).__name__}"
        raise BadLine(f"holds {kind}, not an object")
    return value


def strict_json(text: str, *, unique_keys: bool = False) -> Any:
    """The value of a JSON text; NaN and the infinities, which Python takes, are none.

    Raises `json.JSONDecodeError` for what is no JSON, another `ValueError` for a value of
    it that cannot be used, and `RecursionError`.
    """
    pairs = _unique if unique_keys else None
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"the key {quoted(key, 'name')} is in one object twice")
        made[key] = value
    return made


def _is_deeper(line: bytes, levels: int) -> bool:
    depth = 0
    if line.count(b"[") + line.count(b"{") > levels:  # which is rare, and quick to see
        for token in _TOKEN.finditer(line):
            depth += (token[0] in b"[{") - (token[0] in b"]}")
            if depth > levels:
                return True
    return False


def json_elements(text: bytes) -> Iterator[bytes]:
    """The elements of a JSON array in memory, each unparsed, of any size."""
    file = io.BytesIO(text)
    for _, element in array_elements(lambda _: file.read(), len(text)):
        yield element


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
                yield from array_elements(source.read)
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


def array_elements(
    read: Callable[[int], bytes], most: int = MAX_LINE_BYTES
) -> Iterator[tuple[int, bytes]]:
    """The elements of an array; what follows its end, or is never closed, comes as one.

    Of one that is longer than `most` only its begin is held.
    """
    buffer = head = b""  # head: the begin of an element of which a part was let go
    start = scanned = depth = gone = 0
    line = 1
    while chunk := read(_CHUNK):
        buffer += chunk
        for token in _TOKEN.finditer(buffer, scanned):
            mark, scanned = token[0], token.end()
            if mark[:1] == b'"' and token[1] != b'"':
                scanned = token.start()  # the rest of this string is not read yet
                break
            depth += (mark in b"[{") - (mark in b"]}")
            opens, closes = depth == 1 and mark == b"[", depth == 0 and mark == b"]"
            if opens or closes or (depth == 1 and mark == b","):
                piece = head + buffer[start : token.start()]
                if not opens and (element := piece.lstrip()):
                    before = len(piece) - len(element)
                    yield line + piece.count(b"\n", 0, before), element[: most + 1]
                line += gone + buffer.count(b"\n", start, token.start())
                start, head, gone = token.end(), b"", 0
        buffer, scanned, start = buffer[start:], scanned - start, 0
        if len(buffer) > most and not head:
            before = len(buffer) - len(buffer.lstrip())
            line += buffer.count(b"\n", 0, before)
            buffer, scanned = buffer[before:], max(0, scanned - before)
        if len(buffer) > most:
            head = head or buffer[: most + 1]
            rest = _shortened(buffer[scanned:], most)
            gone += buffer.count(b"\n") - rest.count(b"\n")
            buffer, scanned = rest, 0
    if rest := (head or buffer).lstrip():
        yield line, rest[: most + 1]


def _shortened(text: bytes, most: int) -> bytes:
    """What is not read to its end, as short as it may be to go on alike."""
    if len(text) <= most:
        return text
    if not text.startswith(b'"'):
        return b""
    slashes = len(text) - len(text.rstrip(b"\\"))
    return b'"' + b"\\" * (slashes % 2)
