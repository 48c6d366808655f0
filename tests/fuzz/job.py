"""What a fuzzing job is: its targets, its limits, and what passes between processes.

The parent (`watch.py`) starts a child (`child.py`) for a job. The child notes every input
in a file that both have mapped before it runs it, so the parent knows what killed it.
Nothing of productdesc is imported here: the child instruments it as it is imported.
"""

from __future__ import annotations

import json
import mmap
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Limits(NamedTuple):
    """What one input may cost. Instrumented code is about three times as slow."""

    cpu_seconds: float = 5.0  # of one input; twice that, and the process is ended
    wall_seconds: float = 120.0  # of one input: a lock, or a process that never answers
    growth_bytes: int = 256 * 2**20  # of the process's peak, by one input
    total_bytes: int = 2**31  # of the process; what leaks comes to this
    address_bytes: int = 16 * 2**30  # so that a bomb is a MemoryError, not a dead machine
    input_bytes: int = 2**16  # unless a target says otherwise
    restarts: int = 40  # of a target whose process ended; each of them is a finding


class Row(NamedTuple):
    """Where a target is, its share of the time, and its inputs in the quick run."""

    module: str
    share: float = 1.0
    quick: int = 150


FILES, SHOPS, CHAT = "catalog_files", "shop_replies", "chat"
MODEL, PHOTO, TEXT = "model_files", "photo_files", "texts"

TARGETS: dict[str, Row] = {
    "csv": Row(FILES, 3, quick=60),
    "shopify-csv": Row(FILES, 2),
    "woocommerce-csv": Row(FILES, 2),
    "magento-csv": Row(FILES),
    "google-tsv": Row(FILES),
    "google-xml": Row(FILES, 2),
    "jsonl": Row(FILES, 2),
    "parquet": Row(FILES),
    "folder": Row(FILES, 0.5),
    "detect": Row(FILES),
    "descriptions": Row(FILES, 0.5),
    "shopify-pages": Row(SHOPS),
    "shopify-bulk": Row(SHOPS),
    "shopify-write": Row(SHOPS),
    "shopify-languages": Row(SHOPS),
    "woocommerce-read": Row(SHOPS),
    "woocommerce-write": Row(SHOPS),
    "http": Row(SHOPS, 0.5),
    "chat": Row(CHAT, 2, quick=150),
    "copy": Row(CHAT, 2, quick=40),
    "schema": Row(CHAT, 0.5),
    "checkpoint": Row(MODEL, 2),
    "checkpoint-load": Row(MODEL, 2, quick=25),
    "photo": Row(PHOTO, 3, quick=80),
    "template": Row(TEXT, 2, quick=100),
    "taxonomy": Row(TEXT),
    "mapping": Row(TEXT, 0.5),
}
"""To add one: a row here, and a `Target` of that name in its module."""

BROKEN = "broken"
"""The module of targets that are wrong on purpose: each must be found."""


@dataclass(frozen=True)
class Job:
    """One child's work. seconds: of each target, 0: as many inputs as `inputs` says.

    is_guided: by coverage, with atheris; such a job has one target.
    """

    targets: tuple[tuple[str, str], ...]  # (name, module)
    inputs: tuple[int, ...]
    seconds: float
    seed: int
    folder: str  # where findings and their inputs stay
    shared: str
    is_guided: bool
    limits: Limits
    work: str = ""  # the folder of the files that targets read; the parent makes it

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Job:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
        fields["targets"] = tuple(map(tuple, fields["targets"]))
        return cls(**{**fields, "limits": Limits(*fields["limits"])})


class Note:
    """The input that runs now, in a file that outlives the process.

    tried: inputs begun, by target. target: its place in the job. since: the processor
    seconds of the process when the input began, and the clock's. size: -1 between inputs.
    """

    HEAD = struct.Struct("<iiddq64q")
    MAX_TARGETS = 64

    def __init__(self, path: Path, most: int, *, is_new: bool = False) -> None:
        if is_new:
            path.write_bytes(bytes(self.HEAD.size + most))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        if is_new:
            self._put(0, 0.0, 0.0, -1, [0] * self.MAX_TARGETS)

    def _put(
        self, target: int, cpu: float, wall: float, size: int, tried: list[int]
    ) -> None:
        self.HEAD.pack_into(self._map, 0, target, 0, cpu, wall, size, *tried)

    def begin(self, target: int, data: bytes, cpu: float, wall: float) -> None:
        *_, tried = self.now()
        tried[target] += 1
        self._map[self.HEAD.size : self.HEAD.size + len(data)] = data
        self._put(target, cpu, wall, len(data), tried)

    def end(self) -> None:
        target, cpu, wall, _, tried = self.now()
        self._put(target, cpu, wall, -1, tried)

    def now(self) -> tuple[int, float, float, int, list[int]]:
        target, _, cpu, wall, size, *tried = self.HEAD.unpack_from(self._map, 0)
        return target, cpu, wall, size, tried

    def data(self) -> bytes:
        size = max(0, self.now()[3])
        return bytes(self._map[self.HEAD.size : self.HEAD.size + size])
