"""Random-weight Qwen2.5-VL checkpoints in the published on-disk format, for tests.

The text layers are those of `tiny_qwen2vl`; the tower has gated MLPs and windows. A window
is two tokens wide, so that every photo of the tests has several, some of them cut off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from doubles.tiny_qwen2vl import (
    HIDDEN,
    LAYERS,
    PREPROCESSOR,
    VISION,
    VISION_DEPTH,
    VISION_HEADS,
    flat_config,
    nested_config,
    nested_name,
    randoms,
    save_weights,
    text_layer,
    write_files,
    write_json,
)

INNER = 48  # of the tower's MLP


def make(
    folder: Path,
    *,
    layout: Literal["flat", "nested"] = "flat",
    sharded: bool = False,
    tied: bool = False,
    seed: int = 0,
    spread: float = 0.05,
    max_positions: int = 4096,
) -> Path:
    """Write a checkpoint into `folder`; the arguments are those of `tiny_qwen2vl.make`."""
    rows, ids = write_files(
        folder, {**PREPROCESSOR, "processor_class": "Qwen2_5_VLProcessor"}
    )
    config = flat_config(rows, ids, tied=tied, max_positions=max_positions)
    config["architectures"] = ["Qwen2_5_VLForConditionalGeneration"]
    config["model_type"] = "qwen2_5_vl"
    config["vision_config"] = {
        "depth": VISION_DEPTH,
        "hidden_act": "silu",
        "hidden_size": VISION,
        "intermediate_size": INNER,
        "num_heads": VISION_HEADS,
        "in_chans": 3,
        "out_hidden_size": HIDDEN,
        "patch_size": 14,
        "spatial_merge_size": 2,
        "spatial_patch_size": 14,
        "window_size": 56,
        "fullatt_block_indexes": [1],
        "tokens_per_second": 2,
        "temporal_patch_size": 2,
    }
    tensors = _tensors(rows, seed, spread, tied=tied)
    if layout == "nested":
        config = nested_config(config)
        tensors = {nested_name(name): tensor for name, tensor in tensors.items()}
    write_json(folder / "config.json", config)
    save_weights(folder, tensors, sharded=sharded)
    return folder


def _tensors(rows: int, seed: int, spread: float, *, tied: bool) -> dict[str, torch.Tensor]:
    random = randoms(seed, spread)
    wide = 4 * VISION
    tensors: dict[str, Any] = {
        "model.embed_tokens.weight": random(rows, HIDDEN) * 10,
        "model.norm.weight": torch.ones(HIDDEN),
        "visual.patch_embed.proj.weight": random(VISION, 3, 2, 14, 14),
        "visual.merger.ln_q.weight": torch.ones(VISION),
        "visual.merger.mlp.0.weight": random(wide, wide),
        "visual.merger.mlp.0.bias": random(wide),
        "visual.merger.mlp.2.weight": random(HIDDEN, wide) * 10,
        "visual.merger.mlp.2.bias": random(HIDDEN),
    }
    for i in range(LAYERS):
        tensors |= text_layer(f"model.layers.{i}.", random)
    for i in range(VISION_DEPTH):
        block = f"visual.blocks.{i}."
        tensors |= {
            f"{block}norm1.weight": torch.ones(VISION),
            f"{block}norm2.weight": torch.ones(VISION),
            f"{block}attn.qkv.weight": random(3 * VISION, VISION) * 4,
            f"{block}attn.qkv.bias": random(3 * VISION),
            f"{block}attn.proj.weight": random(VISION, VISION) * 4,
            f"{block}attn.proj.bias": random(VISION),
            f"{block}mlp.gate_proj.weight": random(INNER, VISION) * 4,
            f"{block}mlp.gate_proj.bias": random(INNER),
            f"{block}mlp.up_proj.weight": random(INNER, VISION) * 4,
            f"{block}mlp.up_proj.bias": random(INNER),
            f"{block}mlp.down_proj.weight": random(VISION, INNER) * 4,
            f"{block}mlp.down_proj.bias": random(VISION),
        }
    if not tied:
        tensors["lm_head.weight"] = random(rows, HIDDEN) * 4
    return tensors
