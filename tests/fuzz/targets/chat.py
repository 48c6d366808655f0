"""Targets of a model's server: its replies, the copy made of them, schemas of users."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from factories import OBSERVE, WRITE, fits
from fuzz.mutate.grammar import json_value
from fuzz.replies import MARK, ScriptedHttp, Slept, replies
from fuzz.target import Target, is_one_line, require
from llguidance import LLTokenizer

from productdesc import ServerEngine, describe
from productdesc.channels import find_channel
from productdesc.engines import (
    Answer,
    Prompt,
    Request,
    ServerLimits,
    ServerOptions,
    Settings,
)
from productdesc.engines.protocol import EngineInfo
from productdesc.engines.scripted import shortest
from productdesc.engines.server.conform import conform
from productdesc.engines.server.messages import ServerContext
from productdesc.engines.server.response_format import RequestSchemas
from productdesc.engines.structured.compile import compile_schema
from productdesc.errors import ProductDescError, PromptError
from productdesc.records import Description, Product

URL = "http://127.0.0.1:8000/v1"
OPTIONS = ServerOptions(limits=ServerLimits(concurrency=1, attempts=2))
LONGEST = 5_000  # characters of a message


def _checked(error: ProductDescError) -> None:
    text = str(error)
    require(is_one_line(text), f"an error is one line: {text!r:.300}")
    require(len(text) <= LONGEST, f"an error is short: {len(text)}, {text[:200]}")


def _chat(data: bytes, folder: Path) -> None:
    """The list of models, then two requests of one conversation."""
    http: Any = ScriptedHttp(data)
    slept = Slept(OPTIONS.limits.deadline_seconds)
    with ServerEngine(
        URL, OPTIONS, http=http, clock=lambda: slept.now, sleep=slept.sleep
    ) as engine:
        try:
            context = None
            for schema in (OBSERVE, WRITE):
                request = Request(Prompt("You see.", "What?"), schema, context)
                [answer] = engine.generate([request], Settings(max_tokens=200))
                require(fits(answer.text, schema), f"an answer fits: {answer.text!r:.300}")
                chars = answer.model_chars
                require(chars is None or 0 <= chars <= len(answer.text), "the model's part")
                context = answer.context
        except ProductDescError as e:
            _checked(e)
            raise


class _Filler:
    """An engine that fills every text of a schema with the next text of a list."""

    info = EngineInfo("filler", "1", "")

    def __init__(self, texts: Sequence[str], picks: Sequence[int]) -> None:
        self._texts = itertools.cycle(texts or ["x"])
        self._picks = itertools.cycle(picks or [0])

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        schemas = RequestSchemas()
        answers = []
        for request in requests:
            schema = schemas.get(request.schema)
            text = json.dumps(self._value(request.schema), ensure_ascii=False)
            conformed: Any = conform(text, schema)
            if not hasattr(conformed, "text"):  # a pattern, or half a character
                text = json.dumps(shortest(request.schema))
                conformed = conform(text, schema)
            context = ServerContext(self)
            answers.append(Answer(conformed.text, "complete", 1, context, None))
        return answers

    def _value(self, schema: Mapping[str, Any]) -> Any:
        if "enum" in schema:
            return schema["enum"][next(self._picks) % len(schema["enum"])]
        match schema.get("type"):
            case "object":
                return {k: self._value(v) for k, v in schema["properties"].items()}
            case "array":
                least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
                count = least + next(self._picks) % (most - least + 1)
                return [self._value(schema["items"]) for _ in range(count)]
            case "string":
                text = next(self._texts)[: schema.get("maxLength", 500)]
                return text.ljust(schema.get("minLength", 0), "x")
            case _:
                return shortest(schema)


def _copy(data: bytes, folder: Path) -> None:
    """A product of a stranger's, and every text that a model may write of it."""
    try:
        given = json.loads(data)
        product = Product.model_validate(given["product"] | {"photos": ()})
        texts, picks = list(map(str, given["texts"])), list(map(int, given["picks"]))
        "".join((*texts, product.model_dump_json())).encode()
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError):
        return  # no such product can be made
    names = ("shopify", "google", "woocommerce", "plain")
    channel = find_channel(names[len(texts) % 4])
    language = ("en", "de", "fr", "ja")[len(data) % 4]
    made = describe(product, _Filler(texts[:50], picks), channel=channel, language=language)
    require(Description.model_validate_json(made.model_dump_json()) == made, "equal again")
    made._repr_html_()
    for field in channel.fields:
        value = getattr(made, field.name)
        for text in (value,) if isinstance(value, str) else value:
            shown = f"{field.name}: {text!r:.200}"
            require(len(text) <= field.limit, f"its limit of {field.limit}: {shown}")
            is_plain = not any(map(_is_control, text.replace("\n", "")))
            require(is_plain, f"no control character: {shown}")
            require("<|" not in text, f"no special token: {shown}")


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0"


