"""Dialogues: several requests in a row about one thing, many of them under way at a time.

A dialogue is a generator. It yields requests, is sent their answers, and returns what it
made of them:

    def described(photo) -> Dialogue[str]:
        [seen] = yield [Request(Prompt(system, text, (photo,)), observe_schema)]
        [copy] = yield [Request(Prompt("", more), write_schema, seen.context)]
        return copy.text

`converse` takes them through an engine, so many at a time. An engine that can let one
begin while others are half done has a `converse` of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from ..errors import OutputError, PhotoError
from .protocol import Answer, Engine, Request, Settings

T = TypeVar("T")

Dialogue = Generator[Sequence[Request], list[Answer], T]
"""What its requests came to: `OutputError` and `PhotoError` for one that the engine cannot
take are raised where it asked."""

KEPT = 4
"""Times those under way that may be begun before the first of them has ended."""


@runtime_checkable
class Conversing(Protocol):
    """An engine in which dialogues enter and leave as others go on."""

    def converse(
        self,
        dialogues: Iterable[Dialogue[T]],
        settings: Settings | None = None,
        *,
        at_once: int,
    ) -> Iterator[T]:
        """See `productdesc.engines.conversations.converse`."""
        ...


def converse(
    engine: Engine,
    dialogues: Iterable[Dialogue[T]],
    settings: Settings | None = None,
    *,
    at_once: int,
) -> Iterator[T]:
    """What every dialogue returns, in their order; `at_once` of them are under way.

    An error that a dialogue raises, or that `dialogues` raises instead of the next one,
    is raised here after the results of all before it. `EngineError` stops everything.
    """
    if isinstance(engine, Conversing):
        return engine.converse(dialogues, settings, at_once=at_once)
    return _in_rounds(engine, dialogues, settings or Settings(), at_once)


def _in_rounds(
    engine: Engine, dialogues: Iterable[Dialogue[T]], settings: Settings, at_once: int
) -> Iterator[T]:
    """Each round is one call for all that is asked by then."""
    talks = Talks(dialogues, at_once)
    while not talks.are_over:
        yield from talks.finished()
        _ask(engine, talks, list(talks.asked()), settings)


def _ask(
    engine: Engine,
    talks: Talks[Any],
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
            talks.fail(asked[0][0], e)
            return
        half = len(asked) // 2  # one bad product costs the others few answers twice
        _ask(engine, talks, asked[:half], settings)
        _ask(engine, talks, asked[half:], settings)
        return
    for number, some in asked:
        talks.answer(number, [next(answers) for _ in some])


@dataclass(slots=True, eq=False)
class _Talk(Generic[T]):
    """One dialogue under way, or what became of it: one result, or an error."""

    dialogue: Dialogue[T] | None = None
    result: list[T] = field(default_factory=list)
    error: Exception | None = None


class Talks(Generic[T]):
    """Dialogues by number, in order of arrival: what they ask, and what they return."""

    def __init__(self, dialogues: Iterable[Dialogue[T]], at_once: int) -> None:
        self._coming = iter(dialogues)
        self._at_once = at_once
        self._talks: deque[_Talk[T]] = deque()  # from the first whose result is not taken
        self._first = 0
        self._going = 0
        self._asked: deque[tuple[int, Sequence[Request]]] = deque()
        self._may_begin = True

    @property
    def are_over(self) -> bool:
        return not self._talks and not self._may_begin

    def asked(self) -> Iterator[tuple[int, Sequence[Request]]]:
        """What is asked and was not given out: of whom, and the requests.

        Begins dialogues while there is room for them.
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
        """The answers to what dialogue `number` asked."""
        self._go_on(number, lambda going: going.send(answers))

    def fail(self, number: int, error: Exception) -> None:
        """Why dialogue `number` gets no answers."""
        self._go_on(number, lambda going: going.throw(error))

    def finished(self) -> Iterator[T]:
        """Results that are next in order; raises the error that is."""
        while self._talks and self._talks[0].dialogue is None:
            talk = self._talks.popleft()
            self._first += 1
            if talk.error:
                raise talk.error
            yield from talk.result

    def _has_room(self) -> bool:
        held = KEPT * self._at_once
        return self._may_begin and self._going < self._at_once and len(self._talks) < held

    def _begin(self) -> None:
        try:
            dialogue = next(self._coming)
        except StopIteration:
            self._may_begin = False
            return
        except Exception as e:
            self._may_begin = False
            self._talks.append(_Talk(error=e))
            return
        self._talks.append(_Talk(dialogue))
        self._going += 1
        self._go_on(self._first + len(self._talks) - 1, next)

    def _go_on(self, number: int, step: Callable[[Dialogue[T]], Sequence[Request]]) -> None:
        talk = self._talks[number - self._first]
        if talk.dialogue is None:
            return
        try:
            self._asked.append((number, step(talk.dialogue)))
            return
        except StopIteration as e:
            talk.result = [e.value]
        except Exception as e:
            talk.error = e
            self._may_begin = False
        talk.dialogue = None
        self._going -= 1
