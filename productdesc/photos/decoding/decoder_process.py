"""One decoder process, from its parent's side: started, asked over pipes, ended.

`decoder_program.py` runs in it. `decoder.py` keeps a few of them.
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
from typing import IO, Any

from ... import cancel
from ...errors import PhotoError
from .pixels import PhotoLimits

PROGRAM = "decoder_program.py"  # beside this file
START_SECONDS = 60.0  # until a new process says that it is ready (0.1 s on a quiet machine)
MAX_HEAD_BYTES = 64 * 2**10  # of an answer's JSON: the process is not believed
PIPE_BYTES = 2**20  # what any user may have on Linux; 2**16 unless asked for

# What a Python program may need to start at all; everything else stays outside.
KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class ProcessDied(Exception):
    """The process ended or was ended; the message says why."""


class DecoderProcess:
    """One running decoder, spoken to by one thread at a time."""

    def __init__(self, python: str) -> None:
        self.photos = 0
        self._is_late = False
        self._popen: subprocess.Popen[bytes] | None = None
        try:
            # Ctrl-C may come at any line of this; a process without an owner must not stay.
            self._popen = _started(python)
            ready, _ = self._exchange([], 0, START_SECONDS)
            if ready.get("ready") is not True:
                raise PhotoError(
                    f"the decoder process of {python} did not say it was ready"
                )
        except ProcessDied as e:
            raise PhotoError(
                f"the decoder process could not be started with {python}: {e}; can that "
                "interpreter import PIL?"
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
        self, request: dict[str, Any], data: bytes, limits: PhotoLimits
    ) -> tuple[dict[str, Any], bytearray]:
        """(JSON answer, raw bytes). Raises `ProcessDied`, after which it is dead indeed."""
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
        finished = False
        try:
            watchdog.start()
            with cancel.current().ends(self._end):
                for piece in pieces:
                    self._write(piece)
                head = self._read(self._length(self._read(4), MAX_HEAD_BYTES))
                answer = json.loads(head)
                body = self._read(self._length(answer["bytes"], max_body))
                finished = True
            return answer, body
        except (OSError, EOFError, ValueError, KeyError, TypeError) as e:
            self.kill()
            raise ProcessDied(self._how_it_ended(seconds, cpu_seconds)) from e
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

    def _how_it_ended(self, seconds: float, cpu_seconds: float) -> str:
        code = self._popen.returncode if self._popen else None
        clocks = {-getattr(signal, n, 0) for n in ("SIGPROF", "SIGXCPU")} - {0}
        if self._is_late:
            return f"decoding took more than {seconds:g} s; the decoder was ended"
        if code in clocks:
            return f"decoding took more than {cpu_seconds:g} s of processor time"
        return f"the decoder process broke off (exit code {code})"


def _started(python: str) -> subprocess.Popen[bytes]:
    pillow = folder_of("PIL")
    if pillow is None:
        raise PhotoError("Pillow is not installed: pip install 'pillow>=13'")
    if not python or getattr(sys, "frozen", False):
        raise PhotoError(
            "the decoder process needs a Python interpreter and this program is frozen "
            "without one: use productdesc.photos.Decoder(python=...)"
        )
    heic = folder_of("pi_heif")
    # -I: no environment, no working folder; -S: no .pth file of the site is run
    command = [
        python,
        "-I",
        "-S",
        "-B",
        str(Path(__file__).with_name(PROGRAM)),
        str(pillow),
        *([str(heic)] if heic else []),
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
        raise PhotoError(f"the decoder process could not be started: {e}") from e
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
