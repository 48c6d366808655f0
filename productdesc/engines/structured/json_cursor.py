"""JSON cursor: at which JSON pointer (RFC 6901) a reply stands, byte by byte."""

from __future__ import annotations

import json

from ...text.json_pointer import json_pointer

_BREAKS = b",:{}[]"
_SPACE = b" \n\r\t"


class JsonCursor:
    """Follows the JSON of objects and lists; what it reads must be well formed."""

    def __init__(self) -> None:
        self._path: list[str | int] = []  # keys and places down to the present value
        self._objects: list[bool] = []  # open containers: whether each is an object
        self._key = b""
        self._in_key = self._in_text = self._in_escape = False
        self._is_value = True  # whether a value comes next, or goes on

    @property
    def pointer(self) -> str | None:
        """Of the value that comes next or goes on; None between values and in keys."""
        if not self._is_value:
            return None
        return json_pointer(self._path)

    def read(self, byte: int) -> str | None:
        """Read one byte; the pointer of the simple value that it is part of, if any."""
        if self._in_text or self._in_key:
            return self._text(byte)
        if byte == ord('"'):
            if not self._is_value:
                self._in_key, self._key = True, b""
                return None
            self._in_text = True
            return self.pointer
        if byte in _BREAKS:
            self._break(byte)
        return None if byte in _BREAKS or byte in _SPACE else self.pointer

    def _text(self, byte: int) -> str | None:
        pointer = self.pointer if self._in_text else None
        is_end = byte == ord('"') and not self._in_escape
        self._in_escape = byte == ord("\\") and not self._in_escape
        if self._in_key and not is_end:
            self._key += bytes([byte])
        if is_end:
            if self._in_key:
                self._path.append(_unquoted(self._key))
            else:
                self._is_value = False
            self._in_text = self._in_key = False
        return pointer

    def _break(self, byte: int) -> None:
        if byte == ord(":"):
            self._is_value = True
        elif byte in b"{[":
            self._objects.append(byte == ord("{"))
            self._is_value = byte == ord("[")
            if self._is_value:
                self._path.append(0)
        elif byte in b"}]":
            self._objects.pop()
            del self._path[len(self._objects) :]  # an empty object has added no key
            self._is_value = False
        elif self._objects[-1]:
            self._path.pop()
            self._is_value = False
        else:
            self._path[-1] = int(self._path[-1]) + 1
            self._is_value = True


def _unquoted(key: bytes) -> str:
    return str(json.loads(b'"' + key + b'"'))