def _schema(data: bytes, folder: Path) -> None:
    try:
        schema = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(schema, dict):
        text, _ = compile_schema(schema, LLTokenizer("byte"))
        require(isinstance(json.loads(text), dict), "what is sent is a schema")


def _completion(content: str, **changes: Any) -> bytes:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": content}}
    usage = {"prompt_tokens": 5, "completion_tokens": 9, "total_tokens": 14}
    return json.dumps({"choices": [choice | changes], "usage": usage}).encode()


SEEN = json.dumps({"category": "shoes", "attributes": {"colour": "red"}, "text": ["Größe"]})
TEXT = json.dumps({"title": "Red shoes", "bullets": ["one", "two"]})
MODELS = b'{"object":"list","data":[{"id":"qwen2-vl","object":"model"}]}'


def _chats(shared: Path | None) -> Sequence[bytes]:
    cut = _completion(SEEN[:30], finish_reason="length")
    parts = {"content": None, "tool_calls": [], "reasoning": "x"}
    return [
        MARK.join((MODELS, _completion(SEEN), _completion(TEXT))),
        MARK.join((MODELS, cut, _completion(TEXT[:20], finish_reason="length"))),
        MARK.join((MODELS, _completion(f"```json\n{SEEN}\n```"), _completion(SEEN))),
        MARK.join((MODELS, _completion("", message=parts), _completion(SEEN))),
        MARK.join((MODELS, b'HTTP 400\n\n{"error":{"message":"no schema","code":400}}')),
        MARK.join((MODELS, b"HTTP 429\nretry-after: 1\n\n{}", _completion(SEEN))),
        MARK.join((b"HTTP 401\n\n" + b'{"detail":"who are you?"}',)),
    ]


WORDS = [
    "navy",
    "shoes",
    "with",
    "laces",
    "made",
    "of",
    "80%",
    "cotton",
    "by",
    "Nike",
    "in",
    "Italy.",
    "Waterproof!",
    "Size:",
    "42",
    "€",
    "20",
    "30",
    "cm",
    "www.a.example",
    "a@b.example",
    "+1",
    "555-123-4567",
    "I'm",
    "sorry,",
    "I",
    "cannot.",
    "{{",
    "x",
    "}}",
    "<|im_end|>",
    "</script>",
    "für",
    "mit",
    "aus",
    "die",
    "und",
    "鞋子",
    "&lt;b&gt;",
    "guarantee",
    "free",
    "shipping",
    "best",
    "(at)",
    "[dot]",
    "",
]


def _copies(shared: Path | None) -> Sequence[bytes]:
    product = {
        "id": "A1",
        "title": "Vendora canvas shoes",
        "attributes": {"brand": "Vendora", "colour": "navy", "width": "30 cm", "size": 42},
        "description": "Made in Portugal. The best shoes for a walk in the rain.",
        "present": {"tags": ["shoes"], "category": "Shoes > Canvas"},
    }
    texts = [" ".join(WORDS[start:][:9]) for start in range(0, len(WORDS), 4)]
    strange: list[str] = []
    if shared is not None:
        folder = shared / "bad-inputs" / "strings"
        names = [*folder.rglob("*.txt"), *folder.glob("prompt-injection.md")]
        strange = [
            line[:300] for p in sorted(names) for line in p.read_text("utf-8").splitlines()
        ]
    batches: Iterator[list[str]] = (strange[i : i + 25] for i in range(0, len(strange), 25))
    given = [
        texts,
        texts[:3],
        texts[:2] * 2,
        texts[::-1][:5],
        *itertools.islice(batches, 60),
    ]
    return [
        json.dumps({"product": product, "texts": some, "picks": [n, 1, 0, 3]}).encode()
        for n, some in enumerate(given)
    ]


def _schemas(shared: Path | None) -> Sequence[bytes]:
    refers = {"$defs": {"a": {"type": "string", "maxLength": 5}},
              "type": "object", "properties": {"x": {"$ref": "#/$defs/a"}, "y": {
                  "anyOf": [{"type": "null"}, {"type": "integer", "minimum": 1}]}},
              "required": ["x"], "additionalProperties": False}  # fmt: skip
    patterns = {"type": "object", "properties": {"p": {"type": "string", "pattern": "^a+$"},
                "d": {"type": "string", "format": "date"}, "c": {"const": 1}}}  # fmt: skip
    return [json.dumps(one).encode() for one in (OBSERVE, WRITE, refers, patterns)]


TARGETS = {
    "chat": Target(_chat, (ProductDescError,), _chats, (replies,)),
    "copy": Target(_copy, (ProductDescError,), _copies, (json_value,)),
    "schema": Target(_schema, (PromptError,), _schemas, (json_value,)),
}
