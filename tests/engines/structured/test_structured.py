"""Schemas, masks, closing and choosing: without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
from doubles.tiny_qwen2vl import SPECIALS, make
from hypothesis import given
from hypothesis import strategies as st

from productdesc.engines import Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.scheduler.sampler import choose, is_loop, random_generator
from productdesc.engines.qwen2vl.scheduler.token_mask import GrammarCache, StructuredReply
from productdesc.engines.structured.schema import BUDGET, prepare
from productdesc.errors import EngineError, PromptError


def one(value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": value}, "required": ["a"], **more}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> ChatTokenizer:
    checkpoint = inspect(make(tmp_path_factory.mktemp("tiny") / "model"))
    return ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)


@pytest.fixture(scope="module")
def grammars(tmp_path_factory: pytest.TempPathFactory) -> GrammarCache:
    checkpoint = inspect(make(tmp_path_factory.mktemp("tiny") / "model"))
    vocabulary = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    return GrammarCache(checkpoint.tokenizer, vocabulary, checkpoint.config["vocab_size"])


def write(reply: StructuredReply, random: np.random.Generator, cap: int) -> bool:
    """Random allowed tokens up to the cap, then closed; whether it ended by itself."""
    while not reply.is_complete and len(reply.ids) < cap:
        reply.add(int(random.choice(np.nonzero(reply.mask())[0])))
    ended = reply.is_complete
    if not ended:
        reply.close()
    return ended


FIT = {
    "least length": one({"type": "string", "minLength": 50, "maxLength": 60}),
    "no bound": one({"type": "string"}),
    "pattern": one({"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"}),
    "pattern that a greedy end never leaves": one(
        {"type": "string", "pattern": "^(ab)+c$"}
    ),
    "e-mail": one({"type": "string", "pattern": r"^[a-z]+@[a-z]+\.com$"}),
    "formats": {
        "type": "object",
        "properties": {
            name: {"type": "string", "format": name}
            for name in ("date", "date-time", "uuid", "ipv4", "uri", "email")
        },
        "required": ["date", "uuid", "uri"],
    },
    "any integer": one({"type": "integer"}),
    "at most -7": one({"type": "integer", "maximum": -7}),
    "above 0": one({"type": "number", "exclusiveMinimum": 0}),
    "narrow": one({"type": "number", "minimum": 0.55, "maximum": 0.56}),
    "tens": one({"type": "integer", "multipleOf": 10}),
    "sevens": one({"type": "integer", "multipleOf": 7, "minimum": 3}),
    "any number": one({"type": ["number", "null"]}),
    "mixed enum": one({"enum": [1, "a", None, True, 2.5, {"k": [1, 2]}, "a\\b", 'q"q']}),
    "unicode enum": one(
        {"enum": ["naïve", "色", "😀", "line\nbreak", "\u2028", "<|im_end|>"]}
    ),
    "least items": one({"type": "array", "items": {"type": "string"}, "minItems": 3}),
    "empty only": one({"type": "array", "items": {"type": "string"}, "maxItems": 0}),
    "any of": one(
        {"anyOf": [{"type": "string"}, {"type": "null"}, one({"type": "integer"})]}
    ),
    "recursive": {
        "$defs": {
            "node": one(
                {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "string", "maxLength": 3}]}
            )
        },
        "$ref": "#/$defs/node",
    },
    "free keys": {"type": "object", "additionalProperties": {"type": "integer"}},
    "key like a special token": {
        "type": "object",
        "properties": {"<|im_start|>": {"type": "string", "maxLength": 3}, 'ö"\\': {}},
        "required": ["<|im_start|>"],
    },
    "all of": {"allOf": [one({"type": "integer"}), {"type": "object", "required": ["b"]}]},
    "a text": {"type": "string", "maxLength": 5},
    "a number": {"type": "integer"},
    "a list": {"type": "array", "items": {"type": "boolean"}, "minItems": 1},
    "10,595 paths": one({"enum": [f"Apparel > Kind {i} > {i % 7}" for i in range(10_595)]}),
}


@pytest.mark.parametrize("schema", FIT.values(), ids=FIT)
def test_random_tokens_and_any_cap_end_in_json_that_fits(
    grammars: GrammarCache, schema: dict[str, Any]
) -> None:
    random = np.random.default_rng(7)
    for cap in (1, 2, 3, 5, 8, 13, 21, 34, 90):
        reply = grammars.start(schema)
        write(reply, random, cap)
        jsonschema.validate(json.loads(reply.text), schema)
        reply.text.encode()


@pytest.mark.parametrize("cap", [1, 3, 9, 40])
def test_no_added_token_and_no_padding_row_is_ever_allowed(
    grammars: GrammarCache, cap: int
) -> None:
    random = np.random.default_rng(cap)
    reply = grammars.start(one({"enum": ["<|im_end|>", "<|image_pad|> x"]}))
    while not reply.is_complete and len(reply.ids) < cap:
        allowed = np.nonzero(reply.mask())[0]
        # All single tokens come first in the tiny vocabulary, then specials, then rows.
        assert allowed.max() < grammars.end - SPECIALS.index("<|im_end|>")
        reply.add(int(random.choice(allowed)))


def test_a_list_does_not_collapse_under_compact_json(grammars: GrammarCache) -> None:
    schema = one(
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2}
    )
    reply = grammars.start(schema)
    reply.close()
    assert reply.text == '{"a":["a","a"]}'


@pytest.mark.parametrize(
    ("schema", "least"),
    [
        (one({"type": "string"}), '{"a":""}'),
        (one({"type": "integer", "minimum": 100}), '{"a":111}'),
        (one({"type": "boolean"}), '{"a":false}'),
        (one({"type": ["string", "null"]}), '{"a":null}'),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "{}"),
        ({"type": "array", "items": {}}, "[]"),
    ],
)
def test_an_unbegun_reply_closes_by_the_least(
    grammars: GrammarCache, schema: dict[str, Any], least: str
) -> None:
    reply = grammars.start(schema)
    reply.close()
    assert reply.text == least


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (one({"type": "array", "uniqueItems": True}), "uniqueItems"),
        (one({"not": {"type": "string"}}), "not"),
        (one({"type": "integer", "minimum": 5, "maximum": 3}), "unsatisfiable"),
        ({"$ref": "http://192.0.2.1/x.json"}, "not present"),
        (
            {"$defs": {"n": one({"$ref": "#/$defs/n"})}, "$ref": "#/$defs/n"},
            "cannot be used",
        ),
        (one({"type": "string", "pattern": "shoe"}), "anchor a pattern"),
        (one({"type": "string", "pattern": "(" * 20}), "cannot be enforced"),
        (one({"enum": ["tab\t"]}), "control character"),
        ({"properties": {"a\x00": {}}}, "control character"),
        (one({"enum": ["\ud800"]}), "not JSON"),
        # the compiler's own reply to some of these is SIGSEGV
        (one({"enum": ["x", -(2**63)]}), "a choice is a number beyond"),
        (one({"const": [{"a": -(2**63) + 1}]}), "a choice is a number beyond"),
        (one({"enum": [float("nan")]}), "a choice is a number beyond"),
        (one({"enum": [10**400]}), "a choice is a number beyond"),
        (one({"enum": [f"{i}" for i in range(BUDGET.choices + 1)]}), "20,001 enum items"),
        (one({"type": "string", "maxLength": 50_001}), "50,001 characters of maxLength"),
        (one({"type": "string", "pattern": "a" * 501}), "501 characters in a pattern"),
        ({"properties": {f"k{i}": {} for i in range(1000)}}, "nodes"),
        (one({"description": "x" * 2_000_000}), "bytes of JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_schema_that_cannot_be_kept_is_refused_with_the_reason(
    grammars: GrammarCache, schema: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PromptError, match=reason):
        grammars.start(schema)


@pytest.mark.parametrize("wrap", [lambda one: {"items": one}, lambda one: [one]])
@pytest.mark.parametrize("key", ["items", "type", "enum", "const", "properties"])
def test_a_schema_nested_without_end_is_refused(
    wrap: Callable[[object], object], key: str
) -> None:
    nested: object = {}
    for _ in range(5_000):
        nested = wrap(nested)
    with pytest.raises(PromptError, match="nested over"):
        prepare({"type": "array", key: nested})


def test_a_schema_cannot_switch_the_whitespace_on(grammars: GrammarCache) -> None:
    schema = one({"type": "integer"}, **{"x-guidance": {"whitespace_flexible": True}})
    reply = grammars.start(schema)
    reply.close()
    assert reply.text == '{"a":1}'
    mask = grammars.start(schema).mask()
    assert mask.sum() == 1


def test_objects_are_closed_and_numbers_bounded_but_composed_schemas_left_alone() -> None:
    made = json.loads(prepare({"properties": {"n": {"type": "number"}}}))
    assert made["additionalProperties"] is False
    assert made["properties"]["n"]["maximum"] == 2**53 - 1
    kept = {"properties": {"n": {"type": "number", "minimum": 0}}}
    kept["additionalProperties"] = {"type": "string"}
    assert json.loads(prepare(kept)) == kept
    parts = {"allOf": [{"properties": {"a": {"type": "string"}}}]}
    assert json.loads(prepare(parts)) == parts
    literal = {"enum": [{"properties": {"type": "number"}}]}
    assert json.loads(prepare(literal)) == literal


@given(st.text())
def test_any_text_is_tokenised_without_added_tokens_and_without_loss(
    words: ChatTokenizer, text: str
) -> None:
    ids = words.encode(text)
    assert not set(ids) & set(words.specials.values())


@pytest.mark.parametrize(
    ("schema", "begun"),
    [
        (one({"type": "string"}), '{"a":"'),
        (one({"type": "integer"}), '{"a":'),
        (one({"enum": ["yes", "yesterday", "yellow"]}), '{"a":"ye'),
        (one({"const": "x"}), ""),
        ({"type": ["string", "integer"]}, ""),
    ],
)
def test_what_there_is_no_choice_about_is_there_at_the_start(
    grammars: GrammarCache, schema: dict[str, Any], begun: str
) -> None:
    reply = grammars.start(schema)
    assert not reply.ids
    for one_more in (reply, reply.fresh()):
        one_more.begin()
        # the last forced letters may be part of a token that is not forced
        said = one_more.data.decode()
        assert begun.startswith(said) and said.startswith(begun[:3])
        assert not one_more.is_complete
        write(one_more, np.random.default_rng(3), 40)
        jsonschema.validate(json.loads(one_more.text), schema)


class Mask:
    """A constraint that is written down; `asked` counts how often all of it was."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self.values = values
        self.asked = 0

    def mask(self) -> np.ndarray[Any, Any]:
        self.asked += 1
        return self.values

    def allowed(self, tokens: list[int]) -> list[int]:
        right = [bool(self.values[token]) for token in tokens]
        return tokens[: [*right, False].index(False)]


