"""`response_format`: the schema as servers take it, and the grammar of its replies.

A server is told the subset that all of them take. What it says back is held against the
whole schema, byte by byte, whatever the server claims to have enforced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llguidance import LLMatcher, LLTokenizer

from ..lru_cache import LruCache
from ..protocol import JsonSchema
from ..structured.compile import compile_schema
from ..structured.schema import LITERAL, schema_key

CACHED_SCHEMAS = 64

UNSENT = {"multipleOf", "uniqueItems"}
"""Keywords that vLLM answers with 400 under xgrammar; replies are held to them here."""

UNSENT_BESIDE_PATTERN = {"minLength", "maxLength"}
"""vLLM with xgrammar refuses them beside a pattern, llama.cpp then ignores them."""


@dataclass(frozen=True, slots=True)
class RequestSchema:
    """A compiled schema: `sent` is JSON text for the server, `order` ranks its keys.

    `sent` is "" where the reply is free text: then nothing is sent.
    """

    sent: str
    order: Mapping[str, int] = field(repr=False)
    matcher: LLMatcher = field(repr=False)  # over bytes, at the start; copied to be used

    def start(self) -> LLMatcher:
        return self.matcher.deep_copy()


class RequestSchemas:
    """Compiled schemas, the last used cached. Safe to use from several threads."""

    def __init__(self) -> None:
        self._cache: LruCache[RequestSchema] = LruCache(CACHED_SCHEMAS)
        self._tokenizer = LLTokenizer("byte")

    def get(self, schema: JsonSchema) -> RequestSchema:
        """Raises `PromptError` for a schema that no reply can be held to."""
        return self._cache.get(schema_key(schema), lambda: self._compiled(schema))

    def _compiled(self, schema: JsonSchema) -> RequestSchema:
        text, matcher = compile_schema(schema, self._tokenizer)
        if not text:
            return RequestSchema("", {}, matcher)  # FREE_TEXT
        whole = json.loads(text)
        order: dict[str, int] = {}
        for name in _keys(whole):
            order.setdefault(name, len(order))
        sent = json.dumps(_sent(whole), ensure_ascii=False, separators=(",", ":"))
        return RequestSchema(sent, order, matcher)


def _sent(value: Any) -> Any:
    """The schema without what only some servers take."""
    if isinstance(value, list):
        return [_sent(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    unsent = UNSENT | (UNSENT_BESIDE_PATTERN if "pattern" in value else set())
    return {
        k: _properties(inner) if k in _MAPS else inner if k in LITERAL else _sent(inner)
        for k, inner in value.items()
        if k not in unsent
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
