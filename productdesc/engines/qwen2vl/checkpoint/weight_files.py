"""Weight files in safetensors: which they are, their parameter count and digest.

Only headers and bytes are read here; nothing is loaded.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from ....errors import EngineError

INDEX = "model.safetensors.index.json"
MAX_HEADER_BYTES = 100 * 2**20  # the safetensors format's own limit


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
        raise EngineError(
            f"{folder}: the weight index names {name!r}, not a file beside it"
        )
    path = folder / name
    if not path.is_file():
        raise EngineError(
            f"{path}: missing; the folder has no complete safetensors weights. Download "
            "the model again, or convert it with transformers' save_pretrained"
        )
    return path


def count_parameters(path: Path) -> int:
    """Parameter count of a safetensors file, by its header."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise EngineError(f"{path}: not a safetensors file, or cut off")
        try:
            header = json.loads(file.read(length))
            entries = [v for k, v in header.items() if k != "__metadata__"]
            end = max((v["data_offsets"][1] for v in entries), default=0)
            count = sum(prod(v["shape"]) for v in entries)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as e:
            raise EngineError(f"{path}: its safetensors header is broken: {e}") from e
    if size != 8 + length + end:
        raise EngineError(
            f"{path}: {size:,} bytes where its header says {8 + length + end:,}"
        )
    return int(count)


def digest(files: tuple[Path, ...]) -> str:
    """Digest of the weights, SHA-256 in hex; of one file, what `sha256sum` prints.

    Of several: the SHA-256 of the lines "<sha256>  <file name>" in the order of names.
    """
    sums = []
    for path in sorted(files):
        with path.open("rb") as file:
            sums.append((hashlib.file_digest(file, "sha256").hexdigest(), path.name))
    if len(sums) == 1:
        return sums[0][0]
    lines = "".join(f"{value}  {name}\n" for value, name in sums)
    return hashlib.sha256(lines.encode()).hexdigest()
