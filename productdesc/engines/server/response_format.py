"""The request's schema: what of it the server is told, and whether a reply fits it.

A server is told the subset that all of them take. What it says back is held against the
whole schema, byte by byte, whatever the server claims to have enforced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llguidance import LLMatcher, LLTokenizer

from ...errors import OutputError, PromptError
from ..lru_cache import LruCache
from ..protocol import JsonSchema
from ..structured.close import close
from ..structured.compile import compile_schema, schema_name
from ..structured.schema import LITERAL

OPTIONS = {
    "whitespace_flexible": False,
    # A keyword that cannot be held to is refused, not dropped.
    "lenient": False,
}
KEPT = 64
BYTES = range(256)

UNSENT = {"multipleOf", "uniqueItems"}
"""Keywords that vLLM answers with 400 under xgrammar; replies are held to them here."""

UNSENT_BESIDE_PATTERN = {"minLength", "maxLength"}
"""vLLM with xgrammar refuses them beside a pattern, llama.cpp then ignores them."""


@dataclass(frozen=True, slots=True)
class RequestSchema:
    """One schema, ready: `told` is JSON text for the server, `order` ranks its keys."""

    sent: str
    order: Mapping[str, int] = field(repr=False)
    matcher: LLMatcher = field(repr=False)  # over bytes, at the start; copied to be used

    def start(self) -> LLMatcher:
        return self.matcher.deep_copy()


class RequestSchemas:
    """Schemas made ready, the most recently used kept. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: LruCache[RequestSchema] = LruCache(KEPT)
        self._tokenizer = LLTokenizer("byte")

    def get(self, schema: JsonSchema) -> RequestSchema:
        """Raises `PromptError` for a schema that no reply can be held to."""
        return self._kept.get(schema_name(schema), lambda: self._prepared(schema))

    def _prepared(self, schema: JsonSchema) -> RequestSchema:
        text, matcher = compile_schema(schema, self._tokenizer, OPTIONS)
        try:
            close(matcher.deep_copy(), BYTES, bytes, b"")
        except OutputError as e:
            raise PromptError(f"schema cannot be used: {e}") from e
        whole = json.loads(text)
        order: dict[str, int] = {}
        for name in _keys(whole):
            order.setdefault(name, len(order))
        told = json.dumps(_sent(whole), ensure_ascii=False, separators=(",", ":"))
        return RequestSchema(told, order, matcher)


def _sent(value: Any) -> Any:
    """The schema without what only some servers take."""
    if isinstance(value, list):
        return [_sent(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    untold = UNSENT | (UNSENT_BESIDE_PATTERN if "pattern" in value else set())
    return {
        k: _properties(inner) if k in _MAPS else inner if k in LITERAL else _sent(inner)
        for k, inner in value.items()
        if k not in untold
    }


# Their keys are names, not keywords: a property may be called "pattern".
_MAPS = {"properties", "$defs", "definitions", "patternProperties"}


def _properties(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _sent(inner) for name, inner in value.items()}


def _keys(value: Any) -> Iterator[str]:
    """Every name of a property, in the order in which the schema has them."""
    if isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
    elif isinstance(value, dict):
        for keyword, inner in value.items():
            if keyword in LITERAL:
                continue
            if keyword == "properties" and isinstance(inner, dict):
                yield from inner
            yield from _keys(inner)
