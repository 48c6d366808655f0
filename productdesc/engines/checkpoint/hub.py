"""Locate a checkpoint folder by a model's name: demo model, folder, or Hugging Face hub.

Commits are pinned in `engines/known_models.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...errors import EngineError
from ..known_models import DEMO, PINNED
from .weight_files import INDEX

MODEL_FILES = ("*.safetensors", "*.safetensors.index.json", "*.json", "merges.txt")
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", "productdesc.json")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """A checkpoint folder on this disk, with the model's name and hub commit."""

    folder: Path
    name: str = ""
    revision: str = ""


def locate(
    name: str | Path | None,
    *,
    revision: str | None = None,
    offline: bool = False,
    cache: Path | None = None,
) -> CheckpointFolder:
    """Locate a model's checkpoint folder; download it only where it is not cached yet.

    Without `revision` a model in PINNED comes at the commit pinned there, any other at
    the commit cached as "main", or the newest. Raises `EngineError` with the command that
    gets a missing model. `cache` is the hub's cache folder, where it is not the usual.
    """
    if is_demo(name):
        return _demo()
    assert name is not None
    if (folder := _folder(name, revision)) is not None:
        return CheckpointFolder(folder)
    return _hub(str(name), revision or PINNED.get(str(name)), offline, cache)


def locate_adapter(
    name: str | Path,
    *,
    revision: str | None = None,
    offline: bool = False,
    cache: Path | None = None,
) -> CheckpointFolder:
    """Locate a LoRA adapter's folder, by the same rules; nothing but its own files comes.

    Without `revision` it comes at the commit cached as "main", or the newest.
    """
    if (folder := _folder(name, revision, "adapter ")) is not None:
        return CheckpointFolder(folder)
    return _hub(str(name), revision, offline, cache, ADAPTER_FILES)


def _folder(name: str | Path, revision: str | None, what: str = "") -> Path | None:
    """The folder of this name; None where it is a hub id. what: "adapter " or a model."""
    folder = Path(name)
    if isinstance(name, Path) or (name and folder.is_dir()):
        if revision is not None:
            option = f"{what.replace(' ', '_')}revision="
            raise ValueError(f"{name} is a folder; {option} counts only for the hub")
        if not folder.is_dir():
            raise EngineError(f"{folder}: no such folder")
        return folder
    if not is_hub_id(name):
        example = "someone/shoes-lora" if what else "Qwen/Qwen2-VL-2B-Instruct"
        raise EngineError(
            f"{what}{name!r} is neither a folder nor a hub id such as {example}"
        )
    return None


def is_demo(name: str | Path | None) -> bool:
    """Whether this is the name of the demo model."""
    return name is None or (name == "demo" and not Path(name).is_dir())


def is_hub_id(name: str) -> bool:
    """Whether this may be the name of a model on the hub."""
    return _HUB_ID.fullmatch(name) is not None


def _demo() -> CheckpointFolder:
    if not (DEMO / "config.json").is_file():
        raise EngineError(
            "the demo model is not in this installation; install productdesc again, or "
            'name a model: load_engine("Qwen/Qwen2-VL-2B-Instruct")'
        )
    return CheckpointFolder(DEMO, "demo")


def _hub(
    name: str,
    revision: str | None,
    offline: bool,
    cache: Path | None,
    files: Sequence[str] = MODEL_FILES,
) -> CheckpointFolder:
    command = f"hf download {name}" + (f" --revision {revision}" if revision else "")
    get = partial(_snapshot, name, revision, cache, files)
    cached = get(local_only=True)
    if cached is not None and _is_complete(cached, files):
        return CheckpointFolder(cached, name, cached.name)
    if offline:
        state = "not in" if cached is None else "only partly in"
        raise EngineError(
            f"{name}: {state} the hub's cache, and offline=True. With network: {command}"
        )
    folder = get(local_only=False)
    if folder is None:
        raise EngineError(
            f"{name}: not in the hub's cache, and the hub cannot be reached. With network: "
            f"{command}"
        )
    return CheckpointFolder(folder, name, folder.name)


def _snapshot(
    name: str,
    revision: str | None,
    cache: Path | None,
    files: Sequence[str],
    *,
    local_only: bool,
) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
    )

    try:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                cache_dir=cache,
                allow_patterns=list(files),
                local_files_only=local_only,
            )
        )
    except LocalEntryNotFoundError:
        return None
    except (HfHubHTTPError, HFValidationError, OSError) as e:
        raise EngineError(f"{name}: the hub did not give it: {e}") from e


def _is_complete(folder: Path, files: Sequence[str]) -> bool:
    """Whether config, tokenizer and every weight file named by the index are there."""
    if files == ADAPTER_FILES:
        return all((folder / name).is_file() for name in files[:2])  # peft's
    needed = {"config.json", "tokenizer.json"}
    if not (folder / "processor_config.json").is_file():
        needed.add("preprocessor_config.json")
    index = folder / INDEX
    if index.is_file():
        try:
            named = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
            needed |= {str(name) for name in named}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
    else:
        needed.add("model.safetensors")
    return all((folder / name).is_file() for name in needed)
