"""Logits of a conversation with drawn photos: by our network, and by transformers alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.inputs.image_processor import (
    ImageProcessorConfig,
    PixelValues,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTurn
from productdesc.engines.qwen2vl.modeling.model import Network, Step
from productdesc.engines.qwen2vl.scheduler.context import (
    Prefill,
    Prefilled,
    Qwen2VLContext,
)
from productdesc.records import Photo


def small_photos(rule: ImageProcessorConfig) -> ImageProcessorConfig:
    """The same rule for photos of 4 to 30 tokens, so that drawn ones differ in size."""
    token = rule.factor**2
    return replace(rule, min_pixels=4 * token, max_pixels=30 * token)


def drawn(rule: ImageProcessorConfig, seed: int, width: int, height: int) -> PixelValues:
    """Pixel values of a photo of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    image = Image.fromarray(pixels)
    return pixel_values(Photo(image, "noise", "0" * 64, "PNG", width, height), rule)


def read_branches(
    network: Network,
    before: Qwen2VLContext,
    turns: Sequence[ChatTurn],
    photos: Iterable[PixelValues] = (),
) -> list[Prefilled]:
    """Turns that go on from one context, read in forwards of their own."""
    prefill = Prefill(network, before, turns, network.encode_images(photos))
    while prefill.remaining:
        network.forward([prefill.next_part(11)])
    return prefill.finish()


def read(
    network: Network, before: Qwen2VLContext, turn: ChatTurn, photos: Iterable[PixelValues]
) -> Prefilled:
    """One turn, read in forwards of its own."""
    [found] = read_branches(network, before, [turn], photos)
    return found


def scored(network: Network, reads: Sequence[Prefilled]) -> torch.Tensor:
    """Logits after the last token of each, as the first step of a batch gives them."""
    cache = RaggedCache([r.prefix for r in reads], network.device)
    steps = [Step(r.unread, positions([len(r.unread)], r.position)[0]) for r in reads]
    return network.extend(steps, cache)


def grid(photo: PixelValues) -> Grid:
    """The grid of a photo's tokens."""
    return Grid(photo.grid_h // 2, photo.grid_w // 2)


def reference_logits(
    reference: Any, ids: Sequence[int], photos: Sequence[PixelValues]
) -> Any:
    """Logits after the last token, by transformers alone."""
    tokens = torch.tensor([list(ids)])
    kinds = (tokens == reference.config.image_token_id).int()
    pixels = {}
    if photos:
        grids = [[1, p.grid_h, p.grid_w] for p in photos]
        pixels = {
            "pixel_values": torch.from_numpy(np.concatenate([p.values for p in photos])),
            "image_grid_thw": torch.tensor(grids),
        }
    with torch.inference_mode():
        out = reference(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            mm_token_type_ids=kinds,
            use_cache=False,
            **pixels,
        )
    return out.logits[0, -1]