@pytest.mark.parametrize(
    "schema",
    [
        one({"type": "string", "maxLength": 30}),
        one({"type": "array", "items": {"enum": ["ab", "abc", "\u00e9"]}, "maxItems": 3}),
        {"type": "integer"},
        {"type": "string", "pattern": "^[a-z]{2,5} [0-9]+$"},
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
    ],
)
def test_one_token_may_come_next_exactly_where_the_mask_has_it(
    grammars: GrammarCache, words: ChatTokenizer, schema: dict[str, Any]
) -> None:
    random = np.random.default_rng(1)
    ended = 0
    for _ in range(12):
        reply = grammars.start(schema)
        reply.begin()
        while not reply.is_complete and len(reply.ids) < 40:
            mask = reply.mask()
            said = list(reply.ids)
            for token in range(len(mask)):
                assert bool(reply.allowed([token])) == mask[token], token
            assert reply.ids == said
            ended += int(mask[words.specials["<|im_end|>"]])
            reply.add(int(random.choice(np.flatnonzero(mask))))
    # a number may end where more digits may follow, so the end of the turn is a choice
    assert ended or schema.get("type") != "integer"


def test_the_best_allowed_token_is_that_of_a_masked_row() -> None:
    random = np.random.default_rng(0)
    rows, vocab = 60, 50
    logits = torch.tensor(random.integers(0, 9, (rows, vocab)), dtype=torch.float32)
    shares = random.choice([0.03, 0.5, 0.95], rows)
    masks = random.random((rows, vocab)) < shares[:, None]
    masks[np.arange(rows), random.integers(0, vocab, rows)] = True
    held = [Mask(mask) for mask in masks]
    found = choose(logits, held, Settings(), [])
    wanted = logits.masked_fill(torch.from_numpy(~masks), -torch.inf).max(dim=1).indices
    assert found == wanted.tolist()
    best = logits.max(dim=1).indices.numpy()
    asked = [bool(mask.asked) for mask in held]
    assert asked == (~masks[np.arange(rows), best]).tolist(), "a mask that was not needed"
    assert 10 < sum(asked) < rows


