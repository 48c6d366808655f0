"""LoRA adapters that peft makes for tiny checkpoints, and the logits of peft and of ours.

Every matrix, magnitude and bias of an adapter is random and far from zero, so that one
which is left out, or taken twice, shows.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from doubles.tiny_qwen2vl import make
from peft import LoraConfig, PeftModel, get_peft_model
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText

from productdesc.engines.checkpoint.adapter import CONFIG, WEIGHTS, inspect_adapter
from productdesc.engines.checkpoint.probe import Checkpoint, inspect
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.inputs.image_processor import (
    PixelValues,
    image_processor_config,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.modeling.model import Network, Step
from productdesc.engines.qwen2vl.scheduler.context import Prefill, Qwen2VLContext
from productdesc.records import Photo

MAX_PIXELS = 32 * 32 * 12


def make_adapter(base: Path, folder: Path, *, seed: int = 1, **options: Any) -> Path:
    """Write an adapter of the base with peft; `options` are those of its LoraConfig."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tied weights: those are what is tested
        torch.manual_seed(seed)
        model = get_peft_model(load_base(base), LoraConfig(**{"r": 4, **options}))
        trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        for name, parameter in trained:
            spread = 0.2 if "lora_" in name else float(parameter.std())
            if "magnitude" in name:
                parameter.data *= 0.5 + torch.rand_like(parameter)
            else:
                parameter.data += torch.randn_like(parameter) * spread
        model.save_pretrained(folder)
    return folder


def load_base(base: Path) -> Any:
    """transformers' model of a checkpoint in float32."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = AutoModelForImageTextToText.from_pretrained(base, dtype=torch.float32)
    return model.eval()


def rewrite(
    folder: Path,
    *,
    key: Callable[[str], str] = lambda key: key,
    tensors: Callable[[dict[str, Any]], Any] = lambda tensors: None,
    **settings: Any,
) -> Path:
    """Change an adapter's settings, the names of its tensors, and the tensors, in place."""
    path = folder / CONFIG
    path.write_text(
        json.dumps({**json.loads(path.read_text("utf-8")), **settings}), "utf-8"
    )
    named = {key(name): value for name, value in load_file(folder / WEIGHTS).items()}
    tensors(named)
    save_file(named, folder / WEIGHTS, {"format": "pt"})
    return folder


def older_key(key: str) -> str:
    """A name as transformers had it before 4.52."""
    return key.replace("model.language_model.", "model.").replace(
        "model.visual.", "visual."
    )


def with_adapter(base: Path, adapter: Path | None) -> Checkpoint:
    """The base's checkpoint, with the adapter to be merged into it."""
    checkpoint = inspect(base)
    return (
        checkpoint
        if adapter is None
        else replace(checkpoint, adapter=inspect_adapter(adapter))
    )


@cache
def _pixels(folder: Path) -> PixelValues:
    """Noise as a checkpoint sees it."""
    config = image_processor_config(inspect(folder).preprocessor, max_pixels=MAX_PIXELS)
    pixels = np.random.default_rng(3).integers(0, 256, (140, 200, 3), np.uint8)
    photo = Photo(Image.fromarray(pixels), "noise", "0" * 64, "PNG", 200, 140)
    return pixel_values(photo, config)


def our_logits(network: Network, checkpoint: Checkpoint) -> torch.Tensor:
    """Logits after a prompt with a photo, (vocab,), by our network."""
    image = _pixels(checkpoint.folder)
    tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    grid = Grid(image.grid_h // 2, image.grid_w // 2)
    turn = tokenizer.turn("You describe.", "What is this?", [grid])
    with torch.inference_mode():
        images = network.encode_images([image])
        prefill = Prefill(network, Qwen2VLContext(network), [turn], images)
        while prefill.remaining:
            network.forward([prefill.next_part(64)])
        [read] = prefill.finish()
        cache = RaggedCache([read.prefix], network.device)
        step = Step(read.unread, positions([len(read.unread)], read.position)[0])
        return network.extend([step], cache)[0]


def their_logits(model: Any, checkpoint: Checkpoint) -> torch.Tensor:
    """The same by a model of transformers or peft."""
    image = _pixels(checkpoint.folder)
    tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    grid = Grid(image.grid_h // 2, image.grid_w // 2)
    tokens = torch.tensor([tokenizer.turn("You describe.", "What is this?", [grid]).ids])
    with torch.inference_mode():
        out = model(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            mm_token_type_ids=(tokens == model.config.image_token_id).int(),
            use_cache=False,
            pixel_values=torch.from_numpy(image.values),
            image_grid_thw=torch.tensor([[1, image.grid_h, image.grid_w]]),
        )
    logits: torch.Tensor = out.logits[0, -1]
    return logits


def peft_logits(base: Path, adapter: Path | None) -> torch.Tensor:
    """Logits of peft's own forward, which merges nothing; of the base alone without one."""
    model = load_base(base)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if adapter is not None:
            model = PeftModel.from_pretrained(model, adapter).eval()
        return their_logits(model, inspect(base))


def tiny_base(folder: Path, **options: Any) -> Path:
    """A tiny checkpoint; made once a folder."""
    return folder if folder.is_dir() else make(folder, **options)
