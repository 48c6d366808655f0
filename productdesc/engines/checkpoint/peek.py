"""Which architecture a model is, by its config.json alone, before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from ...errors import EngineError
from ..known_models import PINNED
from .hub import is_demo, is_hub_id
from .model_folder import read_json
from .probe import FAST


def model_type(
    name: str | Path | None, *, revision: str | None = None, offline: bool = False
) -> str:
    """The `model_type` of a model; "" where it cannot be told, which loading will explain.

    Of a hub model that is not cached only this one file is fetched.
    """
    if is_demo(name):
        return next(iter(FAST.architectures))
    assert name is not None
    folder = Path(name)
    if not folder.is_dir():
        if not (isinstance(name, str) and is_hub_id(name)):
            return ""
        folder = _fetched(name, revision or PINNED.get(name), offline)
    try:
        return str(read_json(folder, "config.json").get("model_type") or "")
    except (EngineError, OSError):
        return ""


def _fetched(name: str, revision: str | None, offline: bool) -> Path:
    """A folder with the config.json of a hub model; one without it where it is not had."""
    from huggingface_hub import hf_hub_download

    for local_only in (True, False)[: 1 if offline else 2]:
        try:
            found = hf_hub_download(
                name, "config.json", revision=revision, local_files_only=local_only
            )
        except Exception:  # each fault of the hub has its own kind; `locate` explains it
            continue
        return Path(found).parent
    return Path(name)
