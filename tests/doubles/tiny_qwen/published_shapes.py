"""The shapes of published checkpoints, as far as they decide how many weights these have.

Read on 2026-11-30 in copies of each model's config.json on GitHub, which name the commits
that `known_models` pins. All else is the default of transformers' configuration classes.
"""

from __future__ import annotations

from typing import Any


def _qwen2(hidden: int, inner: int, layers: int, **more: Any) -> dict[str, Any]:
    return {
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "vocab_size": 151_936,
        "tie_word_embeddings": True,
        **more,
    }


def _qwen25(hidden: int, inner: int, layers: int, **more: Any) -> dict[str, Any]:
    vision = {"hidden_size": 1280, "out_hidden_size": hidden, "intermediate_size": 3420}
    return {
        "model_type": "qwen2_5_vl",
        **_qwen2(hidden, inner, layers, **more),
        "vision_config": vision,
    }


def _qwen3(
    hidden: int, inner: int, layers: int, heads: int, vision: dict[str, Any]
) -> dict[str, Any]:
    tied = hidden < 4096
    text = _qwen2(hidden, inner, layers, tie_word_embeddings=tied)
    heads_of = {"num_attention_heads": heads, "num_key_value_heads": 8, "head_dim": 128}
    return {
        "model_type": "qwen3_vl",
        "tie_word_embeddings": tied,
        "text_config": {**text, **heads_of},
        "vision_config": {**vision, "out_hidden_size": hidden},
    }


_SMALL_TOWER = {
    "depth": 24,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "deepstack_visual_indexes": [5, 11, 17],
}
_LARGE_TOWER = {
    "depth": 27,
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "deepstack_visual_indexes": [8, 16, 24],
}
PUBLISHED: dict[str, dict[str, Any]] = {
    "Qwen/Qwen2-VL-2B-Instruct": {
        "model_type": "qwen2_vl",
        **_qwen2(1536, 8960, 28, num_attention_heads=12, num_key_value_heads=2),
        "vision_config": {"hidden_size": 1536},
    },
    "Qwen/Qwen2-VL-7B-Instruct": {
        "model_type": "qwen2_vl",
        **_qwen2(
            3584,
            18_944,
            28,
            num_attention_heads=28,
            num_key_value_heads=4,
            vocab_size=152_064,
            tie_word_embeddings=False,
        ),
        "vision_config": {"hidden_size": 3584},
    },
    "Qwen/Qwen2.5-VL-3B-Instruct": _qwen25(
        2048, 11_008, 36, num_attention_heads=16, num_key_value_heads=2
    ),
    "Qwen/Qwen2.5-VL-7B-Instruct": _qwen25(
        3584,
        18_944,
        28,
        num_attention_heads=28,
        num_key_value_heads=4,
        vocab_size=152_064,
        tie_word_embeddings=False,
    ),
    "Qwen/Qwen3-VL-2B-Instruct": _qwen3(2048, 6144, 28, 16, _SMALL_TOWER),
    "Qwen/Qwen3-VL-4B-Instruct": _qwen3(2560, 9728, 36, 32, _SMALL_TOWER),
    "Qwen/Qwen3-VL-8B-Instruct": _qwen3(4096, 12_288, 36, 32, _LARGE_TOWER),
}
