"""Serve: conversations through an engine, so many at a time.

`serve` takes them as they become ready and gives each end as it comes. `run` takes them
from an iterable and gives their results in order. An engine that can let one begin while
others are half done has a `serve` of its own; any other is asked in rounds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from ..errors import OutputError, PhotoError
from .conversations import (
    MAX_BEGUN,
    Arrival,
    Arrivals,
    Asked,
    Conversation,
    Ends,
    InOrder,
    Runner,
)
from .protocol import Answer, Engine, Request, Settings

T = TypeVar("T")


@runtime_checkable
class ConversationEngine(Protocol):
    """An engine with continuous batching: conversations enter and leave as others go on."""

    def serve(self, arrivals: Arrivals[T], *, at_once: int) -> Ends[T]:
        """See `productdesc.engines.serving.serve`."""
        ...


def serve(engine: Engine, arrivals: Arrivals[T], *, at_once: int) -> Ends[T]:
    """Each conversation's end as it comes; `at_once` of them are under way.

    Waits only while nothing is under way. A conversation whose token is cancelled gets
    that error where it asked, and its requests are dropped. An error that is the engine's
    own is raised, and nothing that was under way has an end.
    """
    if isinstance(engine, ConversationEngine):
        return engine.serve(arrivals, at_once=at_once)
    return _in_rounds(engine, arrivals, at_once)


def run(
    engine: Engine,
    conversations: Iterable[Conversation[T]],
    settings: Settings | None = None,
    *,
    at_once: int,
) -> Iterator[T]:
    """The conversations' results, in their order; `at_once` of them are under way.

    An error that a conversation raises, or that `conversations` raises instead of the next
    one, is raised here after the results of all before it. `EngineError` stops everything.
    """
    listed: _Listed[T] = _Listed(conversations, settings or Settings(), at_once)
    yield from listed.order.results(serve(engine, listed, at_once=at_once))
    if listed.error:
        raise listed.error


def ask_once(requests: Sequence[Request]) -> Conversation[list[Answer]]:
    """A conversation of one turn, which returns its answers."""
    return (yield requests)


def _in_rounds(engine: Engine, arrivals: Arrivals[T], at_once: int) -> Ends[T]:
    """Static batching: each round is one call for all requests that there are by then."""
    runner = Runner(arrivals, at_once)
    while not runner.is_over:
        runner.begin_look()
        yield from runner.ended()
        asked = list(runner.requests())
        for settings in dict.fromkeys(one.settings for one in asked):
            _ask(engine, runner, [one for one in asked if one.settings == settings])
        if not asked:
            runner.wait()


def _ask(engine: Engine, runner: Runner[Any], asked: Sequence[Asked]) -> None:
    """One call; where the engine cannot take one of the requests, in halves."""
    try:
        requests = [request for one in asked for request in one.requests]
        answers = iter(engine.generate(requests, asked[0].settings))
    except (OutputError, PhotoError) as e:
        if len(asked) == 1:
            runner.fail(asked[0].number, e)
            return
        half = len(asked) // 2  # one bad product costs the others few answers twice
        _ask(engine, runner, asked[:half])
        _ask(engine, runner, asked[half:])
        return
    for one in asked:
        runner.answer(one.number, [next(answers) for _ in one.requests])


class _Listed(Generic[T]):
    """Arrivals from an iterable, the next as soon as there is room for it."""

    def __init__(
        self, conversations: Iterable[Conversation[T]], settings: Settings, at_once: int
    ) -> None:
        self.changed = threading.Event()
        self.order: InOrder[T] = InOrder()
        self.error: Exception | None = None
        self._coming = iter(conversations)
        self._settings = settings
        self._most = MAX_BEGUN * at_once
        self._next = 0
        self._has_more = True

    @property
    def is_over(self) -> bool:
        return not self._has_more or self.order.has_failed

    def take(self) -> Arrival[T] | None:
        if self.is_over or self._next - self.order.given >= self._most:
            return None
        try:
            conversation = next(self._coming)
        except StopIteration:
            self._has_more = False
            return None
        except Exception as e:
            self._has_more, self.error = False, e
            return None
        self._next += 1
        return Arrival(self._next - 1, conversation, self._settings)
