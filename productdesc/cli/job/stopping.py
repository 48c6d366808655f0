"""Graceful stop: a signal lets a job finish what is under way, a second one drops it.

    with Stopping(grace=30) as stopping:
        for outcome in stopping.waiting(describe_many(
            products, engine, stop=stopping.stop, cancel=stopping.cancel
        )):
            ...

To treat one more signal so: one row in SIGNALS.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any, Self, TypeVar

from ...text.printable import quoted
from ..terminal import say

T = TypeVar("T")

SIGNALS: Mapping[str, int] = {"SIGINT": 130, "SIGTERM": 75}
"""The exit code after each signal. 75 is EX_TEMPFAIL of sysexits.h: try again later."""

GRACE_SECONDS = 30.0
"""How long products under way may take once a job is to stop."""

TOO_MANY_FAILURES = 4
"""The exit code of a job that stopped since more products failed than were to."""


class DropError(BaseException):
    """A second signal: nothing more is waited for.

    No `Exception`, so that nothing takes it for an error of a product or a shop.
    """


class TerminateError(BaseException):
    """SIGTERM, where a command has nothing to finish: what `KeyboardInterrupt` is to
    SIGINT, so that temporary files go."""


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Within the block SIGTERM raises `TerminateError`, unless it is caught already."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TerminateError

    try:
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            raise ValueError("somebody has it")
        signal.signal(signal.SIGTERM, stop)
    except ValueError:  # or not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a job stops, and the exit code that says so."""

    reason: str
    exit_code: int


class Stopping:
    """The way in which one job ends early, if it does.

    stop: set at once; no product is begun after it. cancel: set `grace` seconds later;
    what is under way ends then. cause: why; None while there is no reason to stop.

    grace: None where nothing ends what is under way but itself, or a second signal.

    Outside the main thread, where no signal can be caught, only `because` stops the job.
    """

    def __init__(self, grace: float | None) -> None:
        self.stop = threading.Event()
        self.cancel = threading.Event()
        self.cause: Cause | None = None
        self._grace = grace
        self._signals = 0
        self._is_waiting = False
        self._before: dict[int, Any] = {}

    def because(self, cause: Cause) -> None:
        """Stop the job, as the first signal does."""
        self.cause = self.cause or cause
        self._writer.send(b"\0")

    def waiting(self, outcomes: Iterator[T]) -> Iterator[T]:
        """The same outcomes; while one is awaited, a second signal raises `DropError`.

        Anywhere else, as in the middle of a write, it is raised at the next of them.
        """
        while True:
            try:
                self._is_waiting = True
                self.check()
                outcome = next(outcomes)
            except StopIteration:
                return
            finally:
                self._is_waiting = False
            yield outcome

    def check(self) -> None:
        """Raises `DropError` where a second signal came."""
        if self._signals > 1:
            raise DropError

    def _caught(self, number: int, frame: FrameType | None) -> None:
        """The handler: runs in the main thread, between any two of its steps, so it takes
        no lock. The watcher does the rest."""
        self._signals += 1
        name = signal.Signals(number).name
        self.cause = self.cause or Cause(name, SIGNALS[name])
        if self._signals > 1:
            self._restore()  # a third one does what it always does
            if self._is_waiting:
                raise DropError

    def _watch(self) -> None:
        """Wait for signals, which arrive as bytes even while a model is computing."""
        ends = 0.0
        while True:
            is_counting = self.stop.is_set() and not self.cancel.is_set()
            has_end = is_counting and self._grace is not None
            left = max(ends - time.monotonic(), 0.001) if has_end else None
            self._reader.settimeout(left)
            try:
                if not self._reader.recv(64):
                    return
            except TimeoutError:
                self.cancel.set()
                continue
            if self.stop.is_set():
                continue
            most = ""
            if self._grace is not None:
                ends = time.monotonic() + self._grace
                most = f", for {self._grace:g} s at most"
            say(
                f"stopping: products under way are finished{most}; another signal drops all"
            )
            self.stop.set()

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._thread = threading.Thread(
            target=self._watch, name="productdesc-stopping", daemon=True
        )
        self._thread.start()
        self._wakeup: int | None = None
        with contextlib.suppress(ValueError):  # not the main thread
            fileno = self._writer.fileno()
            self._wakeup = signal.set_wakeup_fd(fileno, warn_on_full_buffer=False)
            for name in SIGNALS:
                number = getattr(signal, name)
                # who started this may have asked for it to be ignored, as nohup does
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()
        if self._wakeup is not None:
            signal.set_wakeup_fd(self._wakeup)
        self._writer.close()
        self._thread.join()
        self._reader.close()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def seconds(text: str) -> float:
    """A time of an option."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= threading.TIMEOUT_MAX:
        raise argparse.ArgumentTypeError(
            f"{quoted(text, 'value')} is no number of seconds, such as 30"
        )
    return value
