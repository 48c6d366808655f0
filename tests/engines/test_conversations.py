"""Conversations through an engine that knows no more than `generate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from productdesc.engines import (
    Answer,
    Conversation,
    ConversationEngine,
    Prompt,
    Request,
    ScriptedEngine,
    Settings,
    run,
)
from productdesc.errors import EngineError, OutputError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 40}},
    "required": ["text"],
    "additionalProperties": False,
}


class Echo(ScriptedEngine):
    """Repeats what it is asked; takes no request that holds "bad"; counts its calls."""

    def __init__(self) -> None:
        super().__init__(lambda request: {"text": request.prompt.text})
        self.calls: list[int] = []

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        self.calls.append(len(requests))
        if any("bad" in request.prompt.text for request in requests):
            raise OutputError("bad")
        if any("worst" in request.prompt.text for request in requests):
            raise EngineError("the engine is gone")
        return super().generate(requests, settings)


def talk(name: str, turns: int = 2, width: int = 1) -> Conversation[str]:
    said: list[str] = []
    for turn in range(turns):
        try:
            answers = yield [Request(Prompt("", f"{name}{turn}"), SCHEMA)] * width
        except OutputError as e:
            return f"{name} failed: {e}"
        said += [answer.text for answer in answers]
    return "".join(said)


def test_results_come_in_order_whoever_ends_first() -> None:
    turns = [3, 0, 1, 2, 5, 1]
    found = list(run(Echo(), (talk(str(n), n) for n in turns), at_once=3))
    expected = ["".join(f'{{"text":"{n}{t}"}}' for t in range(n)) for n in turns]
    assert found == expected


def test_each_round_is_one_call() -> None:
    engine = Echo()
    list(run(engine, (talk(str(n), 2, 2) for n in range(4)), at_once=4))
    assert engine.calls == [8, 8]
    assert not isinstance(engine, ConversationEngine)


def test_a_request_that_is_refused_fails_its_dialogue_alone() -> None:
    names = ["a", "b", "bad", "c", "d"]
    found = list(run(Echo(), (talk(name, 1) for name in names), at_once=5))
    assert found == [
        '{"text":"a0"}',
        '{"text":"b0"}',
        "bad failed: bad",
        '{"text":"c0"}',
        '{"text":"d0"}',
    ]


def test_no_more_are_begun_than_may_be_under_way() -> None:
    begun: list[int] = []

    def talks() -> Iterator[Conversation[str]]:
        for number in range(40):
            begun.append(number)
            yield talk(str(number), 9 if number == 0 else 1)

    results = run(Echo(), talks(), at_once=2)
    next(results)
    # the first is the slowest: others pass it, but not without end
    assert len(begun) == 8
    assert len(list(results)) == 39


def test_a_source_that_breaks_loses_nothing_before_it() -> None:
    def talks() -> Iterator[Conversation[str]]:
        yield talk("a")
        yield talk("b")
        raise OSError("the disk is gone")

    found: list[str] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(run(Echo(), talks(), at_once=8))
    assert len(found) == 2


def test_an_error_of_a_dialogue_comes_after_the_results_before_it() -> None:
    def broken(number: int) -> Conversation[int]:
        yield [Request(Prompt("", "x"), SCHEMA)]
        return 1 // (3 - number)

    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(run(Echo(), map(broken, range(9)), at_once=9))
    assert len(found) == 3


def test_an_engine_that_is_gone_stops_everything() -> None:
    names = ["a", "worst", "b"]
    with pytest.raises(EngineError, match="gone"):
        list(run(Echo(), (talk(name, 1) for name in names), at_once=1))


def test_a_dialogue_may_ask_nothing() -> None:
    def silent() -> Conversation[list[Answer]]:
        return (yield [])

    engine = Echo()
    assert list(run(engine, [silent(), silent()], at_once=1)) == [[], []]
    assert engine.calls == []
