"""Text reader: the lines printed on a pack, each with its score and its place on the photo.

    with TextReader() as reader:
        for line in reader.read(Path("pack.jpg")):
            print(line.text, line.score, line.box)

rapidocr (extra `ocr`) reads them in a fenced process of its own (`photos/worker/`), which
is given decoded pixels, opens nothing, and is not believed.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import math
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from ...errors import EngineError, PhotoError
from ...records import Photo, PhotoSource, ReadText
from ...text.printable import words_of
from ...text.trim import clean
from ..intake import load
from ..worker.child_pool import ChildPool, Keeping
from ..worker.child_process import Cost, NoProcess, ProcessDied, Work

__all__ = ["ReadLimits", "TextReader", "reader_name", "shared_reader"]

WORK = Work(
    program="photos.ocr.ocr_program",
    packages=("rapidocr", "onnxruntime", "cv2", "numpy", "PIL"),
    maybe=("omegaconf", "pyclipper", "shapely", "yaml", "requests", "tqdm", "antlr4"),
    noun="text reader",
    doing="reading",
    python_option="productdesc.photos.TextReader(python=...)",
)
EXTRA = ("rapidocr", "onnxruntime", "cv2")
PIXELS_VERSION = 1  # raised when a photo is given to rapidocr in another size


class ReadLimits(NamedTuple):
    """How large a photo is read, what counts as read, and what one photo may cost."""

    max_side: int = 1280  # px; a longer photo is shrunk: 1536 do not fit into the memory
    enlarge: float = 2.0  # times at most; more reads less (docs/photos-and-security.md)
    min_score: float = 0.5  # rapidocr's own threshold; what is below is noise
    max_lines: int = 200  # of one photo; a full page of a leaflet has 60
    max_chars: int = 300  # of one line; its text is cut there
    memory_bytes: int = 2**30  # address space of the process; half is too little to start
    cpu_seconds: float = 60.0  # a page full of text takes 7
    wall_seconds: float = 120.0  # on a machine with other work to do
    answer_bytes: int = 2**20  # max_lines of max_chars, each escaped as \\uXXXX, and places


KEEPING = Keeping(processes=1, requests=500, idle_seconds=60.0)
"""One process, as each takes memory; it ends after an idle minute."""


class TextReader:
    """Reads text on photos; safe to use from several threads, which take turns.

    Its process starts with the first photo, and again after it ended. `python` is the
    interpreter to run (default: this one). Raises `EngineError` where the extra is missing.
    """

    def __init__(
        self,
        *,
        limits: ReadLimits | None = None,
        keeping: Keeping = KEEPING,
        python: str | None = None,
        work: Work = WORK,
    ) -> None:
        reader_name()
        self._limits = limits or ReadLimits()
        self._pool = ChildPool(work, keeping, python)

    def __enter__(self) -> TextReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; a later photo would start a new one."""
        self._pool.close()

    def read(self, source: PhotoSource) -> tuple[ReadText, ...]:
        """The lines on one photo, from top to bottom; none where it shows no text.

        `source`: what `photos.load` takes. A box is (left, top, right, bottom), each 0 to 1
        of the photo. Raises `PhotoError` where this photo cannot be read, `EngineError`
        where none can.
        """
        photo, limits = load(source), self._limits
        image = self._sized(photo)
        cost = Cost(
            limits.memory_bytes,
            limits.cpu_seconds,
            limits.wall_seconds,
            limits.answer_bytes,
        )
        request = {"size": list(image.size), "most": limits.max_lines}
        try:
            answer, body = self._pool.ask(request, image.tobytes(), cost)
        except ProcessDied as e:
            raise PhotoError(f"{photo.name}: its text was not read: {e}") from e
        except NoProcess as e:
            raise EngineError(str(e)) from e
        if reason := answer.get("refused"):
            if answer.get("memory"):
                reason += f" (limit {limits.memory_bytes / 2**20:.0f} MiB)"
            raise PhotoError(f"{photo.name}: its text was not read: {words_of(reason)}")
        try:
            return tuple(_lines(bytes(body), image.size, limits))
        except (ValueError, TypeError, RecursionError) as e:
            raise PhotoError(
                f"{photo.name}: the text reader gave an answer that does not fit"
            ) from e

    def _sized(self, photo: Photo) -> Any:
        """The photo's pixels in the size in which they are read."""
        from PIL.Image import Resampling

        image, limits = photo.rgb, self._limits
        factor = min(limits.enlarge, limits.max_side / max(image.size))
        if factor == 1:
            return image
        width, height = (max(1, round(side * factor)) for side in image.size)
        return image.resize((width, height), Resampling.LANCZOS)


def _lines(body: bytes, size: tuple[int, int], limits: ReadLimits) -> Iterator[ReadText]:
    """An answer's lines, checked: the process may have been taken over by a photo.

    Raises `ValueError` or `TypeError` for anything but lines within the photo.
    """
    rows = json.loads(body)
    if not isinstance(rows, list) or len(rows) > limits.max_lines:
        raise ValueError("no list of lines, or too many")
    width, height = size
    for row in rows:
        text, *numbers = row
        if not isinstance(text, str) or len(numbers) != 5:
            raise ValueError("no line")
        if not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
            raise ValueError("no number")
        score, left, top, right, bottom = numbers
        box = left / width, top / height, right / width, bottom / height
        text = clean(text.encode(errors="replace").decode())[: limits.max_chars]
        if text and score >= limits.min_score:
            yield ReadText(text=text, score=min(round(score, 3), 1.0), box=_inside(box))


def _inside(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The box within the photo, in thousandths; raises `ValueError` where it is none."""
    left, top, right, bottom = (round(min(max(n, 0.0), 1.0), 3) for n in box)
    if left > right or top > bottom:
        raise ValueError("a box from right to left")
    return left, top, right, bottom


def reader_name() -> str:
    """What reads, with its version; part of the key of every draft that it shaped.

    Raises `EngineError` where the extra is not installed.
    """
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    try:
        installed = version("rapidocr")
    except PackageNotFoundError:
        missing = missing or ["rapidocr"]
    if missing:
        raise EngineError(
            f"reading text on packs needs {', '.join(missing)}: pip install "
            '"productdesc[ocr]"'
        )
    return f"rapidocr {installed}, {PIXELS_VERSION}"


@functools.cache
def shared_reader() -> TextReader:
    """The reader of `describe(ocr=True)`: one for the whole program."""
    return TextReader()
