"""Files of a model's folder, read within limits: JSON objects, links that stay inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...errors import EngineError
from ...text.printable import words_of

MAX_JSON_BYTES = 64 * 2**20  # tokenizer.json of Qwen2-VL has 7 MB


def real_path(path: Path, folder: Path) -> Path:
    """What a path of a model's folder leads to; `EngineError` for a link out of it."""
    root, real = folder.resolve(), path.resolve()
    roots = [root]
    if root.parent.name == "snapshots":  # the hub's cache: snapshots/<commit> -> blobs
        roots.append(root.parent.parent / "blobs")
    if not any(real.is_relative_to(r) for r in roots):
        raise EngineError(f"{path}: refused, a link that leaves the model's folder")
    return real


def read_json(
    folder: Path, name: str, *, required: bool = True, at_most: int = MAX_JSON_BYTES
) -> dict[str, Any]:
    """The object in a JSON file of the folder; {} where it is missing and not required.

    Raises `EngineError` for one that is missing, too large, broken or no object.
    """
    path = folder / name
    if not path.is_file():
        if required:
            raise EngineError(f"{path}: missing; a model folder has one")
        return {}
    size = path.stat().st_size
    if size > at_most:
        raise EngineError(f"{path}: refused, {size:,} bytes; at most {at_most:,}")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as e:
        raise EngineError(f"{path}: not readable as JSON: {words_of(e)}") from e
    if not isinstance(value, dict):
        raise EngineError(f"{path}: holds {type(value).__name__}, not an object")
    return value
