"""The decoder process: untrusted bytes are decoded outside the process with secrets.

`pixels.py` runs as a program of its own, over pipes, with limits on memory, processor
time and files, an empty environment, and nothing of this package in it. It is started at
the first photo, kept, killed when a photo takes too long, and started again after a death.
It works from scripts without a main guard and from notebooks: nothing is imported twice.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from ..errors import PhotoError
from . import pixels
from .pixels import PhotoLimits

START_SECONDS = 60.0  # until a new process says that it is ready (0.1 s on a quiet machine)
MAX_HEAD_BYTES = 64 * 2**10  # of an answer's JSON: the process is not believed
PIPE_BYTES = 2**20  # what any user may have on Linux; 2**16 unless asked for
PHOTOS_PER_PROCESS = 500  # then a fresh one, with a whole heap

# What a Python program may need to start at all; everything else stays outside.
KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class Pixels(NamedTuple):
    """Raw RGB rows of one decoded photo, and the original's format and size (px)."""

    rgb: bytes | bytearray
    size: tuple[int, int]
    format: str
    original: tuple[int, int]


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
        self._idle: list[_Process] = []
        self._started: weakref.WeakSet[_Process] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, _stop, self._idle, os.getpid())

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; a later photo would start new ones."""
        _stop(self._idle, os.getpid())

    def decode(
        self, name: str, data: bytes, *, formats: Sequence[str], limits: PhotoLimits
    ) -> Pixels:
        """The first frame of `data`, decoded outside. Raises `PhotoError`."""
        request = {"bytes": len(data), "formats": list(formats), "limits": list(limits)}
        with self._process() as process:
            try:
                answer, body = process.ask(request, data, limits)
            except _Died as e:
                raise PhotoError(f"{name}: {e}") from e
            if answer.get("memory"):
                process.photos = PHOTOS_PER_PROCESS  # its heap is in pieces
        if reason := answer.get("refused"):
            if answer.get("memory"):
                reason += f" (limit {limits.memory_bytes / 2**20:.0f} MiB); shrink it first"
            raise PhotoError(f"{name}: {_printable(reason)}")
        return _checked(name, answer, body, limits)

    @contextlib.contextmanager
    def _process(self) -> Iterator[_Process]:
        with self._free:
            idle = self._idle
            process = _taken_alive(idle) or _Process(self._python)
            self._started.add(process)
            try:
                yield process
            finally:
                if process.is_alive() and process.photos < PHOTOS_PER_PROCESS:
                    idle.append(process)
                else:
                    process.kill()


def _taken_alive(idle: list[_Process]) -> _Process | None:
    while True:
        try:
            process = idle.pop()
        except IndexError:
            return None
        if process.is_alive():
            return process
        process.kill()


def _stop(idle: list[_Process], owner: int) -> None:
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


class _Died(Exception):
    """The process ended or was ended; the message says why."""


class _Process:
    """One running decoder, spoken to by one thread at a time."""

    def __init__(self, python: str) -> None:
        self.photos = 0
        self._is_late = False
        self._popen = _started(python)
        try:
            ready, _ = self._exchange([], 0, START_SECONDS)
        except _Died as e:
            raise PhotoError(
                f"the decoder process could not be started with {python}: {e}; can that "
                "interpreter import PIL?"
            ) from e
        if ready.get("ready") is not True:
            self.kill()
            raise PhotoError(f"the decoder process of {python} did not say it was ready")

    def is_alive(self) -> bool:
        return not self._is_late and self._popen.poll() is None

    def kill(self) -> None:
        """End it now; harmless when it has ended."""
        self._popen.kill()
        self.let_go()
        self._popen.wait()

    def let_go(self) -> None:
        """Close our ends of its pipes."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def ask(
        self, request: dict[str, Any], data: bytes, limits: PhotoLimits
    ) -> tuple[dict[str, Any], bytearray]:
        """(JSON answer, raw bytes). Raises `_Died`, after which it is dead indeed."""
        self.photos += 1
        head = json.dumps(request).encode()
        pieces = [len(head).to_bytes(4, "big") + head, data]
        return self._exchange(
            pieces, 3 * limits.kept_side**2, limits.wall_seconds, limits.cpu_seconds
        )

    def _exchange(
        self, pieces: Sequence[bytes], max_body: int, seconds: float, cpu_seconds: float = 0
    ) -> tuple[dict[str, Any], bytearray]:
        watchdog = threading.Timer(seconds, self._kill_late)
        watchdog.daemon = True
        watchdog.start()
        finished = False
        try:
            for piece in pieces:
                self._write(piece)
            answer = json.loads(self._read(self._length(self._read(4), MAX_HEAD_BYTES)))
            body = self._read(self._length(answer["bytes"], max_body))
            finished = True
            return answer, body
        except (OSError, EOFError, ValueError, KeyError, TypeError) as e:
            self.kill()
            raise _Died(self._how_it_ended(seconds, cpu_seconds)) from e
        finally:
            watchdog.cancel()
            if not finished:  # also after Ctrl-C: its pipe is out of step for good
                self.kill()

    def _kill_late(self) -> None:
        self._is_late = True
        self._popen.kill()

    def _write(self, data: bytes) -> None:
        assert self._popen.stdin
        left = memoryview(data)
        while left:
            left = left[self._popen.stdin.write(left) or 0 :]

    def _read(self, count: int) -> bytearray:
        assert self._popen.stdout
        buffer = bytearray(count)
        left = memoryview(buffer)
        while left:
            got = self._popen.stdout.readinto(left)  # type: ignore[attr-defined]
            if not got:
                raise EOFError(f"{count - len(left)} of {count} bytes")
            left = left[got:]
        return buffer

    @staticmethod
    def _length(value: bytearray | int, at_most: int) -> int:
        length = int.from_bytes(value, "big") if isinstance(value, bytearray) else value
        if not isinstance(length, int) or not 0 <= length <= at_most:
            raise ValueError(f"a length of {length!r}; {at_most} is the limit")
        return length

    def _how_it_ended(self, seconds: float, cpu_seconds: float) -> str:
        code = self._popen.returncode
        clocks = {-getattr(signal, n, 0) for n in ("SIGPROF", "SIGXCPU")} - {0}
        if self._is_late:
            return f"decoding took more than {seconds:g} s; the decoder was ended"
        if code in clocks:
            return f"decoding took more than {cpu_seconds:g} s of processor time"
        return f"the decoder process broke off (exit code {code})"


