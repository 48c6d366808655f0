"""Random-weight checkpoints of every family that transformers runs, made by its classes.

Saved by `save_pretrained`, so names and layout are transformers' own. Shapes are tiny;
photos are cut as published with `published=True`, and into a few tokens without.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from doubles.families import family_tokenizers as tokenizers
from doubles.tiny_qwen2vl import _tokenizer as qwen
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

PADDING_ROWS = 23  # lm_head has more rows than the tokenizer has tokens
HIDDEN, LAYERS, HEADS, KV_HEADS, WIDE = 64, 2, 4, 2, 128
VISION = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
SPREAD = 0.15  # of the weights: far from ties, so that rounding turns no choice
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
HALF = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])


@dataclass(frozen=True)
class TinyFamily:
    """How one family's checkpoint is made: configuration, image processor, tokenizer."""

    tokenizer: Callable[[], Tokenizer]
    tokenizer_class: str
    config: Callable[[Tokenizer, bool], Any]
    preprocessor: Callable[[bool], dict[str, Any]]


def make(
    kind: str,
    folder: Path,
    *,
    published: bool = False,
    seed: int = 0,
    tokenizer: Tokenizer | None = None,
    weights: bool = True,
) -> Path:
    """Write the checkpoint of a `model_type`. The same arguments give the same weights.

    `tokenizer`: another one of its kind than the family's tiny one. `weights`: whether
    there is a network, which photos of the published sizes make slow.
    """
    family = TINY[kind]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer or family.tokenizer()
    config = family.config(tokenizer, published)
    if weights:
        _network(config, seed).save_pretrained(folder)
    else:
        network = MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING[type(config)]
        config.architectures = [network.__name__]
        config.save_pretrained(folder)
        save_file({"none": torch.zeros(1)}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        {
            "chat_template": "{{ cycler.__init__.__globals__ }}",  # must never be read
            "tokenizer_class": family.tokenizer_class,
            "model_max_length": 4096,
        },
    )
    _write(folder / "preprocessor_config.json", family.preprocessor(published))
    return folder


def _network(config: Any, seed: int) -> Any:
    network = MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING[type(config)](config)
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        if parameter.dim() > 1:
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data = noise * SPREAD
    network.get_input_embeddings().weight.data *= 4
    network.tie_weights()
    return network


def _text(tokenizer: Tokenizer, **more: Any) -> dict[str, Any]:
    return {
        "vocab_size": tokenizer.get_vocab_size() + PADDING_ROWS,
        "hidden_size": HIDDEN,
        "intermediate_size": WIDE,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": 4096,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": None,
        **more,
    }


def _clip(published: bool) -> dict[str, Any]:
    side = 336 if published else 56
    return {
        **VISION,
        "model_type": "clip_vision_model",
        "intermediate_size": 64,
        "projection_dim": 32,
        "image_size": side,
        "patch_size": 14,
    }


