"""Cancellation token: the one thing that ends what a call has under way, wherever it is.

A call has a token. The threads that work for it use it, and each step that may take long
says how it is ended: a connection is shut down, a process killed, a wait woken.

    with cancel.using(token):           # in the thread that works
        with token.ends(process.kill):  # around what may take long
            answer = process.ask(...)
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from .errors import CancelError, DeadlineError

POLL_SECONDS = 0.05
"""How often a caller's own event is looked at: nothing tells when one is set."""


class CancelToken:
    """Cancellation token of one call. Safe to use from several threads."""

    def __init__(self) -> None:
        self.error: CancelError | DeadlineError | None = None
        self._lock = threading.Lock()
        self._ends: dict[int, Callable[[], object]] = {}
        self._number = 0

    def cancel(self, error: CancelError | DeadlineError) -> None:
        """End everything that is under way, because of `error`; the first one counts."""
        with self._lock:
            if self.error is not None:
                return
            self.error = error
            ends = list(self._ends.values())
        for end in ends:
            end()

    def check(self) -> None:
        """Raises the error that it was cancelled with, if it was."""
        if self.error is not None:  # anew: several threads may raise it
            raise type(self.error)(*self.error.args)

    @contextlib.contextmanager
    def ends(self, end: Callable[[], object]) -> Iterator[None]:
        """Calls `end`, from another thread, if it is cancelled within the block.

        Raises the error at the block's begin, and at its end whatever the block raised.
        """
        number = self.on_cancel(end)
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            self.forget(number)
        self.check()

    def on_cancel(self, end: Callable[[], object]) -> int:
        """Calls `end` when it is cancelled; `forget` takes it back by the number.

        Raises the error where it was cancelled before.
        """
        with self._lock:
            self.check()
            self._number += 1
            self._ends[self._number] = end
            return self._number

    def forget(self, number: int) -> None:
        """Take an `on_cancel` back; harmless when it was called."""
        if number:
            with self._lock:
                self._ends.pop(number, None)

    def sleep(self, seconds: float) -> None:
        """Sleep; wakes and raises the error as soon as it is cancelled."""
        woken = threading.Event()
        with self.ends(woken.set):
            woken.wait(seconds)


class _Never(CancelToken):
    """Of a call that nobody can cancel: all such calls share it, so it keeps nothing."""

    def cancel(self, error: CancelError | DeadlineError) -> None:
        raise TypeError("this call has no token of its own to cancel")

    def on_cancel(self, end: Callable[[], object]) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


NEVER: CancelToken = _Never()
"""The token of a call that nobody can cancel."""

_current: ContextVar[CancelToken] = ContextVar("productdesc_cancel", default=NEVER)


def current() -> CancelToken:
    """The token of the call that this thread works for."""
    return _current.get()


def sleep(seconds: float) -> None:
    """Sleep, no longer than the call that this thread works for goes on."""
    current().sleep(seconds)


@contextlib.contextmanager
def using(token: CancelToken) -> Iterator[None]:
    """Within the block this thread works for a call with this token."""
    before = _current.set(token)
    try:
        yield
    finally:
        _current.reset(before)


def end_of(deadline: float | None) -> float | None:
    """When a deadline (seconds from now) passes, by `time.monotonic`; None: never.

    Raises `ValueError` for what cannot be one.
    """
    if deadline is None:
        return None
    if not 0 < deadline <= threading.TIMEOUT_MAX:
        raise ValueError(f"deadline is {deadline!r}; it is seconds from the call, above 0")
    return time.monotonic() + deadline


DEADLINE_MESSAGE = "not done within the deadline of its call"
CANCEL_MESSAGE = "cancelled by its caller"


@contextlib.contextmanager
def watching(end: float | None, event: threading.Event | None) -> Iterator[CancelToken]:
    """A token that is cancelled at an end (by `time.monotonic`) or when an event is set."""
    token = CancelToken()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            left = threading.TIMEOUT_MAX if end is None else end - time.monotonic()
            if left <= 0:
                return token.cancel(DeadlineError(DEADLINE_MESSAGE))
            if event is None:
                over.wait(left)
            elif event.wait(min(left, POLL_SECONDS)):
                return token.cancel(CancelError(CANCEL_MESSAGE))

    if end is None and event is None:
        yield token
        return
    thread = threading.Thread(target=watch, name="productdesc-deadline", daemon=True)
    thread.start()
    try:
        yield token
    finally:
        over.set()
        thread.join()
