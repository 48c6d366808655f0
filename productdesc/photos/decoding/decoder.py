"""The decoder process: untrusted bytes are decoded outside the process with secrets.

`decoder_program.py` runs in a fenced child (`photos/worker/`). It is started at the first
photo, kept, killed when a photo takes too long, and started again after a death.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from ...errors import PhotoError
from ...text.printable import words_of
from ..worker.child_pool import ChildPool, Keeping
from ..worker.child_process import Cost, NoProcess, ProcessDied, Work
from . import pixels
from .pixels import PhotoLimits

PHOTOS_PER_PROCESS = 500  # then a fresh one, with a whole heap

WORK = Work(
    program="photos.decoding.decoder_program",
    packages=("PIL",),
    maybe=("pi_heif",),
    noun="decoder",
    doing="decoding",
    python_option="productdesc.photos.Decoder(python=...)",
)


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
        self._pool = ChildPool(WORK, Keeping(processes, PHOTOS_PER_PROCESS), python)

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; a later photo would start new ones."""
        self._pool.close()

    def decode(self, name: str, data: bytes, *, format: str, limits: PhotoLimits) -> Pixels:
        """One frame of `data`, which is of that format, decoded outside.

        Raises `PhotoError`.
        """
        cost = Cost(
            limits.memory_bytes,
            limits.cpu_seconds,
            limits.wall_seconds,
            3 * limits.kept_side**2,
        )
        request = {"format": format, "limits": list(limits)}
        try:
            answer, body = self._pool.ask(request, data, cost)
        except ProcessDied as e:
            raise PhotoError(f"{name}: {e}") from e
        except NoProcess as e:
            raise PhotoError(str(e)) from e
        if reason := answer.get("refused"):
            if answer.get("memory"):
                reason += f" (limit {limits.memory_bytes / 2**20:.0f} MiB); shrink it first"
            raise PhotoError(f"{name}: {words_of(reason)}")
        return _checked(name, answer, body, limits)


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
