"""LoRA: low-rank adapters on the language layers of a loaded module, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import torch

from ...engines.checkpoint.devices import pick_device, pick_dtype
from ...engines.qwen2vl.modeling.cpu_features import CpuFeatures
from ...engines.qwen2vl.modeling.load_weights import load_module, use_own_attention
from ...errors import EngineError
from ..data.base_model import BaseModel
from ..options import TrainOptions

LANGUAGE_LAYERS = (
    r"model\.language_model\.layers\.\d+\."
    r"(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
)
"""Modules that are tuned, matched whole. A list of last names ("gate_proj") would also hit
the photo tower of Qwen2.5-VL, whose layers are called the same."""
_TRAINED = re.compile(rf"base_model\.model\.{LANGUAGE_LAYERS}\.lora_[AB]\..*")


def load_base(base: BaseModel, options: TrainOptions) -> tuple[Any, torch.device]:
    """The base model as transformers' module, frozen, on its device."""
    device = pick_device(options.device)
    dtype = pick_dtype(options.dtype, device, base.checkpoint.parameters)
    if dtype not in (torch.float32, torch.bfloat16):
        raise ValueError(
            f"dtype {str(dtype).removeprefix('torch.')} cannot be trained in; use bfloat16 "
            "or float32"
        )
    module = load_module(base.checkpoint, dtype, CpuFeatures.detect()).to(device)
    if device.type == "cpu":
        use_own_attention(module)
    return module, device


def add_lora(module: Any, options: TrainOptions) -> Any:
    """The module with adapters that change nothing yet; raises `EngineError`."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(options.seed)
    config = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        target_modules=LANGUAGE_LAYERS,
        lora_dropout=0.0,
        bias="none",
    )
    model = get_peft_model(module, config)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    wrong = [name for name in trained if not _TRAINED.fullmatch(name)]
    if wrong or not trained:
        raise EngineError(
            f"{len(wrong)} of {len(trained)} tensors to train are outside the language "
            f"layers{', first ' + wrong[0] if wrong else ''}; nothing was trained"
        )
    return model


def count_trained(model: Any) -> int:
    """How many numbers are trained."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def compute_layers_twice(module: Any) -> None:
    """Keep no layer's inner activations for its backward: they are computed again."""
    enable = getattr(module, "activation_checkpointing_enable", None)
    (enable or module.gradient_checkpointing_enable)({"use_reentrant": False})
