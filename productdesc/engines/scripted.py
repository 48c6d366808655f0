"""A mock engine: its answers are given beforehand, for tests of code that uses engines.

It needs no model and no torch, and keeps the promises of a real engine: an answer that
does not fit the schema asked for is refused, contexts continue and branch.

    engine = ScriptedEngine([{"category": "shoes", ...}, {"title": "Navy shoes", ...}])
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import EngineError
from ..text.printable import quoted
from .lru_cache import LruCache
from .protocol import (
    FREE_TEXT,
    Answer,
    Context,
    EngineInfo,
    JsonSchema,
    Prompt,
    Request,
    Settings,
)
from .structured.schema import schema_key

if TYPE_CHECKING:
    from llguidance import LLMatcher

CACHED_SCHEMAS = 64

Script = Iterable[Any] | Callable[[Request], Any]


@dataclass(frozen=True, slots=True)
class ScriptedContext:
    """A context: what was asked and answered so far, oldest first."""

    turns: tuple[tuple[Prompt, str], ...] = ()

    @property
    def tokens(self) -> int:
        return 0


class ScriptedEngine:
    """Gives the answers of a script, each checked against the schema it answers.

    `script` is an iterable of JSON values in the order of the requests (with
    `describe_many`, first every observe answer of a batch, then every write answer), or
    a function from a `Request` to a JSON value. None answers with the shortest value that
    fits each schema. `requests` keeps every request seen, for assertions.
    """

    def __init__(
        self, script: Script | None = None, *, info: EngineInfo | None = None
    ) -> None:
        self.info = info or EngineInfo("scripted", "", "")
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._answer = _answers(script)

    def __repr__(self) -> str:
        return f"ScriptedEngine({self.info.shown})"

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """One answer per request, in order. `settings` are accepted and have no effect."""
        with self._lock:
            return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Answer:
        if request.context is not None and not isinstance(request.context, ScriptedContext):
            raise ValueError("this context was made by another engine")
        self.requests.append(request)
        value = self._answer(request)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        text = value if request.schema == FREE_TEXT else text
        self._check(text, request.schema)
        turns = request.context.turns if request.context else ()
        context: Context = ScriptedContext((*turns, (request.prompt, text)))
        return Answer(text, "complete", len(text.encode()), context)

    def _check(self, text: str, schema: JsonSchema) -> None:
        """Raises `EngineError` at the first character that the schema forbids."""
        matcher = _MATCHERS.get(schema_key(schema), lambda: _compiled(schema))
        matcher = matcher.deep_copy()
        data = text.encode("utf-8", "surrogatepass")
        good = matcher.try_consume_tokens(list(data))
        if good < len(data) or not matcher.is_accepting():
            before = data[:good].decode("utf-8", "ignore")
            rest = data[good : good + 40].decode("utf-8", "ignore")
            raise EngineError(
                f"scripted answer {len(self.requests)} does not fit its schema at "
                f"character {len(before)}: after {quoted(before[-40:], 'value')} it says "
                f"{rest!r} (key order and lengths count)"
            )


_MATCHERS: LruCache[LLMatcher] = LruCache(CACHED_SCHEMAS)
"""Of all engines: they write bytes of one vocabulary."""


def _compiled(schema: JsonSchema) -> LLMatcher:
    from llguidance import LLTokenizer

    from .structured.compile import compile_schema  # numpy and llguidance: not on import

    return compile_schema(schema, LLTokenizer("byte"))[1]


def _answers(script: Script | None) -> Callable[[Request], Any]:
    if script is None:
        return lambda request: shortest(request.schema)
    if callable(script):
        return script
    rest: Iterator[Any] = iter(script)

    def following(request: Request) -> Any:
        try:
            return next(rest)
        except StopIteration:
            raise EngineError("the script has no answer left for this request") from None

    return following


def shortest(schema: Mapping[str, Any]) -> Any:
    """The shortest JSON value that fits a schema, first choice of every enum.

    Knows what this library's own schemas use and `$ref`; not `pattern` and `format`.
    """
    return _shortest(schema, schema)


def _shortest(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return _shortest(target, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _shortest(schema[choice][0], root)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            required = schema.get("required", ())
            return {k: _shortest(v, root) for k, v in properties.items() if k in required}
        case "array":
            items = schema.get("items", {})
            return [_shortest(items, root)] * int(schema.get("minItems", 0))
        case "string":
            return "x" * int(schema.get("minLength", 0))
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case _:
            return None