def _llava(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.LlavaConfig(
        vision_config=_clip(published),
        text_config={"model_type": "llama", **_text(tokenizer)},
        image_token_index=tokenizer.token_to_id("<image>"),
    )


def _llava_next(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.LlavaNextConfig(
        vision_config=_clip(published),
        text_config={"model_type": "llama", **_text(tokenizer)},
        image_token_index=tokenizer.token_to_id("<image>"),
        image_grid_pinpoints=_pinpoints(published),
    )


def _pinpoints(published: bool) -> list[list[int]]:
    """The published grid: two tiles, four, or three in a row."""
    one = 336 if published else 56
    tiles = ((1, 2), (2, 1), (2, 2), (3, 1), (1, 3))
    return [[rows * one, columns * one] for rows, columns in tiles]


def _mrope(section: list[int]) -> dict[str, Any]:
    return {
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1_000_000.0,
            "mrope_section": section,
        }
    }


def _qwen_tokens(tokenizer: Tokenizer) -> dict[str, Any]:
    names = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    return {name: tokenizer.token_to_id(text) for name, text in names.items()}


def _qwen2(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.Qwen2VLConfig(
        text_config=_text(tokenizer, **_mrope([2, 3, 3])),
        vision_config={
            "depth": 3, "embed_dim": 32, "num_heads": 2, "hidden_size": HIDDEN,
            "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
        },
        **_qwen_tokens(tokenizer),
    )  # fmt: skip


def _qwen25(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.Qwen2_5_VLConfig(
        text_config=_text(tokenizer, **_mrope([2, 3, 3])),
        vision_config={
            "depth": 3, "hidden_size": 32, "num_heads": 2, "out_hidden_size": HIDDEN,
            "intermediate_size": 64, "patch_size": 14, "spatial_merge_size": 2,
            "temporal_patch_size": 2, "window_size": 56, "fullatt_block_indexes": [2],
        },
        **_qwen_tokens(tokenizer),
    )  # fmt: skip


def _qwen3(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.Qwen3VLConfig(
        text_config=_text(tokenizer, head_dim=32, **_mrope([6, 5, 5])),
        vision_config={
            "depth": 3, "hidden_size": 32, "num_heads": 2, "out_hidden_size": HIDDEN,
            "intermediate_size": 64, "patch_size": 16, "spatial_merge_size": 2,
            "temporal_patch_size": 2, "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0, 1],
        },
        **_qwen_tokens(tokenizer),
    )  # fmt: skip


def _tiled(config_class: str) -> Callable[[Tokenizer, bool], Any]:
    """Idefics3 and SmolVLM: tiles of so many px, patches merged four by four."""

    def config(tokenizer: Tokenizer, published: bool) -> Any:
        smol = config_class == "SmolVLMConfig"
        tile, patch, scale = (512, 16, 4) if smol else (364, 14, 2)
        if not published:
            tile, patch, scale = 64, 16, 2
        return getattr(transformers, config_class)(
            vision_config={
                **VISION, "intermediate_size": 64, "image_size": tile, "patch_size": patch,
            },
            text_config={"model_type": "llama", **_text(tokenizer)},
            image_token_id=tokenizer.token_to_id("<image>"),
            scale_factor=scale,
            pad_token_id=0,
        )  # fmt: skip

    return config


def _gemma3(tokenizer: Tokenizer, published: bool) -> Any:
    return transformers.Gemma3Config(
        text_config=_text(
            tokenizer,
            head_dim=16,
            sliding_window=24,
            layer_types=["sliding_attention", "full_attention"],
            query_pre_attn_scalar=16,
        ),
        vision_config={
            **VISION,
            "model_type": "siglip_vision_model",
            "intermediate_size": 64,
            "image_size": 896 if published else 56,
            "patch_size": 14,
            "vision_use_head": False,
        },
        mm_tokens_per_image=256 if published else 4,
        image_token_index=tokenizer.token_to_id("<image_soft_token>"),
        boi_token_index=tokenizer.token_to_id("<start_of_image>"),
        eoi_token_index=tokenizer.token_to_id("<end_of_image>"),
    )


def _processor(name: str, statistics: Any, **more: Any) -> dict[str, Any]:
    mean, std = statistics
    return {"image_processor_type": name, "image_mean": mean, "image_std": std, **more}


def _cropped(name: str) -> Callable[[bool], dict[str, Any]]:
    def preprocessor(published: bool) -> dict[str, Any]:
        side = 336 if published else 56
        square = {"height": side, "width": side}
        more = {"size": {"shortest_edge": side}, "crop_size": square}
        if name == "LlavaNextImageProcessor":
            more["image_grid_pinpoints"] = _pinpoints(published)  # type: ignore[assignment]
        return _processor(name, CLIP, **more)

    return preprocessor


def _qwen_processor(patch: int, statistics: Any) -> Callable[[bool], dict[str, Any]]:
    def preprocessor(published: bool) -> dict[str, Any]:
        return _processor(
            "Qwen2VLImageProcessor",
            statistics,
            size={"shortest_edge": 4 * patch**2, "longest_edge": 12_845_056},
            patch_size=patch,
            temporal_patch_size=2,
            merge_size=2,
        )

    return preprocessor


def _tile_processor(name: str, tile: int) -> Callable[[bool], dict[str, Any]]:
    def preprocessor(published: bool) -> dict[str, Any]:
        largest = 4 * tile if published else 128
        return _processor(
            name,
            HALF,
            size={"longest_edge": largest},
            max_image_size={"longest_edge": tile if published else 64},
        )

    return preprocessor


def _gemma_processor(published: bool) -> dict[str, Any]:
    side = 896 if published else 56
    size = {"height": side, "width": side}
    return _processor("Gemma3ImageProcessor", HALF, size=size, do_pan_and_scan=False)


TINY: Mapping[str, TinyFamily] = {
    "llava": TinyFamily(
        tokenizers.llama, "LlamaTokenizer", _llava, _cropped("CLIPImageProcessor")
    ),
    "llava_next": TinyFamily(
        tokenizers.llama, "LlamaTokenizer", _llava_next, _cropped("LlavaNextImageProcessor")
    ),
    "qwen2_vl": TinyFamily(qwen, "Qwen2Tokenizer", _qwen2, _qwen_processor(14, CLIP)),
    "qwen2_5_vl": TinyFamily(qwen, "Qwen2Tokenizer", _qwen25, _qwen_processor(14, CLIP)),
    "qwen3_vl": TinyFamily(qwen, "Qwen2Tokenizer", _qwen3, _qwen_processor(16, HALF)),
    "smolvlm": TinyFamily(
        tokenizers.smollm,
        "GPT2Tokenizer",
        _tiled("SmolVLMConfig"),
        _tile_processor("SmolVLMImageProcessor", 512),
    ),
    "idefics3": TinyFamily(
        tokenizers.llama3,
        "PreTrainedTokenizerFast",
        _tiled("Idefics3Config"),
        _tile_processor("Idefics3ImageProcessor", 364),
    ),
    "gemma3": TinyFamily(tokenizers.gemma, "GemmaTokenizer", _gemma3, _gemma_processor),
}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
