"""Weight files in safetensors: which they are, their parameter count and digest.

Only headers and bytes are read here; nothing is loaded.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from ...errors import EngineError
from ...text.printable import printable, words_of

INDEX = "model.safetensors.index.json"
MAX_HEADER_BYTES = 100 * 2**20  # the safetensors format's own limit
MAX_DIMENSIONS = 8  # of a tensor; Qwen2-VL has 5
MAX_NUMBER = 2**48  # a side of a tensor, or a byte of a file


def weight_files(folder: Path, index: Mapping[str, Any]) -> tuple[Path, ...]:
    """The weight files that the index names, or the single one where there is no index."""
    names = index.get("weight_map", {"all": "model.safetensors"})
    if not isinstance(names, dict) or not names:
        raise EngineError(f"{folder / INDEX}: names no weights")
    files = {_weight_file(folder, name) for name in names.values()}
    return tuple(sorted(files))


def _weight_file(folder: Path, name: Any) -> Path:
    if (
        not isinstance(name, str)
        or Path(name).name != name
        or not name.endswith(".safetensors")
    ):
        shown = printable(repr(name), "name")
        raise EngineError(f"{folder}: the weight index names {shown}, not a file beside it")
    path = folder / name
    if not path.is_file():
        raise EngineError(
            f"{path}: missing; the folder has no complete safetensors weights. Download "
            "the model again, or convert it with transformers' save_pretrained"
        )
    return path


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor of a header: its dtype as written, its shape, where its bytes end."""

    dtype: str
    shape: tuple[int, ...]
    end: int

    @property
    def values(self) -> int:
        """How many values it has."""
        return prod(self.shape)


def count_parameters(path: Path) -> int:
    """Parameter count of a safetensors file, by its header."""
    return sum(tensor.values for tensor in read_header(path).values())


def read_header(path: Path) -> dict[str, TensorEntry]:
    """Every tensor of a safetensors file by its name; its bytes are not read.

    Raises `EngineError` for what is no whole file of the format.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise EngineError(f"{path}: not a safetensors file, or cut off")
        try:
            header = json.loads(file.read(length))
            entries = {k: _entry(v) for k, v in header.items() if k != "__metadata__"}
        except (ValueError, AttributeError, RecursionError) as e:
            raise EngineError(
                f"{path}: its safetensors header is broken: {words_of(e)}"
            ) from e
    end = max((tensor.end for tensor in entries.values()), default=0)
    if size != 8 + length + end:
        raise EngineError(
            f"{path}: {size:,} bytes where its header says {8 + length + end:,}"
        )
    return entries


def _entry(entry: Any) -> TensorEntry:
    """Raises `ValueError` for what no file of the format holds."""
    if not isinstance(entry, dict):
        raise ValueError("a tensor is no object")
    shape: Any = entry.get("shape")
    offsets: Any = entry.get("data_offsets")
    for name, numbers, longest in (
        ("shape", shape, MAX_DIMENSIONS),
        ("data_offsets", offsets, 2),
    ):
        if not isinstance(numbers, list) or len(numbers) > longest:
            raise ValueError(f"{name} is no list of at most {longest} numbers")
        if not all(type(n) is int and 0 <= n <= MAX_NUMBER for n in numbers):
            raise ValueError(f"{name} holds what is no number from 0 to {MAX_NUMBER:,}")
    if len(offsets) != 2:
        raise ValueError("data_offsets are not two numbers")
    return TensorEntry(str(entry.get("dtype")), tuple(shape), offsets[1])


FileSum = tuple[str, str]
"""The SHA-256 of a file, in hex, and its name."""


def file_sums(files: Iterable[Path]) -> list[FileSum]:
    """The sum of each file, in the order given."""
    sums = []
    for path in files:
        with path.open("rb") as file:
            sums.append((hashlib.file_digest(file, "sha256").hexdigest(), path.name))
    return sums


def digest(files: Iterable[Path]) -> str:
    """Digest of weight files, in the order of their names (see `digest_of`)."""
    return digest_of(file_sums(sorted(files)))


def digest_of(sums: Sequence[FileSum]) -> str:
    """Digest of files, SHA-256 in hex; of one file, what `sha256sum` prints.

    Of several: the SHA-256 of the lines "<sha256>  <file name>".
    """
    if len(sums) == 1:
        return sums[0][0]
    lines = "".join(f"{value}  {name}\n" for value, name in sums)
    return hashlib.sha256(lines.encode()).hexdigest()
