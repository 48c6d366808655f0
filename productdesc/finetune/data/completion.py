"""Completions: answers as JSON, and which parts of them nobody knows to be right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Untaught:
    """A value that stands in an answer and is not taught: the shop's data is silent."""

    value: Any


class Completion(NamedTuple):
    """An answer as compact JSON, and the spans of it, in characters, that get no loss."""

    text: str
    untaught: tuple[Span, ...] = ()

    @property
    def teaches(self) -> bool:
        """Whether anything but its JSON marks is left to learn."""
        taught = list(self.text)
        for start, end in self.untaught:
            taught[start:end] = [""] * (end - start)
        return any(char.isalnum() for char in _values_only(self.text, taught))


def completion(value: Any) -> Completion:
    """An answer as it is written, byte for byte as the engines close theirs."""
    text, spans = "", []
    for part, is_taught in _parts(value, taught=True):
        if not is_taught:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return Completion(text, tuple(spans))


def plain(value: Any) -> Any:
    """The answer as a JSON value."""
    if isinstance(value, Untaught):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _parts(value: Any, *, taught: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(value, Untaught):
        yield _json(plain(value.value)), False
    elif isinstance(value, Mapping):
        yield "{", taught
        for number, (key, inner) in enumerate(value.items()):
            yield ("," if number else "") + _json(key) + ":", taught
            yield from _parts(inner, taught=taught)
        yield "}", taught
    else:
        yield _json(plain(value)), taught


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _values_only(text: str, taught: list[str]) -> Iterator[str]:
    """Taught characters of values, not of the keys of objects."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at] != '"':
            yield taught[at]
            at += 1
            continue
        _, end = decoder.raw_decode(text, at)
        if text[end : end + 1] != ":":
            yield from taught[at:end]
        at = end
