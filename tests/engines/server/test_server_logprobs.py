"""How sure a served model was: by the likely tokens that its server lists."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from doubles.model_servers.asking import QUICK, request
from doubles.model_servers.chat_server import Body, ChatServer, as_json

from productdesc import PromptError, ServerEngine
from productdesc.engines import Answer, Request

SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "dark red", "blue"]}, "n": {"enum": [1, 12]}},
    "required": ["colour", "n"],
    "additionalProperties": False,
}
LISTING = dataclasses.replace(QUICK, top_logprobs=3)
TOKENS: list[tuple[str, dict[str, float]]] = [
    ('{"', {}),
    ("colour", {"color": 0.9}),
    ('": "', {'":': 0.1}),
    ("red", {"Red": 0.6, "dark": 0.02, "red": 0.06}),
    ('",', {}),
    (' "n', {}),
    ('": ', {}),
    ("12", {"7": 0.3}),
    ("}", {}),
]


def listed(
    tokens: list[tuple[str, dict[str, float]]], text: str = "", **change: Any
) -> bytes:
    """A completion whose tokens have these likely ones beside them, by probability."""
    text = text or "".join(token for token, _ in tokens)

    def entry(token: str, share: float) -> dict[str, Any]:
        data = list(token.encode())
        return {"token": token, "bytes": data, "logprob": math.log(share), **change}

    rows = [
        {
            **entry(token, likely.get(token, 0.5)),
            "top_logprobs": [entry(other, share) for other, share in likely.items()],
        }
        for token, likely in tokens
    ]
    choice = {
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": {"content": rows},
    }
    return as_json({"choices": [choice]})


def asked(
    made: bytes, scored: tuple[str, ...] = ("/colour", "/n"), options: Any = LISTING
) -> tuple[Answer, Body]:
    wanted: Request = dataclasses.replace(request(schema=SCHEMA), scored=scored)
    with (
        ChatServer(lambda body: made) as server,
        ServerEngine(server.url, options) as engine,
    ):
        return engine.generate([wanted])[0], server.bodies[0]


def test_a_value_has_its_share_among_the_values_that_were_listed() -> None:
    answer, body = asked(listed(TOKENS))
    assert (body["logprobs"], body["top_logprobs"]) == (True, 3)
    assert json.loads(answer.text) == {"colour": "red", "n": 12}
    found = answer.probabilities["/colour"]
    assert found and found.value == "red"
    assert found.probability == pytest.approx(0.06 / 0.08)
    assert found.runner_up == "dark red"
    assert found.runner_up_probability == pytest.approx(0.02 / 0.08)
    assert answer.probabilities["/n"] is None, "7 is no value: nothing is known"


def test_nothing_is_asked_for_where_nothing_is_wanted_or_the_option_is_off() -> None:
    for scored, options in (((), LISTING), (("/colour",), QUICK)):
        answer, body = asked(listed(TOKENS), scored, options)
        assert "logprobs" not in body and "top_logprobs" not in body
        assert set(answer.probabilities) == set(scored)
    answer, _ = asked(listed([(token, {}) for token, _ in TOKENS]))
    assert answer.probabilities == {"/colour": None, "/n": None}


@pytest.mark.parametrize(
    "change",
    [{"logprob": "sure"}, {"logprob": None}, {"token": 5}],
    ids=["a word", "nothing", "a number for a token"],
)
def test_logprobs_that_cannot_be_read_are_none(change: dict[str, Any]) -> None:
    answer, _ = asked(listed(TOKENS, **change))
    assert answer.probabilities == {"/colour": None, "/n": None}


@pytest.mark.parametrize("bad", [None, [], "x", {"content": None}, {"content": [1]}])
def test_other_shapes_of_logprobs_are_none(bad: Any) -> None:
    text = '{"colour":"red","n":1}'
    choice = {"message": {"content": text}, "finish_reason": "stop", "logprobs": bad}
    answer, _ = asked(as_json({"choices": [choice]}))
    assert answer.probabilities == {"/colour": None, "/n": None}


def test_tokens_of_another_text_say_nothing() -> None:
    answer, _ = asked(listed(TOKENS, text='{"colour": "blue", "n": 12}'))
    assert json.loads(answer.text) == {"colour": "blue", "n": 12}
    assert answer.probabilities == {"/colour": None, "/n": None}


def test_the_token_that_ended_the_turn_may_be_listed_and_no_other() -> None:
    """vLLM lists it, and leaves it out of the text."""
    text = "".join(token for token, _ in TOKENS)
    end: tuple[str, dict[str, float]] = ("<|im_end|>", {"<|endoftext|>": 0.1})
    with_it, _ = asked(listed([*TOKENS, end], text))
    without, _ = asked(listed(TOKENS))
    assert with_it.probabilities == without.probabilities
    assert with_it.probabilities["/colour"]
    twice, _ = asked(listed([*TOKENS, end, end], text))
    assert twice.probabilities == {"/colour": None, "/n": None}


def test_bytes_outrank_the_shown_token() -> None:
    """A token that is half a character is shown as a replacement character."""
    answer, _ = asked(listed(TOKENS, token="\ufffd"))
    assert answer.probabilities["/colour"] is not None


def test_a_pointer_to_no_choice_is_refused() -> None:
    with pytest.raises(PromptError, match="no closed choice"):
        asked(listed(TOKENS), ("/size",))
