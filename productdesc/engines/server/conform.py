"""Replies made to conform to their schema: compact, keys in its order, whole.

A whole reply is parsed and written again under the grammar; one that was cut keeps its
beginning and is closed as the local engine closes one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llguidance import LLMatcher

from ...text.printable import quoted
from ..structured.close import close
from ..structured.compile import BYTES
from .response_format import RequestSchema


@dataclass(frozen=True, slots=True)
class Conformed:
    """A reply that fits. `model_chars` as in `Answer`; `closing` are bytes."""

    text: str
    model_chars: int | None = None
    closing: int = 0


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a reply does not fit."""

    reason: str


def conform(reply: str, schema: RequestSchema) -> Conformed | Misfit:
    """A whole reply as it should have been written; free text as it is."""
    if not schema.sent:
        return Conformed(reply)
    try:
        # not strict: xgrammar and llama-cpp-python let raw control characters into texts
        value = json.loads(
            reply, object_pairs_hook=_once, parse_constant=_no_number, strict=False
        )
    except (ValueError, RecursionError) as e:
        return Misfit(f"is not JSON ({e}): {shown(reply)}")
    writer = _Writer(schema)
    try:
        writer.value(value)
    except _DoesNotFit as e:
        return Misfit(f"does not fit the schema: {e}")
    if not writer.matcher.is_accepting():
        return Misfit(f"does not fit the schema, it ends too early: {shown(reply)}")
    return Conformed(writer.data.decode("utf-8"))


def conform_cut(reply: str, schema: RequestSchema) -> Conformed | Misfit:
    """A reply that was cut, closed by the shortest way that the schema allows.

    Free text stays as it is. Raises `OutputError` where there is no such way.
    """
    if not schema.sent:
        return Conformed(reply, len(reply))
    try:
        start = _compact(reply)
    except ValueError as e:
        return Misfit(f"is not the beginning of JSON ({e}): {shown(reply)}")
    matcher, data = schema.start(), start.encode("utf-8", "surrogatepass")
    good = matcher.try_consume_tokens(list(data))
    if good < len(data):
        return Misfit(f"was cut and does not fit the schema: {_place(data, good)}")
    closing = bytes(close(matcher, BYTES, bytes, data))
    return Conformed((data + closing).decode("utf-8"), len(start), len(closing))


def shown(text: str) -> str:
    """The beginning of a server's text, as it may be printed."""
    return quoted(text, "value")


# ---- whole replies ----------------------------------------------------------------------


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is said twice")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


class _DoesNotFit(Exception):
    """At this place, in words."""


class _Writer:
    """Writes a value as the grammar wants it: no spaces, keys where they may stand."""

    def __init__(self, schema: RequestSchema) -> None:
        self.matcher: LLMatcher = schema.start()
        self.data = b""
        self._order = schema.order

    def value(self, value: Any) -> None:
        match value:
            case dict():
                self._object(value)
            case list():
                self._put("[")
                for number, inner in enumerate(value):
                    if number:
                        self._put(",")
                    self.value(inner)
                self._put("]")
            case _:
                self._put(_json(value))

    def _object(self, value: Mapping[str, Any]) -> None:
        self._put("{")
        last = len(self._order)
        waiting = sorted(value, key=lambda name: self._order.get(name, last))
        comma = ""
        while waiting:
            texts = [f"{comma}{_json(name)}:" for name in waiting]
            place = next((i for i, text in enumerate(texts) if self._may(text)), 0)
            self._put(texts[place])
            self.value(value[waiting.pop(place)])
            comma = ","
        self._put("}")

    def _may(self, text: str) -> bool:
        piece = text.encode("utf-8", "surrogatepass")
        good = int(self.matcher.try_consume_tokens(list(piece)))
        self.matcher.rollback(good)
        return good == len(piece)

    def _put(self, text: str) -> None:
        piece = text.encode("utf-8", "surrogatepass")
        good = self.matcher.try_consume_tokens(list(piece))
        if good < len(piece):
            raise _DoesNotFit(_place(self.data + piece, len(self.data) + good))
        self.data += piece


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _place(data: bytes, good: int) -> str:
    before = data[:good].decode("utf-8", "ignore")
    after = data[good:].decode("utf-8", "replace")
    return f"after {shown(before[-40:])} it says {shown(after)}"


# ---- cut replies ------------------------------------------------------------------------

# The whole characters of a JSON string: no half escape, no half of a surrogate pair.
_WHOLE = re.compile(
    r"(?:[^\"\\]"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u(?![dD][89abAB])[0-9a-fA-F]{4}"
    r"|\\[^u])*"
)


_LONGEST_HALF = 11  # characters: of a pair of \\uXXXX, all but the last


def _compact(text: str) -> str:
    """The beginning of a JSON text without spaces, its strings spelt in one way.

    An escape that the cut fell into is dropped. `ValueError` for a string that is none.
    """
    parts: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == '"':
            inside = _WHOLE.match(text, at)
            assert inside  # it matches the empty text
            at = inside.end()
            spelt = _json(json.loads(f'"{inside[0]}"', strict=False))
            if at < len(text) and text[at] == '"':
                parts.append(spelt)
                at += 1
                continue
            if len(text) - at > _LONGEST_HALF:
                raise ValueError("a broken escape")
            parts.append(spelt[:-1])
            break
        elif char not in " \t\r\n":
            parts.append(char)
    return "".join(parts)
