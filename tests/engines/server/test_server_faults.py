"""Servers that refuse, are busy, away or another, and the key in all of that."""

from __future__ import annotations

import json
import logging
import pickle
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from doubles.loopback import Loopback, reply
from doubles.model_servers.asking import COMPACT, QUICK, answer_to, in_turn, request
from doubles.model_servers.chat_server import (
    Body,
    ChatServer,
    as_json,
    fails,
    fitting,
    says,
)
from factories import photo

from productdesc import (
    EngineError,
    OutputError,
    PhotoError,
    ProductDescError,
    PromptError,
    ServerEngine,
)
from productdesc.engines import ServerLimits, ServerOptions

KEY = "sk-canary-7f3a91"

# ---- refusals, in the words of real servers ---------------------------------------------

REFUSED: dict[str, tuple[str, str, type[ProductDescError]]] = {
    "vLLM, xgrammar": (
        "400 Bad Request",
        "The provided JSON schema contains features not supported by xgrammar.",
        PromptError,
    ),
    "vLLM, guidance": (
        "400 Bad Request",
        'Grammar error: Unimplemented keys: ["x"]',
        PromptError,
    ),
    "vLLM, long": (
        "400 Bad Request",
        "Input length (11476) exceeds model's maximum context length (4096).",
        OutputError,
    ),
    "vLLM, max_tokens": (
        "400 Bad Request",
        "'max_tokens' or 'max_completion_tokens' is too large: 100000. This model's "
        "maximum context length is 4096 tokens and your request has 154 input tokens",
        OutputError,
    ),
    "llama.cpp, long": (
        "400 Bad Request",
        "request (80011 tokens) exceeds the available context size (4096 tokens)",
        OutputError,
    ),
    "a proxy": ("413 Payload Too Large", "", OutputError),
    "vLLM, photos": (
        "400 Bad Request",
        "At most 1 image(s) may be provided in one prompt.",
        PhotoError,
    ),
    "llama.cpp, photo": (
        "400 Bad Request",
        "Failed to load image or audio file",
        PhotoError,
    ),
    "no eyes": (
        "400 Bad Request",
        "This model is not a multimodal model and cannot take media.",
        PhotoError,
    ),
    "OpenAI": (
        "400 Bad Request",
        "Unrecognized request argument supplied: min_p",
        EngineError,
    ),
    "vLLM, model": ("404 Not Found", "The model `nope` does not exist.", EngineError),
    "key": ("401 Unauthorized", "Invalid API key", EngineError),
    "vLLM, dead": ("500 Internal Server Error", "EngineDeadError", EngineError),
}


@pytest.mark.parametrize(("status", "words", "error"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_asked_once_and_says_url_status_and_the_servers_words(
    status: str, words: str, error: type[ProductDescError]
) -> None:
    made = fails(status, words)
    with (
        ChatServer(lambda body: made) as server,
        ServerEngine(server.url, QUICK) as engine,
        pytest.raises(error) as caught,
    ):
        engine.generate([request("?", photo("red"))])
    assert type(caught.value) is error
    assert len(server.bodies) == 1
    for part in (f"{server.url}/chat/completions", status.split()[0], words):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "frobnicated", "code": 7}},
        {"error": "frobnicated"},
        {"message": "frobnicated"},
        {"detail": "frobnicated"},
        {"detail": [{"loc": ["body"], "msg": "frobnicated"}]},
    ],
)
def test_the_servers_words_are_found_in_every_shape_of_error(body: Any) -> None:
    made = reply(json.dumps(body).encode(), "400 Bad Request")
    with pytest.raises(EngineError, match=r"400 Bad Request: .*frobnicated"):
        answer_to(made)


def test_long_and_hostile_words_are_shortened_to_one_line() -> None:
    made = reply(b"<html>\x1b[31m\n" + b"no \n" * 100_000, "500 Internal Server Error")
    with pytest.raises(EngineError) as caught:
        answer_to(made)
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()


NO_COMPLETIONS = {
    "html": reply(b"<html>Welcome to nginx!</html>"),
    "empty": reply(b""),
    "a list": as_json([]),
    "an error with status 200": as_json({"error": {"message": "Provider gave up"}}),
    "no choices": as_json({"choices": []}),
    "null choices": as_json({"choices": None}),
    "an odd choice": as_json({"choices": ["hello"]}),
    "too much": reply(b" " * 5 * 2**20),
}


