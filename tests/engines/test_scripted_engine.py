"""The scripted engine: strict about schemas, useful about mistakes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import Prompt, Request, ScriptedEngine
from productdesc.engines.scripted import shortest
from productdesc.errors import EngineError
from productdesc.taxonomy.observe_schema import observe_schema

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["shoe", "hat"]},
        "name": {"type": "string", "maxLength": 5},
    },
    "required": ["kind", "name"],
    "additionalProperties": False,
}


def ask(text: str = "what?", schema: dict[str, Any] = SCHEMA) -> Request:
    return Request(Prompt("", text), schema)


def test_answers_come_in_order_and_requests_are_kept() -> None:
    engine = ScriptedEngine([{"kind": "shoe", "name": "a"}, {"kind": "hat", "name": "é"}])
    first, second = engine.generate([ask("one"), ask("two")])
    assert first.text == '{"kind":"shoe","name":"a"}'
    assert json.loads(second.text)["name"] == "é"
    assert [r.prompt.text for r in engine.requests] == ["one", "two"]
    with pytest.raises(EngineError, match="no answer left"):
        engine.generate([ask()])


def test_a_function_may_answer_from_the_request() -> None:
    engine = ScriptedEngine(lambda r: {"kind": "hat", "name": r.prompt.text})
    assert json.loads(engine.generate([ask("cap")])[0].text)["name"] == "cap"


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({"kind": "sofa", "name": "a"}, "character 10"),
        ({"kind": "shoe", "name": "too long"}, "character"),
        ({"name": "a", "kind": "shoe"}, "character 2"),
        ({"kind": "shoe"}, "character 14"),
        ({"kind": "shoe", "name": "a", "more": 1}, "character"),
        ({"kind": "shoe", "name": "\ud800"}, "character"),
    ],
)
def test_an_answer_that_does_not_fit_says_where(answer: Any, where: str) -> None:
    with pytest.raises(EngineError, match=rf"scripted answer 1 .* {where}"):
        ScriptedEngine([answer]).generate([ask()])


def test_a_context_of_another_engine_is_refused() -> None:
    class Other:
        tokens = 0

    request = Request(Prompt("", "and?"), SCHEMA, Other())
    with pytest.raises(ValueError, match="another engine"):
        ScriptedEngine().generate([request])


@given(st.integers(1, 4), st.sampled_from(sorted(CHANNELS)))
def test_the_shortest_answer_fits_every_schema_of_the_library(n: int, name: str) -> None:
    written = write_schema(CHANNELS[name].fields, n)
    seen = observe_schema(["shoes"], {"colour": ("red", "unknown")}, n)
    for schema in (written, seen):
        jsonschema.validate(shortest(schema), schema)
        ScriptedEngine().generate([ask(schema=schema)])
