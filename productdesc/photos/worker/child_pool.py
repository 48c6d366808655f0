"""A few child processes of one kind: started when needed, kept, replaced, ended.

A process is killed when a request takes too long, and started again after a death. This
works from scripts without a main guard and from notebooks: nothing is imported twice.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

from ... import cancel
from .child_process import ChildProcess, Cost, Work


class Keeping(NamedTuple):
    """How processes are kept: how many work at once, and how long each lives.

    `requests`: then a fresh one, with a whole heap. `idle_seconds`: after so long without
    a request they end; None: they stay until the pool is closed.
    """

    processes: int
    requests: int = 500
    idle_seconds: float | None = None


class ChildPool:
    """Child processes with a lifetime; safe to use from several threads.

    After a fork the child of the fork starts processes of its own.
    """

    def __init__(self, work: Work, keeping: Keeping, python: str | None = None) -> None:
        self._work = work
        self._keeping = keeping
        self._python = python or sys.executable
        self._start_afresh()
        if hasattr(os, "register_at_fork"):
            itself = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _after_fork(itself()))

    def _start_afresh(self) -> None:
        self._free = threading.BoundedSemaphore(self._keeping.processes)
        self._idle: list[ChildProcess] = []
        self._started: weakref.WeakSet[ChildProcess] = weakref.WeakSet()
        self._sleep: threading.Timer | None = None
        self._finalizer = weakref.finalize(self, _stop, self._idle, os.getpid())

    def close(self) -> None:
        """End the processes; a later request would start new ones."""
        if self._sleep:
            self._sleep.cancel()
        _stop(self._idle, os.getpid())

    def ask(
        self, request: dict[str, Any], data: bytes, cost: Cost
    ) -> tuple[dict[str, Any], bytearray]:
        """(JSON answer, raw bytes), neither of which can be believed.

        Raises `ProcessDied` where the request ended its process, and `NoProcess`.
        """
        with self._process() as process:
            answer, body = process.ask(request, data, cost)
            if answer.get("memory"):
                process.asked = self._keeping.requests  # its heap is in pieces
        return answer, body

    @contextlib.contextmanager
    def _process(self) -> Iterator[ChildProcess]:
        free = self._free
        token = cancel.current()
        while not free.acquire(timeout=cancel.POLL_SECONDS):
            token.check()
        try:
            idle = self._idle
            process = _taken_alive(idle) or ChildProcess(self._work, self._python)
            try:
                self._started.add(process)
                yield process
            finally:
                if process.is_alive() and process.asked < self._keeping.requests:
                    idle.append(process)
                    self._end_when_idle()
                else:
                    process.kill()
        finally:
            free.release()

    def _end_when_idle(self) -> None:
        if self._keeping.idle_seconds is None:
            return
        if self._sleep:
            self._sleep.cancel()
        # not a method of the pool: the timer must not keep it alive
        arguments = (self._idle, os.getpid())
        self._sleep = threading.Timer(self._keeping.idle_seconds, _stop, arguments)
        self._sleep.daemon = True
        self._sleep.start()


def _taken_alive(idle: list[ChildProcess]) -> ChildProcess | None:
    while True:
        try:
            process = idle.pop()
        except IndexError:
            return None
        if process.is_alive():
            return process
        process.kill()


def _stop(idle: list[ChildProcess], owner: int) -> None:
    while idle and os.getpid() == owner:  # a forked child must not end its parent's
        with contextlib.suppress(IndexError):
            idle.pop().kill()


def _after_fork(pool: ChildPool | None) -> None:
    """In a forked child: let go of the parent's pipes, start own processes when asked."""
    if pool is not None:
        pool._finalizer.detach()
        for process in pool._started:
            process.let_go()
        pool._start_afresh()
