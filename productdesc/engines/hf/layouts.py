"""Placeholder layouts: the tokens that stand in a prompt where each family reads a photo.

A layout is a function of the network's configuration and of what the image processor made,
so that there are as many image tokens as the network makes features of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch

Spell = Callable[[int], str]
"""The text of a special token, by its id."""

Layout = Callable[[Any, Mapping[str, Any], int, Spell], str]
"""(configuration, the image processor's output, which photo of it, spell) -> the text."""


def llava(config: Any, pixels: Mapping[str, Any], at: int, spell: Spell) -> str:
    """LLaVA 1.5: a square of patches, 576 tokens at 336 px and 14."""
    side = _patches_a_side(config, pixels["pixel_values"][at])
    return spell(config.image_token_id) * _features(config, side)


def llava_next(config: Any, pixels: Mapping[str, Any], at: int, spell: Spell) -> str:
    """LLaVA-NeXT: the whole photo, then its tiles without padding, row by row."""
    from transformers.models.llava_next.modeling_llava_next import (
        get_anyres_image_grid_shape,
        unpad_image,
    )

    side = _patches_a_side(config, pixels["pixel_values"][at][0])
    size = pixels["image_sizes"][at]
    rows, columns = get_anyres_image_grid_shape(
        size, config.image_grid_pinpoints, config.vision_config.image_size
    )
    tiles = unpad_image(torch.empty(1, rows * side, columns * side), size)
    count: int = _features(config, side) + tiles.shape[1] * (tiles.shape[2] + 1)
    return spell(config.image_token_id) * count


def qwen(config: Any, pixels: Mapping[str, Any], at: int, spell: Spell) -> str:
    """Qwen2-VL and later: a token for each square of merged patches."""
    merged = config.vision_config.spatial_merge_size**2
    count: int = prod(pixels["image_grid_thw"][at].tolist()) // merged
    begin, end = config.vision_start_token_id, config.vision_end_token_id
    return spell(begin) + spell(config.image_token_id) * count + spell(end)


def idefics(config: Any, pixels: Mapping[str, Any], at: int, spell: Spell) -> str:
    """Idefics3 and SmolVLM: each tile with its row and column, then the whole photo."""
    vision = config.vision_config
    patches = (vision.image_size // vision.patch_size) ** 2
    tile = spell(config.image_token_id) * (patches // config.scale_factor**2)
    around = "<fake_token_around_image>"
    whole = f"{around}<global-img>{tile}{around}"
    rows, columns = (int(pixels[name][0][at]) for name in ("rows", "cols"))
    if not rows:
        return whole
    lines = (
        "".join(f"{around}<row_{row}_col_{n}>{tile}" for n in range(1, columns + 1)) + "\n"
        for row in range(1, rows + 1)
    )
    return "".join(lines) + "\n" + whole


def gemma3(config: Any, pixels: Mapping[str, Any], at: int, spell: Spell) -> str:
    """Gemma 3: begin, 256 image tokens, end, between blank lines."""
    tokens = spell(config.image_token_id) * config.mm_tokens_per_image
    begin, end = config.boi_token_index, config.eoi_token_index
    return f"\n\n{spell(begin)}{tokens}{spell(end)}\n\n"


def _patches_a_side(config: Any, image: Any) -> int:
    return int(image.shape[-1]) // int(config.vision_config.patch_size)


def _features(config: Any, side: int) -> int:
    """Features of one square of patches; "default" drops the first, CLIP's class token."""
    classes = 1 if config.vision_config.model_type.startswith("clip") else 0
    dropped = 1 if config.vision_feature_select_strategy == "default" else 0
    count: int = side**2 + classes - dropped
    return count
