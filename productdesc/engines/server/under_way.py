"""Requests under way at a server: each conversation's, and what becomes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from ...errors import CancelError, DeadlineError, OutputError, PhotoError, PromptError
from ..conversations import Asked, Runner
from ..protocol import Answer

OF_ONE = (OutputError, PhotoError, CancelError, DeadlineError)
"""Errors of one conversation; any other that a server gives ends all of them."""

Submit = Callable[[Asked], list[Future[Answer]]]
"""Sends what a conversation asks, each request in a thread."""


class UnderWay:
    """Requests of a running loop; leave the `with` block and none of them is waited for.

    `changed` is set whenever one is answered.
    """

    def __init__(
        self, runner: Runner[Any], changed: threading.Event, submit: Submit
    ) -> None:
        self._runner = runner
        self._changed = changed
        self._submit = submit
        self._futures: dict[int, list[Future[Answer]]] = {}

    def __enter__(self) -> UnderWay:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop(list(self._futures))

    def send(self, asked: Asked) -> None:
        """Send what a conversation asks, or tell it why not."""
        try:
            futures = self._submit(asked)
        except (*OF_ONE, PromptError, ValueError) as e:
            return self._runner.fail(asked.number, e)
        self._futures[asked.number] = futures
        for future in futures:
            future.add_done_callback(lambda _: self._changed.set())

    def drop(self, numbers: Iterable[int]) -> None:
        """Forget what these conversations asked, and begin none of it any more."""
        for number in numbers:
            for future in self._futures.pop(number, []):
                future.cancel()

    def hand_over(self) -> None:
        """Give every conversation that has its answers those, or its error.

        Raises an error that is everybody's.
        """
        for number, futures in list(self._futures.items()):
            errors = _errors(futures)
            if errors:
                self.drop([number])
                if not isinstance(errors[0], OF_ONE):
                    raise errors[0]
                self._runner.fail(number, errors[0])
            elif all(future.done() for future in futures):
                del self._futures[number]
                self._runner.answer(number, [future.result() for future in futures])


def _errors(futures: Sequence[Future[Answer]]) -> list[BaseException]:
    return [e for one in futures if one.done() and (e := one.exception())]
