"""Conversations: several requests in a row about one thing, many of them at a time.

A conversation is a generator. It yields requests, is sent their answers, and returns what
it made of them:

    def described(photo) -> Conversation[str]:
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
"""What its requests came to: `OutputError` and `PhotoError` for one that the engine cannot
take are raised where it asked."""

MAX_BEGUN = 4
"""Times those under way that may be begun before the first of them has ended."""


@runtime_checkable
class ConversationEngine(Protocol):
    """An engine in which conversations enter and leave as others go on."""

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
    """What every conversation returns, in their order; `at_once` of them are under way.

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
    """Each round is one call for all that is asked by then."""
    runner = Runner(conversations, at_once)
    while not runner.are_over:
        yield from runner.finished()
        _ask(engine, runner, list(runner.asked()), settings)


def _ask(
    engine: Engine,
    runner: Runner[Any],
    asked: Sequence[tuple[int, Sequence[Request]]],
    settings: Settings,
) -> None:
    """One call; where the engine cannot take one of the requests, in halves."""
    if not asked:
        return
    try:
        answers = iter(engine.generate([r for _, some in asked for r in some], settings))
    except (OutputError, PhotoError) as e:
        if len(asked) == 1:
            runner.fail(asked[0][0], e)
            return
        half = len(asked) // 2  # one bad product costs the others few answers twice
        _ask(engine, runner, asked[:half], settings)
        _ask(engine, runner, asked[half:], settings)
        return
    for number, some in asked:
        runner.answer(number, [next(answers) for _ in some])


@dataclass(slots=True, eq=False)
class _Running(Generic[T]):
    """One conversation under way, or what became of it: one result, or an error."""

    conversation: Conversation[T] | None = None
    result: list[T] = field(default_factory=list)
    error: Exception | None = None


class Runner(Generic[T]):
    """Conversations by number, in order of arrival: what they ask, and what they return."""

    def __init__(self, conversations: Iterable[Conversation[T]], at_once: int) -> None:
        self._coming = iter(conversations)
        self._at_once = at_once
        self._running: deque[_Running[T]] = (
            deque()
        )  # from the first whose result is not taken
        self._first = 0
        self._going = 0
        self._asked: deque[tuple[int, Sequence[Request]]] = deque()
        self._may_begin = True

    @property
    def are_over(self) -> bool:
        return not self._running and not self._may_begin

    def asked(self) -> Iterator[tuple[int, Sequence[Request]]]:
        """What is asked and was not given out: of whom, and the requests.

        Begins conversations while there is room for them.
        """
        while True:
            while self._asked:
                number, requests = self._asked.popleft()
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

    def finished(self) -> Iterator[T]:
        """Results that are next in order; raises the error that is."""
        while self._running and self._running[0].conversation is None:
            running = self._running.popleft()
            self._first += 1
            if running.error:
                raise running.error
            yield from running.result

    def _has_room(self) -> bool:
        held = MAX_BEGUN * self._at_once
        return self._may_begin and self._going < self._at_once and len(self._running) < held

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
            self._asked.append((number, step(running.conversation)))
            return
        except StopIteration as e:
            running.result = [e.value]
        except Exception as e:
            running.error = e
            self._may_begin = False
        running.conversation = None
        self._going -= 1
