"""Random-weight Qwen3-VL checkpoints in the published on-disk format, for tests.

As in the 4B, a head is wider than hidden_size / heads. The table of positions is smaller
than the grids of the photos, and DeepStack takes features from the first and last block.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from doubles.tiny_qwen2vl import (
    HEADS,
    HIDDEN,
    INTER,
    KV_HEADS,
    VISION,
    VISION_DEPTH,
    VISION_HEADS,
    Randoms,
    randoms,
    save_weights,
    write_files,
    write_json,
)

HEAD_DIM, LAYERS, INNER, POSITIONS = 48, 3, 48, 25
DEEPSTACK = (0, 2)
PREPROCESSOR = {
    "size": {"longest_edge": 16_777_216, "shortest_edge": 65_536},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "processor_class": "Qwen3VLProcessor",
    "image_processor_type": "Qwen2VLImageProcessorFast",
}


def make(
    folder: Path,
    *,
    layout: Literal["nested"] = "nested",
    sharded: bool = False,
    tied: bool = False,
    seed: int = 0,
    spread: float = 0.05,
    max_positions: int = 4096,
) -> Path:
    """Write a checkpoint into `folder`; the arguments are those of `tiny_qwen2vl.make`.

    The published layout is the nested one.
    """
    rows, ids = write_files(folder, PREPROCESSOR)
    write_json(
        folder / "config.json", _config(rows, ids, tied=tied, max_positions=max_positions)
    )
    save_weights(folder, _tensors(rows, seed, spread, tied=tied), sharded=sharded)
    return folder


def _config(
    rows: int, ids: dict[str, int], *, tied: bool, max_positions: int
) -> dict[str, Any]:
    return {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "image_token_id": ids["<|image_pad|>"],
        "model_type": "qwen3_vl",
        "text_config": {
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": ids["<|endoftext|>"],
            "dtype": "float32",
            "eos_token_id": ids["<|im_end|>"],
            "head_dim": HEAD_DIM,
            "hidden_act": "silu",
            "hidden_size": HIDDEN,
            "initializer_range": 0.02,
            "intermediate_size": INTER,
            "max_position_embeddings": max_positions,
            "model_type": "qwen3_vl_text",
            "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS,
            "num_key_value_heads": KV_HEADS,
            "rms_norm_eps": 1e-6,
            "rope_scaling": {
                "mrope_interleaved": True,
                "mrope_section": [10, 8, 6],
                "rope_type": "default",
            },
            "rope_theta": 5_000_000,
            "tie_word_embeddings": tied,
            "use_cache": True,
            "vocab_size": rows,
        },
        "tie_word_embeddings": tied,
        "transformers_version": "4.57.0.dev0",
        "video_token_id": ids["<|video_pad|>"],
        "vision_config": {
            "deepstack_visual_indexes": list(DEEPSTACK),
            "depth": VISION_DEPTH,
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_size": VISION,
            "in_channels": 3,
            "initializer_range": 0.02,
            "intermediate_size": INNER,
            "model_type": "qwen3_vl",
            "num_heads": VISION_HEADS,
            "num_position_embeddings": POSITIONS,
            "out_hidden_size": HIDDEN,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        "vision_end_token_id": ids["<|vision_end|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
    }


def _tensors(rows: int, seed: int, spread: float, *, tied: bool) -> dict[str, torch.Tensor]:
    random = randoms(seed, spread)
    text, tower = "model.language_model.", "model.visual."
    tensors = {
        f"{text}embed_tokens.weight": random(rows, HIDDEN) * 10,
        f"{text}norm.weight": torch.ones(HIDDEN),
        f"{tower}patch_embed.proj.weight": random(VISION, 3, 2, 16, 16),
        f"{tower}patch_embed.proj.bias": random(VISION),
        f"{tower}pos_embed.weight": random(POSITIONS, VISION) * 10,
        **_merger(f"{tower}merger.", VISION, random),
    }
    for n in range(len(DEEPSTACK)):
        tensors |= _merger(f"{tower}deepstack_merger_list.{n}.", 4 * VISION, random)
    for i in range(LAYERS):
        tensors |= _text_layer(f"{text}layers.{i}.", random)
    for i in range(VISION_DEPTH):
        tensors |= _block(f"{tower}blocks.{i}.", random)
    if not tied:
        tensors["lm_head.weight"] = random(rows, HIDDEN) * 4
    return tensors


def _merger(name: str, normed: int, random: Randoms) -> dict[str, torch.Tensor]:
    wide = 4 * VISION
    return {
        f"{name}norm.weight": torch.ones(normed),
        f"{name}norm.bias": random(normed),
        f"{name}linear_fc1.weight": random(wide, wide),
        f"{name}linear_fc1.bias": random(wide),
        f"{name}linear_fc2.weight": random(HIDDEN, wide) * 10,
        f"{name}linear_fc2.bias": random(HIDDEN),
    }


def _text_layer(layer: str, random: Randoms) -> dict[str, torch.Tensor]:
    queries, kv = HEADS * HEAD_DIM, KV_HEADS * HEAD_DIM
    return {
        f"{layer}input_layernorm.weight": torch.ones(HIDDEN),
        f"{layer}post_attention_layernorm.weight": torch.ones(HIDDEN),
        f"{layer}self_attn.q_norm.weight": 1 + random(HEAD_DIM) * 4,
        f"{layer}self_attn.k_norm.weight": 1 + random(HEAD_DIM) * 4,
        f"{layer}self_attn.q_proj.weight": random(queries, HIDDEN) * 4,
        f"{layer}self_attn.k_proj.weight": random(kv, HIDDEN) * 4,
        f"{layer}self_attn.v_proj.weight": random(kv, HIDDEN) * 4,
        f"{layer}self_attn.o_proj.weight": random(HIDDEN, queries) * 4,
        f"{layer}mlp.gate_proj.weight": random(INTER, HIDDEN) * 4,
        f"{layer}mlp.up_proj.weight": random(INTER, HIDDEN) * 4,
        f"{layer}mlp.down_proj.weight": random(HIDDEN, INTER) * 4,
    }


def _block(block: str, random: Randoms) -> dict[str, torch.Tensor]:
    return {
        f"{block}norm1.weight": torch.ones(VISION),
        f"{block}norm1.bias": random(VISION),
        f"{block}norm2.weight": torch.ones(VISION),
        f"{block}norm2.bias": random(VISION),
        f"{block}attn.qkv.weight": random(3 * VISION, VISION) * 4,
        f"{block}attn.qkv.bias": random(3 * VISION),
        f"{block}attn.proj.weight": random(VISION, VISION) * 4,
        f"{block}attn.proj.bias": random(VISION),
        f"{block}mlp.linear_fc1.weight": random(INNER, VISION) * 4,
        f"{block}mlp.linear_fc1.bias": random(INNER),
        f"{block}mlp.linear_fc2.weight": random(VISION, INNER) * 4,
        f"{block}mlp.linear_fc2.bias": random(VISION),
    }