def _started(python: str) -> subprocess.Popen[bytes]:
    spec = importlib.util.find_spec("PIL")
    if spec is None or not spec.submodule_search_locations:
        raise PhotoError("Pillow is not installed: pip install 'pillow>=13'")
    if not python or getattr(sys, "frozen", False):
        raise PhotoError(
            "the decoder process needs a Python interpreter and this program is frozen "
            "without one: use productdesc.photos.Decoder(python=...)"
        )
    pillow = Path(next(iter(spec.submodule_search_locations))).parent
    # -I: no environment, no working folder; -S: no .pth file of the site is run
    command = [python, "-I", "-S", "-B", pixels.__file__, str(pillow)]
    environment = {k: os.environ[k] for k in KEPT_ENVIRONMENT if k in os.environ}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment,
            close_fds=True,
            start_new_session=os.name == "posix",  # Ctrl-C in a terminal is not for it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as e:
        raise PhotoError(f"the decoder process could not be started: {e}") from e
    assert process.stdin and process.stdout
    _widen(process.stdin)
    _widen(process.stdout)
    return process


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more, where the system can: fewer turns between the processes."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # Windows, macOS, no more allowed
        return


def _checked(
    name: str, answer: dict[str, Any], body: bytearray, limits: PhotoLimits
) -> Pixels:
    """The answer as what it must be: the process may have been taken over by a photo."""
    size = answer.get("size")
    if (
        not isinstance(size, list)
        or len(size) != 4
        or not all(type(n) is int and 0 < n <= limits.max_side for n in size)
        or max(size[:2]) > limits.kept_side
        or len(body) != size[0] * size[1] * 3
        or answer.get("format") not in pixels.PLUGINS
    ):
        raise PhotoError(f"{name}: the decoder process gave an answer that does not fit")
    return Pixels(body, (size[0], size[1]), answer["format"], (size[2], size[3]))


def _printable(text: Any) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(text)[:300])
