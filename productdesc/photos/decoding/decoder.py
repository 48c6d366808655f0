"""The decoder process: untrusted bytes are decoded outside the process with secrets.

`decoder_program.py` runs on its own, over pipes, with limits on memory, processor
time and files, an empty environment, and nothing of this package in it. It is started at
the first photo, kept, killed when a photo takes too long, and started again after a death.
It works from scripts without a main guard and from notebooks: nothing is imported twice.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

from ... import cancel
from ...errors import PhotoError
from ...text.printable import words_of
from . import pixels
from .decoder_process import DecoderProcess, ProcessDied
from .pixels import PhotoLimits

PHOTOS_PER_PROCESS = 500  # then a fresh one, with a whole heap


class Pixels(NamedTuple):
    """Raw RGB rows of one decoded photo, and the original's size (px).

    frame: which frame of an animation it is, from 1; 0 for what was not taken as one.
    """

    rgb: bytes | bytearray
    size: tuple[int, int]
    original: tuple[int, int]
    frame: int


class Decoder:
    """A few decoder processes with a lifetime; safe to use from several threads.

    `processes` photos are decoded at once, further ones wait. After a fork the child
    starts processes of its own. `python` is the interpreter to run (default: this one).
    """

    def __init__(self, *, processes: int = 2, python: str | None = None) -> None:
        self._python = python or sys.executable
        self._processes = processes
        self._start_afresh()
        if hasattr(os, "register_at_fork"):
            itself = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _after_fork(itself()))

    def _start_afresh(self) -> None:
        self._free = threading.BoundedSemaphore(self._processes)
        self._idle: list[DecoderProcess] = []
        self._started: weakref.WeakSet[DecoderProcess] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, _stop, self._idle, os.getpid())

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; a later photo would start new ones."""
        _stop(self._idle, os.getpid())

    def decode(self, name: str, data: bytes, *, format: str, limits: PhotoLimits) -> Pixels:
        """One frame of `data`, which is of that format, decoded outside.

        Raises `PhotoError`.
        """
        request = {"bytes": len(data), "format": format, "limits": list(limits)}
        with self._process() as process:
            try:
                answer, body = process.ask(request, data, limits)
            except ProcessDied as e:
                raise PhotoError(f"{name}: {e}") from e
            if answer.get("memory"):
                process.photos = PHOTOS_PER_PROCESS  # its heap is in pieces
        if reason := answer.get("refused"):
            if answer.get("memory"):
                reason += f" (limit {limits.memory_bytes / 2**20:.0f} MiB); shrink it first"
            raise PhotoError(f"{name}: {words_of(reason)}")
        return _checked(name, answer, body, limits)

    @contextlib.contextmanager
    def _process(self) -> Iterator[DecoderProcess]:
        free = self._free
        token = cancel.current()
        while not free.acquire(timeout=cancel.POLL_SECONDS):
            token.check()
        try:
            idle = self._idle
            process = _taken_alive(idle) or DecoderProcess(self._python)
            try:
                self._started.add(process)
                yield process
            finally:
                if process.is_alive() and process.photos < PHOTOS_PER_PROCESS:
                    idle.append(process)
                else:
                    process.kill()
        finally:
            free.release()


def _taken_alive(idle: list[DecoderProcess]) -> DecoderProcess | None:
    while True:
        try:
            process = idle.pop()
        except IndexError:
            return None
        if process.is_alive():
            return process
        process.kill()


def _stop(idle: list[DecoderProcess], owner: int) -> None:
    while idle and os.getpid() == owner:  # a forked child must not end its parent's
        with contextlib.suppress(IndexError):
            idle.pop().kill()


def _after_fork(decoder: Decoder | None) -> None:
    """In a forked child: let go of the parent's pipes, start own processes when asked."""
    if decoder is not None:
        decoder._finalizer.detach()
        for process in decoder._started:
            process.let_go()
        decoder._start_afresh()


@functools.cache
def shared() -> Decoder:
    """The decoder of `photos.load`: one for the whole program, started when first used."""
    return Decoder()


def _checked(
    name: str, answer: dict[str, Any], body: bytearray, limits: PhotoLimits
) -> Pixels:
    """The answer as what it must be: the process may have been taken over by a photo."""
    size, frame = answer.get("size"), answer.get("frame")
    if (
        not isinstance(size, list)
        or len(size) != 4
        or not all(type(n) is int and 0 < n <= limits.max_side for n in size)
        or max(size[:2]) > limits.kept_side
        or len(body) != size[0] * size[1] * 3
        or type(frame) is not int
        or not 0 <= frame <= pixels.FRAME_CHOICE.max_frames
    ):
        raise PhotoError(f"{name}: the decoder process gave an answer that does not fit")
    return Pixels(body, (size[0], size[1]), (size[2], size[3]), frame)