@pytest.mark.parametrize("allowed", [1, 40])
def test_numbers_that_are_not_finite_are_an_error_where_they_may_be_chosen(
    allowed: int,
) -> None:
    logits = torch.zeros((1, 50))
    logits[0, 45] = torch.inf
    mask = np.arange(50) < allowed
    assert choose(logits, [Mask(mask)], Settings(), []) == [0]
    logits[0, 0] = torch.nan
    for kind, cure in (
        (torch.float32, "are its weights whole"),
        (torch.bfloat16, "load it with dtype=float32"),
    ):
        with pytest.raises(EngineError, match=f"not finite; {cure}"):
            choose(logits.to(kind), [Mask(mask)], Settings(), [])
        with pytest.raises(EngineError, match=f"not finite; {cure}"):
            generator = random_generator(Settings(), [1])
            choose(logits.to(kind), [Mask(mask)], Settings(temperature=1.0), [generator])


@pytest.mark.parametrize(
    ("ids", "loops"),
    [
        ([7] * 32, True),
        ([7] * 31, False),
        ([1, 2] * 16, True),
        ([9, 9, 9, *[1, 2, 3] * 11], True),
        (list(range(10)) * 4, True),
        (list(range(10)) * 3, False),
        (list(range(48)) * 4, True),
        (list(range(49)) * 4, False),
        (list(range(200)), False),
        ([], False),
        ([*[1, 2] * 16, 3], False),
    ],
)
def test_a_loop_is_one_block_said_again_and_again(ids: list[int], loops: bool) -> None:
    assert is_loop(ids) is loops


def test_choosing_follows_mask_temperature_and_top_p() -> None:
    logits = torch.tensor([[5.0, 4.0, 3.0, 9.0]]).repeat(400, 1)
    first_three = [Mask(np.array([True, True, True, False]))] * 400

    def chosen(settings: Settings) -> list[int]:
        generators = [random_generator(settings, [n]) for n in range(400)]
        return choose(logits, first_three, settings, generators)

    assert set(chosen(Settings())) == {0}
    assert set(chosen(Settings(temperature=1.0, top_p=0.6))) == {0}
    assert set(chosen(Settings(temperature=1.0, top_p=0.7))) == {0, 1}
    drawn = chosen(Settings(temperature=1.0))
    assert set(drawn) == {0, 1, 2}
    # softmax(5, 4, 3) = 0.665, 0.245, 0.090; three standard deviations of 400 draws
    assert abs(drawn.count(0) / 400 - 0.665) < 0.07
    assert chosen(Settings(temperature=1.0)) == drawn
    assert chosen(Settings(temperature=1.0, seed=1)) != drawn