@pytest.mark.parametrize("made", NO_COMPLETIONS.values(), ids=NO_COMPLETIONS)
def test_what_is_no_completion_is_an_error_that_names_the_server(made: bytes) -> None:
    with pytest.raises(EngineError, match=r"http://127\.0\.0\.1:\d+/v1/chat/completions: "):
        answer_to(made)


def test_a_redirect_is_not_followed_and_is_said() -> None:
    made = reply(
        b"", "308 Permanent Redirect", "Location: https://elsewhere.example/v1?key=x"
    )
    with pytest.raises(
        EngineError, match=r"sends on to https://elsewhere\.example/v1: give"
    ):
        answer_to(made)


# ---- busy, away, slow -------------------------------------------------------------------


def waits(status: str, *headers: str) -> tuple[list[float], int]:
    """The waits of an engine whose server is busy twice, and what it asked."""
    slept: list[float] = []
    made = in_turn(*[fails(status, "busy", *headers)] * 2, says(COMPACT))
    with (
        ChatServer(made) as server,
        ServerEngine(server.url, sleep=slept.append) as engine,
    ):
        assert engine.generate([request()])[0].text == COMPACT
        return slept, len(server.bodies)


@pytest.mark.parametrize("status", ["408 x", "429 x", "502 x", "503 x", "504 x"])
def test_a_busy_server_is_asked_again_after_growing_waits(status: str) -> None:
    slept, asked = waits(status)
    assert asked == 3
    assert len(slept) == 2
    assert 0 <= slept[0] <= 0.5
    assert 0 <= slept[1] <= 1.0


def test_retry_after_is_heeded() -> None:
    slept, _ = waits("429 Too Many Requests", "Retry-After: 7")
    assert all(7 <= seconds <= 8 for seconds in slept)


def test_a_server_that_stays_busy_is_given_up_with_the_number_of_attempts() -> None:
    with pytest.raises(EngineError, match=r"503 .*\(4 attempts\): loading the model"):
        answer_to(fails("503 Service Unavailable", "loading the model"))


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    slept: list[float] = []
    made = fails("429 Too Many Requests", "quota", "Retry-After: 3600")
    with pytest.raises(EngineError, match="asks to wait 3600 s"):
        answer_to(made, sleep=slept.append)
    assert slept == []


def test_a_dropped_connection_is_asked_again() -> None:
    drops = iter([True, True])

    def script(body: Body) -> bytes:
        return b"" if next(drops, False) else says(COMPACT)

    assert answer_to(script).text == COMPACT


def test_a_server_that_is_not_there_says_so_at_the_first_question() -> None:
    with Loopback(lambda head, connection: None) as gone:
        url = f"http://127.0.0.1:{gone.port}/v1"
    with pytest.raises(EngineError, match=r"attempt 4 of 4.*is the server running there\?"):
        ServerEngine(url, QUICK).info  # noqa: B018


def test_a_server_that_never_answers_is_left_at_the_deadline() -> None:
    done = threading.Event()

    def stuck(body: Body) -> bytes:
        done.wait(20)
        return says(COMPACT)

    limits = ServerLimits(deadline_seconds=0.4, first_wait_seconds=0.001)
    began = time.monotonic()
    with ChatServer(stuck) as server:
        with (
            ServerEngine(server.url, ServerOptions(limits=limits)) as engine,
            pytest.raises(EngineError, match=r"within 0\.4 s"),
        ):
            engine.generate([request()])
        done.set()
    assert time.monotonic() - began < 10


def test_a_second_attempt_has_only_the_rest_of_the_deadline() -> None:
    done = threading.Event()
    slow = iter([True])

    def script(body: Body) -> bytes:
        if next(slow, False):
            time.sleep(1.6)
            return fails("503 Service Unavailable", "loading the model")
        done.wait(20)
        return says(COMPACT)

    limits = ServerLimits(deadline_seconds=2.0, first_wait_seconds=0.001)
    began = time.monotonic()
    with ChatServer(script) as server:
        with (
            ServerEngine(server.url, ServerOptions(limits=limits)) as engine,
            pytest.raises(EngineError, match=r"attempt 2 of 4, at most 2 s in all"),
        ):
            engine.generate([request()])
        took = time.monotonic() - began
        done.set()
    assert took < 3.2


