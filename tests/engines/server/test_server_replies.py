"""Replies of servers: spelt in any way, cut, or held to no schema, and what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from doubles.model_servers.asking import COMPACT, SEEN, answer_to, in_turn, request
from doubles.model_servers.chat_server import ChatServer, fails, fitting, says, schema
from factories import OBSERVE, WRITE, fits
from hypothesis import given
from hypothesis import strategies as st

from productdesc import EngineError, OutputError, PromptError, ServerEngine
from productdesc.engines import Prompt, Request, Settings
from productdesc.engines.server.conform import Conformed, Misfit, conform, conform_cut
from productdesc.engines.server.response_format import RequestSchemas

SCHEMAS = RequestSchemas()


# ---- what comes back --------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        COMPACT,
        json.dumps(SEEN, indent=4),
        json.dumps(SEEN, indent="\t", ensure_ascii=False),
        json.dumps(dict(reversed(SEEN.items()))),
        "\n  \n" + json.dumps(SEEN) + " \n" * 300,
    ],
    ids=["compact", "indented", "tabs", "other order", "runaway spaces"],
)
def test_json_in_any_spelling_becomes_compact_and_in_the_order_of_the_schema(
    said: str,
) -> None:
    answer = answer_to(says(said))
    assert answer.text == COMPACT
    assert (answer.finish, answer.model_chars) == ("complete", None)


@pytest.mark.parametrize("raw", ["\n", "\t", "\x06"])
def test_a_raw_control_character_in_a_text_is_spelt_as_json_demands(raw: str) -> None:
    # vLLM 0.32 with xgrammar 0.2.8 lets them in where a text has a maxLength
    said = COMPACT.replace("Größe", f"a{raw}b")
    whole, cut = answer_to(says(said)), answer_to(says(said[:-3], "length", 60))
    assert json.loads(whole.text)["text"] == [f"a{raw}b"]
    assert json.loads(cut.text)["text"] == [f"a{raw}b"]


def test_optional_keys_and_choices_of_objects_are_put_in_order_too() -> None:
    person = {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "string"},
            "c": {"type": "null"},
        },
        "required": ["b"],
        "additionalProperties": False,
    }
    either = {
        "anyOf": [{"$ref": "#/$defs/p"}, {"type": "array", "items": {"$ref": "#/$defs/p"}}]
    }
    whole = {
        "type": "object",
        "properties": {"x": either, "y": either},
        "required": ["x", "y"],
        "$defs": {"p": person},
    }
    said = {"y": [{"b": "é", "a": 1}, {"c": None, "b": ""}], "x": {"b": "\n"}}
    answer = answer_to(says(json.dumps(said)), schema=whole)
    assert answer.text == '{"x":{"b":"\\n"},"y":[{"a":1,"b":"é"},{"b":"","c":null}]}'


def test_a_choice_among_thousands_is_one_reply_too() -> None:
    names = [f'Top > {n % 7} > "Größe" {n}' for n in range(3_000)]
    many = {
        "type": "object",
        "properties": {"category": {"enum": names}},
        "required": ["category"],
        "additionalProperties": False,
    }
    said = json.dumps({"category": names[1234]}, indent=1)
    answer = answer_to(says(said), schema=many)
    assert json.loads(answer.text) == {"category": names[1234]}
    cut = answer_to(says(said[:30], "length", 9), Settings(max_tokens=9), schema=many)
    assert fits(cut.text, many)
    with pytest.raises(EngineError, match="does not fit"):
        answer_to(says('{"category":"Top > 1 > 2"}'), schema=many)


HEAD = '{"category":"shoes","attributes":{"colour":"red"},"text":["Gr'
CUTS = {
    "nothing": ("", ""),
    "a brace": ("{", "{"),
    "in a key": ('{"categ', '{"categ'),
    "after spaces": ('{"category":\n \n\n' + " " * 500, '{"category":'),
    "in a choice": ('{ "category": "sho', '{"category":"sho'),
    "in a text": (f"{HEAD}ö", f"{HEAD}ö"),
    "after an escape": (f"{HEAD}\\u00f6", f"{HEAD}ö"),
    "in an escape": (f"{HEAD}\\u00f", HEAD),
    "at a backslash": (f"{HEAD}\\", HEAD),
    "in half a character": (f"{HEAD}\\ud83d\\ude0", HEAD),
    "after a text": (f'{HEAD}" ', f'{HEAD}"'),
    "at the last brace": (COMPACT[:-1], COMPACT[:-1]),
}


@pytest.mark.parametrize(("said", "own"), CUTS.values(), ids=CUTS)
def test_a_reply_that_was_cut_is_closed_and_says_where(said: str, own: str) -> None:
    answer = answer_to(says(said, "length", 60), Settings(max_tokens=60))
    assert answer.finish == "cap"
    assert fits(answer.text, OBSERVE)
    assert answer.model_chars is not None
    assert answer.text[: answer.model_chars] == own
    assert answer.tokens == 60 + len(answer.text[answer.model_chars :].encode())


def test_a_cut_that_the_server_calls_an_end_is_seen_by_its_count_of_tokens() -> None:
    answer = answer_to(says('{"category":"sho', "stop", 7), Settings(max_tokens=7))
    assert (answer.finish, answer.model_chars) == ("cap", 16)
    with pytest.raises(EngineError, match="not JSON"):
        answer_to(says('{"category":"sho', "stop", 6), Settings(max_tokens=7))


def test_a_whole_reply_at_the_limit_is_complete() -> None:
    assert (
        answer_to(says(COMPACT, "length", 60), Settings(max_tokens=60)).finish == "complete"
    )


def test_a_cut_reply_goes_on_as_what_was_closed() -> None:
    made = in_turn(
        says('{"category":"sho', "length", 5), says('{"title":"ab","bullets":["a","b"]}')
    )
    with ChatServer(made) as server, ServerEngine(server.url) as engine:
        [seen] = engine.generate([request()], Settings(max_tokens=5))
        engine.generate([Request(Prompt("", "Write."), WRITE, seen.context)])
        assert server.bodies[1]["messages"][2]["content"] == seen.text


def test_tokens_are_as_the_server_counts_them() -> None:
    answer = answer_to(says(COMPACT, "stop", 23))
    assert (answer.tokens, answer.context.tokens) == (23, 123)
    uncounted = answer_to(says(COMPACT))
    assert (uncounted.tokens, uncounted.context.tokens) == (len(COMPACT.encode()), 0)


SPELLINGS = st.sampled_from(
    [{}, {"indent": 2}, {"ensure_ascii": False}, {"indent": "\t", "ensure_ascii": False}]
)
VALUES = st.fixed_dictionaries(
    {
        "category": st.sampled_from(OBSERVE["properties"]["category"]["enum"]),
        "attributes": st.fixed_dictionaries({"colour": st.sampled_from(["red", "navy"])}),
        "text": st.lists(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"),
                max_size=9,
            ),
            max_size=3,
        ),
    }
)


@given(VALUES, SPELLINGS, st.floats(0, 1))
def test_wherever_any_spelling_is_cut_what_was_said_is_kept(
    value: dict[str, Any], spelling: dict[str, Any], share: float
) -> None:
    ready = SCHEMAS.get(OBSERVE)
    said = json.dumps({name: value[name] for name in OBSERVE["properties"]}, **spelling)
    whole = conform(said, ready)
    assert isinstance(whole, Conformed)
    assert json.loads(whole.text) == value
    cut = conform_cut(said[: int(share * len(said))], ready)
    assert isinstance(cut, Conformed)
    assert cut.model_chars is not None
    assert fits(cut.text, OBSERVE)
    assert whole.text.startswith(cut.text[: cut.model_chars])


@given(
    st.text(max_size=60)
    | VALUES.map(json.dumps).flatmap(lambda s: st.permutations(s)).map("".join)
)
def test_no_text_that_a_server_may_send_breaks_the_fitting(said: str) -> None:
    ready = SCHEMAS.get(OBSERVE)
    for found in (conform(said, ready), conform_cut(said, ready)):
        assert isinstance(found, Misfit) or fits(found.text, OBSERVE)


# ---- servers that do not hold to the schema ---------------------------------------------

FREE = (
    "Sure! Here is a description of the lovely shoes that you can see in the photo above:"
)
MISFITS = {
    "free text": FREE,
    "a fence": f"```json\n{COMPACT}\n```",
    "a thought first": f"<think>Shoes?</think>{COMPACT}",
    "nothing": "",
    "null": None,
    "another choice": COMPACT.replace("shoes", "boots"),
    "a longer text": COMPACT.replace("Größe", "Größe 42 und 43"),
    "a missing key": '{"category":"shoes","text":[]}',
    "a further key": COMPACT[:-1] + ',"price":1}',
    "a key twice": '{"category":"shoes",' + COMPACT[1:],
    "a wrong type": COMPACT.replace('"red"', "1"),
    "no number": COMPACT.replace('"red"', "NaN"),
    "half a character": COMPACT.replace("Größe", "\\ud83d"),
    "two values": COMPACT * 2,
    "too deep": "[" * 100_000,
    "no object": "[]",
}


@pytest.mark.parametrize("said", MISFITS.values(), ids=MISFITS)
def test_a_reply_that_does_not_fit_is_asked_for_again_and_then_refused(
    said: str | None,
) -> None:
    with (
        ChatServer(lambda body: says(said)) as server,
        ServerEngine(server.url) as engine,
        pytest.raises(EngineError, match="does not enforce response_format") as caught,
    ):
        engine.generate([request()], Settings(seed=5))
    assert f"{server.url}: qwen2-vl: the reply " in str(caught.value)
    assert len(str(caught.value)) < 700
    first, second = server.bodies
    assert (first["seed"], first["temperature"]) == (5, 0.0)
    assert second["seed"] == 6
    assert second["temperature"] > 0  # a greedy reply would come again
    assert first["messages"] == second["messages"]


def test_the_error_shows_the_first_eighty_characters() -> None:
    with pytest.raises(EngineError) as caught:
        answer_to(says(FREE))
    assert repr(FREE[:80]) in str(caught.value)
    assert FREE[:82] not in str(caught.value)


def test_a_second_try_that_fits_is_the_answer() -> None:
    assert answer_to(in_turn(says(FREE), says(COMPACT))).text == COMPACT


def test_one_bad_reply_of_a_good_server_is_one_products_fault() -> None:
    made = in_turn(says(COMPACT), says(FREE))
    with ChatServer(made) as server, ServerEngine(server.url) as engine:
        engine.generate([request()])
        with pytest.raises(OutputError, match="not JSON"):
            engine.generate([request()])


def test_a_cut_reply_proves_nothing_about_the_server() -> None:
    made = in_turn(says("", "length", 1), says(FREE))
    with ChatServer(made) as server, ServerEngine(server.url) as engine:
        engine.generate([request()], Settings(max_tokens=1))
        with pytest.raises(EngineError, match="does not enforce"):
            engine.generate([request()])


def test_free_text_that_was_cut_is_not_closed_into_an_answer() -> None:
    with pytest.raises(EngineError, match="was cut and does not fit") as caught:
        answer_to(says(FREE, "length", 20), Settings(max_tokens=20))
    assert "'length'" in str(caught.value)


def test_a_reply_that_llama_cpp_itself_cannot_read_is_asked_for_again() -> None:
    words = "The model produced output that does not match the expected peg-native format"
    own_fault = fails("500 Internal Server Error", words)
    assert answer_to(in_turn(own_fault, says(COMPACT))).text == COMPACT
    with pytest.raises(EngineError, match="peg-native"):
        answer_to(own_fault)


# ---- the subset of schemas that all servers take ----------------------------------------

PATTERN = {
    "type": "object",
    "properties": {
        "pattern": {
            "type": "string",
            "pattern": "^[a-z ]+$",
            "minLength": 2,
            "maxLength": 12,
        },
        "maxLength": {"type": "string", "maxLength": 5},
        "n": {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 100},
    },
    "required": ["pattern", "maxLength", "n"],
    "additionalProperties": False,
}


def test_the_server_is_told_only_what_all_servers_take() -> None:
    good = '{"pattern":"red shoes","maxLength":"abc","n":15}'
    with ChatServer(in_turn(says(good))) as server, ServerEngine(server.url) as engine:
        assert engine.generate([request(schema=PATTERN)])[0].text == good
        told = schema(server.bodies[0])["properties"]
    assert told["pattern"] == {"type": "string", "pattern": "^[a-z ]+$"}
    assert told["maxLength"] == {"type": "string", "maxLength": 5}  # a name, no keyword
    assert told["n"] == {"type": "integer", "minimum": 0, "maximum": 100}


@pytest.mark.parametrize(
    "said",
    [
        '{"pattern":"red shoes and more","maxLength":"abc","n":15}',
        '{"pattern":"red shoes","maxLength":"abc","n":14}',
    ],
)
def test_replies_are_held_to_what_the_server_was_not_told(said: str) -> None:
    with pytest.raises(EngineError, match="does not fit the schema"):
        answer_to(says(said), schema=PATTERN)


@pytest.mark.parametrize("keyword", [{"uniqueItems": True}, {"contains": {"const": "a"}}])
def test_a_keyword_that_nothing_can_hold_a_reply_to_is_refused_unsent(
    keyword: dict[str, Any],
) -> None:
    unheld = {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2, **keyword}
    with ChatServer(fitting) as server, ServerEngine(server.url) as engine:
        with pytest.raises(PromptError, match="schema"):
            engine.generate([request(schema=unheld)])
        assert not server.bodies
