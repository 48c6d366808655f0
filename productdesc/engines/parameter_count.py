"""How many parameters a model has, by the headers of its weight files."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import EngineError
from .checkpoint.hub import locate
from .checkpoint.weight_files import INDEX, count_parameters, weight_files


def parameter_count(
    name: str | Path | None, *, revision: str | None = None, offline: bool = False
) -> int | None:
    """The parameters that a model's weight files hold; nothing is loaded.

    None for a model that is behind a server, or that another package brings.
    """
    if isinstance(name, str) and name.startswith(("http://", "https://")):
        return None
    try:
        folder = locate(name, revision=revision, offline=offline).folder
        index = folder / INDEX
        listed = json.loads(index.read_bytes()) if index.is_file() else {}
        return sum(count_parameters(path) for path in weight_files(folder, listed))
    except (EngineError, OSError, ValueError):
        return None
