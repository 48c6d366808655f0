"""Conversations: generators of requests about one thing, run many at a time.

A conversation yields requests, is sent their answers, and returns what it made of them:

    def describe(photo) -> Conversation[str]:
        [seen] = yield [Request(Prompt(system, text, (photo,)), observe_schema)]
        [copy] = yield [Request(Prompt("", more), write_schema, seen.context)]
        return copy.text

`engines/serving.py` takes them through an engine, so many at a time.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..cancel import NEVER, CancelToken
from ..text.log_lines import package_logger
from .protocol import Answer, Request, Settings

_log = package_logger("engines")

T = TypeVar("T")

Conversation = Generator[Sequence[Request], list[Answer], T]
"""A generator of requests that returns T. `OutputError` and `PhotoError` for a request that
the engine cannot take, and the error of its token, are raised where it asked."""

MAX_BEGUN = 4
"""How many times `at_once` conversations may have begun before the first one is over."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrival(Generic[T]):
    """A conversation that may begin now; `key` is what its end will be known by."""

    key: Hashable
    conversation: Conversation[T]
    settings: Settings
    token: CancelToken = NEVER


@dataclass(frozen=True, slots=True, eq=False)
class Ended(Generic[T]):
    """How a conversation ended: its one result, or its error."""

    key: Hashable
    results: tuple[T, ...] = ()
    error: Exception | None = None

    def result(self) -> T:
        """What it returned; raises what it raised."""
        if self.error:
            raise self.error
        return self.results[0]


Ends = Generator[Ended[T], None, None]
"""Conversations' ends, as they come; closing it drops what is under way."""


class Arrivals(Protocol[T]):
    """Conversations that become ready by themselves, as photos and calls come in.

    `changed` is set whenever one may have become ready, ended to wait, or been cancelled;
    who waits clears it first and looks then.
    """

    changed: threading.Event

    def take(self) -> Arrival[T] | None:
        """The next one that is ready; None where none is, yet or for good."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether no more will come."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a conversation asks now; conversations are numbered as they begin."""

    number: int
    requests: Sequence[Request]
    settings: Settings
    token: CancelToken


class Runner(Generic[T]):
    """Steps conversations, by number: their requests, their answers, their ends."""

    def __init__(self, arrivals: Arrivals[T], at_once: int) -> None:
        self._arrivals = arrivals
        self._at_once = at_once
        self._running: dict[int, Arrival[T]] = {}
        self._begun = 0
        self._asked: deque[Asked] = deque()
        self._ended: deque[Ended[T]] = deque()
        self._clock = _RequestLog()

    @property
    def is_over(self) -> bool:
        """Whether every conversation is over and its end taken."""
        return not self._running and not self._ended and self._arrivals.is_over

    def begin_look(self) -> list[int]:
        """Look at what changed: ends what was cancelled, and gives the numbers to drop.

        To be called before the rest: what changes after it wakes `wait`.
        """
        self._arrivals.changed.clear()
        stopped = {
            number: one.token.error
            for number, one in self._running.items()
            if one.token.error
        }
        self._asked = deque(one for one in self._asked if one.number not in stopped)
        for number, error in stopped.items():
            self.fail(number, error)
        return list(stopped)

    def requests(self) -> Iterator[Asked]:
        """Requests that were not given out yet.

        Begins conversations while there is room for them.
        """
        while True:
            while self._asked:
                asked = self._asked.popleft()
                if asked.requests:
                    yield asked
                else:
                    self.answer(asked.number, [])
            if len(self._running) >= self._at_once:
                return
            arrival = self._arrivals.take()
            if arrival is None:
                return
            self._running[self._begun] = arrival
            self._begun += 1
            self._go_on(self._begun - 1, next)

    def answer(self, number: int, answers: list[Answer]) -> None:
        """The answers to what conversation `number` asked."""
        self._clock.answered(number, answers)
        self._go_on(number, lambda going: going.send(answers))

    def fail(self, number: int, error: Exception) -> None:
        """Why conversation `number` gets no answers."""
        self._go_on(number, lambda going: going.throw(error))

    def ended(self) -> Iterator[Ended[T]]:
        """The ends that were not given out yet."""
        while self._ended:
            yield self._ended.popleft()

    def wait(self) -> None:
        """Wait until something changed since `begin_look`, unless an end is there."""
        if not self.is_over and not self._ended:
            self._arrivals.changed.wait()

    def _go_on(
        self, number: int, step: Callable[[Conversation[T]], Sequence[Request]]
    ) -> None:
        arrival = self._running.get(number)
        if arrival is None:
            return
        try:
            requests = step(arrival.conversation)
            self._clock.asked(number, requests)
            self._asked.append(Asked(number, requests, arrival.settings, arrival.token))
            return
        except StopIteration as e:
            ended = Ended(arrival.key, (e.value,))
        except Exception as e:
            ended = Ended(arrival.key, error=e)
        del self._running[number]
        self._ended.append(ended)


class _RequestLog:
    """What is asked and answered, for DEBUG: lengths and digests, never a text."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}

    def asked(self, number: int, requests: Sequence[Request]) -> None:
        if not _log.isEnabledFor(logging.DEBUG):
            return
        self._began[number] = time.perf_counter()
        for request in requests:
            prompt = request.prompt
            text = prompt.system + prompt.text
            digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            photos = len(prompt.photos)
            line = "conversation %d asks: %d characters (sha256 %s), %d photos"
            _log.debug(line, number, len(text), digest[:12], photos)

    def answered(self, number: int, answers: Sequence[Answer]) -> None:
        began = self._began.pop(number, None)
        if began is None:
            return
        took = (time.perf_counter() - began) * 1000
        for one in answers:
            line = "conversation %d is answered: %d characters, %d tokens, %s, %.0f ms"
            _log.debug(line, number, len(one.text), one.tokens, one.finish, took)


class InOrder(Generic[T]):
    """Puts ends in the order of their keys, which count from 0."""

    def __init__(self) -> None:
        self.given = 0
        self.has_failed = False

    def results(self, ends: Iterator[Ended[T]]) -> Iterator[T]:
        """The results in order; an error is raised after the results before it."""
        waiting: dict[Hashable, Ended[T]] = {}
        for ended in ends:
            waiting[ended.key] = ended
            self.has_failed = self.has_failed or ended.error is not None
            while self.given in waiting:
                yield waiting.pop(self.given).result()
                self.given += 1
