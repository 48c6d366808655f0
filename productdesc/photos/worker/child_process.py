"""One fenced child process, from its parent's side: started, asked over pipes, ended.

`child_program.py` runs in it. `child_pool.py` keeps a few of them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from ... import cancel

PROGRAM = "child_program.py"  # beside this file
START_SECONDS = 60.0  # until a new process says that it is ready (0.1 s on a quiet machine)
MAX_HEAD_BYTES = 64 * 2**10  # of an answer's JSON: the process is not believed
PIPE_BYTES = 2**20  # what any user may have on Linux; 2**16 unless asked for

# What a Python program may need to start at all; everything else stays outside.
KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class Work(NamedTuple):
    """One kind of child: which program it runs, what that imports, its words in messages.

    `packages` must be installed, `maybe` may be. `noun` and `doing`: "decoder", "decoding".
    `python_option`: how a caller names another interpreter.
    """

    program: str
    packages: tuple[str, ...]
    noun: str
    doing: str
    python_option: str
    maybe: tuple[str, ...] = ()


class Cost(NamedTuple):
    """What one request may take: memory of the process, time, bytes of its answer."""

    memory_bytes: int
    cpu_seconds: float
    wall_seconds: float
    answer_bytes: int = 0


class ProcessDied(Exception):
    """The process ended or was ended; the message says why."""


class NoProcess(Exception):
    """A process could not be started; the message says why, and what to do."""


class ChildProcess:
    """One running child, spoken to by one thread at a time. Raises `NoProcess`."""

    def __init__(self, work: Work, python: str) -> None:
        self.asked = 0
        self._work = work
        self._is_late = False
        self._popen: subprocess.Popen[bytes] | None = None
        try:
            # Ctrl-C may come at any line of this; a process without an owner must not stay.
            self._popen = _started(work, python)
            self.about, _ = self._exchange([], Cost(0, 0, START_SECONDS))
            if self.about.get("ready") is not True:
                raise NoProcess(
                    f"the {work.noun} process of {python} did not say it was ready"
                )
        except ProcessDied as e:
            raise NoProcess(
                f"the {work.noun} process could not be started with {python}: {e}; can "
                f"that interpreter import {', '.join(work.packages)}?"
            ) from e
        except BaseException:
            self.kill()
            raise

    def is_alive(self) -> bool:
        return not self._is_late and self._popen is not None and self._popen.poll() is None

    def kill(self) -> None:
        """End it now; harmless when it has ended."""
        if self._popen is not None:
            self._popen.kill()
            self.let_go()
            self._popen.wait()

    def let_go(self) -> None:
        """Close our ends of its pipes."""
        for pipe in (self._popen.stdin, self._popen.stdout) if self._popen else ():
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def ask(
        self, request: dict[str, Any], data: bytes, cost: Cost
    ) -> tuple[dict[str, Any], bytearray]:
        """(JSON answer, raw bytes). Raises `ProcessDied`, after which it is dead indeed."""
        self.asked += 1
        limits = {"memory_bytes": cost.memory_bytes, "cpu_seconds": cost.cpu_seconds}
        head = json.dumps({**request, **limits, "bytes": len(data)}).encode()
        return self._exchange([len(head).to_bytes(4, "big") + head, data], cost)

    def _exchange(
        self, pieces: Sequence[bytes], cost: Cost
    ) -> tuple[dict[str, Any], bytearray]:
        watchdog = threading.Timer(cost.wall_seconds, self._kill_late)
        watchdog.daemon = True
        finished = False
        try:
            watchdog.start()
            with cancel.current().ends(self._end):
                for piece in pieces:
                    self._write(piece)
                head = self._read(self._length(self._read(4), MAX_HEAD_BYTES))
                answer = json.loads(head)
                body = self._read(self._length(answer["bytes"], cost.answer_bytes))
                finished = True
            return answer, body
        except (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError) as e:
            self.kill()
            raise ProcessDied(self._how_it_ended(cost)) from e
        finally:
            watchdog.cancel()
            if not finished:  # also after Ctrl-C: its pipe is out of step for good
                self.kill()

    def _kill_late(self) -> None:
        self._is_late = True
        self._end()

    def _end(self) -> None:
        if self._popen:
            self._popen.kill()

    def _write(self, data: bytes) -> None:
        assert self._popen and self._popen.stdin
        left = memoryview(data)
        while left:
            left = left[self._popen.stdin.write(left) or 0 :]

    def _read(self, count: int) -> bytearray:
        assert self._popen and self._popen.stdout
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

    def _how_it_ended(self, cost: Cost) -> str:
        code = self._popen.returncode if self._popen else None
        clocks = {-getattr(signal, n, 0) for n in ("SIGPROF", "SIGXCPU")} - {0}
        work = self._work
        if self._is_late:
            seconds = f"{cost.wall_seconds:g} s"
            return f"{work.doing} took more than {seconds}; the {work.noun} was ended"
        if code in clocks:
            seconds = f"{cost.cpu_seconds:g} s"
            return f"{work.doing} took more than {seconds} of processor time"
        return f"the {work.noun} process broke off (exit code {code})"


def _started(work: Work, python: str) -> subprocess.Popen[bytes]:
    folders = {name: folder_of(name) for name in (*work.packages, *work.maybe)}
    missing = [name for name in work.packages if folders[name] is None]
    if missing:
        raise NoProcess(f"{missing[0]} is not installed")
    if not python or getattr(sys, "frozen", False):
        raise NoProcess(
            f"the {work.noun} process needs a Python interpreter and this program is "
            f"frozen without one: use {work.python_option}"
        )
    # -I: no environment, no working folder; -S: no .pth file of the site is run
    command = [
        *(python, "-I", "-S", "-B", str(Path(__file__).with_name(PROGRAM)), work.program),
        *dict.fromkeys(str(folder) for folder in folders.values() if folder),
    ]
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
        raise NoProcess(f"the {work.noun} process could not be started: {e}") from e
    assert process.stdin and process.stdout
    _widen(process.stdin)
    _widen(process.stdout)
    return process


def folder_of(package: str) -> Path | None:
    """The folder that an installed package lies in; nothing of it is imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).parent


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more, where the system can: fewer turns between the processes."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # Windows, macOS, no more allowed
        return
