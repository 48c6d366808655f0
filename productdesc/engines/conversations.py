"""Conversations: generators of requests about one thing, run many at a time.

A conversation yields requests, is sent their answers, and returns what it made of them:

    def describe(photo) -> Conversation[str]:
        [seen] = yield [Request(Prompt(system, text, (photo,)), observe_schema)]
        [copy] = yield [Request(Prompt("", more), write_schema, seen.context)]
        return copy.text

`run` takes them through an engine, so many at a time. An engine that can let one
begin while others are half done has a `run` of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from ..errors import OutputError, PhotoError
from .protocol import Answer, Engine, Request, Settings

T = TypeVar("T")

Conversation = Generator[Sequence[Request], list[Answer], T]
"""A generator of requests that returns T. `OutputError` and `PhotoError` for a request that
the engine cannot take are raised where it asked."""

MAX_BEGUN = 4
"""How many times `at_once` conversations may have begun before the first one is over."""


@runtime_checkable
class ConversationEngine(Protocol):
    """An engine with continuous batching: conversations enter and leave as others go on."""

    def run(
        self,
        conversations: Iterable[Conversation[T]],
        settings: Settings | None = None,
        *,
        at_once: int,
    ) -> Iterator[T]:
        """See `productdesc.engines.conversations.run`."""
        ...


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
    if isinstance(engine, ConversationEngine):
        return engine.run(conversations, settings, at_once=at_once)
    return _in_rounds(engine, conversations, settings or Settings(), at_once)


def _in_rounds(
    engine: Engine,
    conversations: Iterable[Conversation[T]],
    settings: Settings,
    at_once: int,
) -> Iterator[T]:
    """Static batching: each round is one call for all requests that there are by then."""
    runner = Runner(conversations, at_once)
    while not runner.is_over:
        yield from runner.results()
        _ask(engine, runner, list(runner.requests()), settings)


def _ask(
    engine: Engine,
    runner: Runner[Any],
    pending: Sequence[tuple[int, Sequence[Request]]],
    settings: Settings,
) -> None:
    """One call; where the engine cannot take one of the requests, in halves."""
    if not pending:
        return
    try:
        answers = iter(engine.generate([r for _, some in pending for r in some], settings))
    except (OutputError, PhotoError) as e:
        if len(pending) == 1:
            runner.fail(pending[0][0], e)
            return
        half = len(pending) // 2  # one bad product costs the others few answers twice
        _ask(engine, runner, pending[:half], settings)
        _ask(engine, runner, pending[half:], settings)
        return
    for number, some in pending:
        runner.answer(number, [next(answers) for _ in some])


@dataclass(slots=True, eq=False)
class _Running(Generic[T]):
    """A conversation under way; once it is over, its one result or its error."""

    conversation: Conversation[T] | None = None
    result: list[T] = field(default_factory=list)
    error: Exception | None = None


class Runner(Generic[T]):
    """Runs conversations by number, in order of arrival: their requests, their results."""

    def __init__(self, conversations: Iterable[Conversation[T]], at_once: int) -> None:
        self._coming = iter(conversations)
        self._at_once = at_once
        # from the first whose result was not taken
        self._running: deque[_Running[T]] = deque()
        self._first = 0
        self._going = 0
        self._pending: deque[tuple[int, Sequence[Request]]] = deque()
        self._may_begin = True

    @property
    def is_over(self) -> bool:
        """Whether every conversation is over and its result taken."""
        return not self._running and not self._may_begin

    def requests(self) -> Iterator[tuple[int, Sequence[Request]]]:
        """Requests that were not given out yet, each with its conversation's number.

        Begins conversations while there is room for them.
        """
        while True:
            while self._pending:
                number, requests = self._pending.popleft()
                if requests:
                    yield number, requests
                else:
                    self.answer(number, [])
            if not self._has_room():
                return
            self._begin()

    def answer(self, number: int, answers: list[Answer]) -> None:
        """The answers to what conversation `number` asked."""
        self._go_on(number, lambda going: going.send(answers))

    def fail(self, number: int, error: Exception) -> None:
        """Why conversation `number` gets no answers."""
        self._go_on(number, lambda going: going.throw(error))

    def results(self) -> Iterator[T]:
        """Results that are next in order; raises an error that is."""
        while self._running and self._running[0].conversation is None:
            running = self._running.popleft()
            self._first += 1
            if running.error:
                raise running.error
            yield from running.result

    def _has_room(self) -> bool:
        most = MAX_BEGUN * self._at_once
        return self._may_begin and self._going < self._at_once and len(self._running) < most

    def _begin(self) -> None:
        try:
            conversation = next(self._coming)
        except StopIteration:
            self._may_begin = False
            return
        except Exception as e:
            self._may_begin = False
            self._running.append(_Running(error=e))
            return
        self._running.append(_Running(conversation))
        self._going += 1
        self._go_on(self._first + len(self._running) - 1, next)

    def _go_on(
        self, number: int, step: Callable[[Conversation[T]], Sequence[Request]]
    ) -> None:
        running = self._running[number - self._first]
        if running.conversation is None:
            return
        try:
            self._pending.append((number, step(running.conversation)))
            return
        except StopIteration as e:
            running.result = [e.value]
        except Exception as e:
            running.error = e
            self._may_begin = False
        running.conversation = None
        self._going -= 1
