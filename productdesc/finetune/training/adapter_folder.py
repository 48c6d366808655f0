"""Adapter folder: peft's two files, productdesc.json, and the run card, all or nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...digest import json_digest
from ..data.base_model import BaseModel
from ..data.data_folder import About

ABOUT = "productdesc.json"


def adapter_about(about: About, base: BaseModel) -> dict[str, Any]:
    """What an adapter says of itself; its categories become those of `EngineInfo`."""
    return {
        "categories": list(about.categories),
        "base": {
            "model": base.checkpoint.name,
            "revision": base.checkpoint.revision,
            "weights_digest": about.base_digest,
        },
        "max_pixels": about.max_pixels,
        "prompt_digest": about.prompt_digest,
        "data_digest": about.digest,
    }


def save_adapter(
    model: Any, out: Path, base: BaseModel, about: About, card: Mapping[str, str]
) -> None:
    """Write `out` whole, in the place of what was there. card: files of text, by name."""
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    # not asked for: peft would look on the hub whether the embeddings were resized
    model.save_pretrained(part, save_embedding_layers=False)
    config = part / "adapter_config.json"
    settings = json.loads(config.read_text("utf-8"))
    settings["base_model_name_or_path"] = base.checkpoint.name
    # by name: whoever loads it need not run a pattern of a stranger's
    settings["target_modules"] = sorted(model.base_model.targeted_module_names)
    settings["revision"] = base.checkpoint.revision or None
    _write(config, settings)
    _write(part / ABOUT, adapter_about(about, base))
    for name, text in card.items():
        (part / name).write_text(text, encoding="utf-8")
    if out.exists():
        shutil.rmtree(out)
    part.rename(out)


def run_digest(about: About, base: BaseModel, shaping: Mapping[str, Any]) -> str:
    """Equal for runs that may go on from each other's checkpoints."""
    return json_digest([about.digest, base.digest, base.max_pixels, dict(shaping)])


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
