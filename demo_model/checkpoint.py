"""The demo model's checkpoint: its tower replaced, the rest kept as it is."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer

MAX_PIXELS = 30 * 28 * 28
MAX_BYTES = 20_000_000
WEIGHTS = "model.safetensors"


def load(folder: Path) -> Qwen2VLForConditionalGeneration:
    """The model in `folder`, in 32-bit floats."""
    config = Qwen2VLConfig.from_pretrained(str(folder))
    model = Qwen2VLForConditionalGeneration._from_config(config).float().eval()
    held = load_file(str(folder / WEIGHTS))
    weights = {_nested(key): value.float() for key, value in held.items()}
    weights["lm_head.weight"] = weights["model.language_model.embed_tokens.weight"]
    model.load_state_dict(weights)
    return model


def vocabulary(folder: Path) -> ChatTokenizer:
    """The engine's own reading of the tokenizer in `folder`."""
    path = folder / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    added = tokenizer.get_added_tokens_decoder()
    specials = {token.content: number for number, token in added.items()}
    return ChatTokenizer(json.loads(path.read_text("utf-8")), specials)


def save(start: Path, tower: Any, folder: Path) -> None:
    """A copy of the checkpoint `start` with this tower.

    Raises `ValueError` where the weights pass 20 MB.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in start.iterdir():
        if path.is_file() and path.name != WEIGHTS:
            shutil.copyfile(path, folder / path.name)
    weights = load_file(str(start / WEIGHTS))
    for key, value in tower.state_dict().items():
        weights[f"visual.{key}"] = value.detach().to(torch.float16).contiguous()
    part = folder / f"{WEIGHTS}.part"
    save_file(weights, str(part), metadata={"format": "pt"})
    if part.stat().st_size > MAX_BYTES:
        raise ValueError(f"{part}: {part.stat().st_size} bytes, over {MAX_BYTES}")
    part.chmod(0o644)  # safetensors writes for its owner alone
    part.replace(folder / WEIGHTS)


def _nested(name: str) -> str:
    """transformers 5 nests its modules deeper than the published files do."""
    if name.startswith("visual."):
        return f"model.{name}"
    return name.replace("model.", "model.language_model.", 1)