# ---- which model ------------------------------------------------------------------------


def test_the_model_is_named_as_listed_and_its_weights_are_not_vouched_for() -> None:
    with ChatServer(fitting, models=["qwen2-vl"]) as server:
        for asked in (None, "qwen2-vl"):
            with ServerEngine(server.url, ServerOptions(model=asked)) as engine:
                info = engine.info
                assert (info.model, info.revision, info.weights_digest) == (
                    "qwen2-vl",
                    "server",
                    "",
                )
                assert engine.info is info
        assert [head.split()[1] for head in server.heads] == ["/v1/models"] * 2


@pytest.mark.parametrize("asked", [None, "gpt", "QWEN2-VL"])
def test_a_model_that_is_not_listed_is_refused_with_the_list(asked: str | None) -> None:
    # llama.cpp would answer under any name, and the provenance would be wrong
    with (
        ChatServer(fitting, models=["qwen2-vl", "llava"]) as server,
        ServerEngine(server.url, ServerOptions(model=asked)) as engine,
    ):
        with pytest.raises(EngineError, match="the server lists: qwen2-vl, llava"):
            engine.generate([request()])
        assert not server.bodies


@pytest.mark.parametrize(
    "listed",
    [fails("500 Internal Server Error", "no cache folder"), fails("404 Not Found", "")],
)
def test_a_server_without_a_list_is_believed_about_its_model(listed: bytes) -> None:
    with ChatServer(fitting, listed=listed) as server:
        with ServerEngine(server.url, ServerOptions(model="mine")) as engine:
            assert engine.info.model == "mine"
            engine.generate([request()])
            assert server.bodies[0]["model"] == "mine"
        with pytest.raises(EngineError, match="lists no models"):
            ServerEngine(server.url).info  # noqa: B018


def test_a_wrong_key_is_said_at_once() -> None:
    with (
        ChatServer(fitting, listed=fails("401 Unauthorized", "Invalid API key")) as server,
        pytest.raises(EngineError, match="api_key"),
    ):
        ServerEngine(server.url, ServerOptions(model="mine")).info  # noqa: B018


def test_an_engine_asks_nothing_before_it_is_used() -> None:
    with ChatServer(fitting) as server:
        ServerEngine(server.url).close()
        assert server.heads == []


# ---- the key ----------------------------------------------------------------------------


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.parametrize(
    "made",
    [
        fails("400 Bad Request", f"what is this Authorization: Bearer {KEY}?"),
        fails("401 Unauthorized", f"wrong key {KEY}"),
        reply(f"<html>{KEY}</html>".encode()),
        says(f"Your key is {KEY}"),
        reply(b"", "302 Found", f"Location: https://x.example/?k={KEY}"),
        reply(b"", "302 Found", f"Location: https://x.example/{KEY}/v1"),
        b"nonsense",
        fails("503 Service Unavailable", KEY),
    ],
)
def test_the_key_is_in_one_header_and_nowhere_else(
    made: bytes, logged: pytest.LogCaptureFixture
) -> None:
    with ChatServer(lambda body: made) as server:
        with ServerEngine(server.url, replace(QUICK, api_key=KEY)) as engine:
            shown = [repr(engine), str(engine), repr(engine.info), repr(vars(engine))]
            with pytest.raises(ProductDescError) as caught:
                engine.generate([request()])
            with pytest.raises(TypeError):
                pickle.dumps(engine)
        assert all(f"authorization: Bearer {KEY}" in head for head in server.heads)
    shown += ["".join(traceback.format_exception(caught.value)), logged.text]
    assert KEY not in "".join(shown)


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    for wrong in ("", "two words", "line\n", "größe"):
        with pytest.raises(ValueError, match="secret") as caught:
            ServerEngine("http://127.0.0.1:1/v1", ServerOptions(api_key=wrong))
        assert not wrong or wrong not in str(caught.value)


def test_an_address_with_a_password_or_a_query_is_refused_without_showing_it() -> None:
    for url in (f"http://user:{KEY}@x.example/v1", f"http://x.example/v1?key={KEY}"):
        with pytest.raises(ValueError, match="api_key") as caught:
            ServerEngine(url)
        assert KEY not in str(caught.value)
