"""`smart_resize`: the size in which Qwen2-VL sees a photo, and in which servers get it."""

from __future__ import annotations

import math

from ..errors import PhotoError

TOKEN_SIDE = 28
"""One token of Qwen2-VL and Qwen2.5-VL is a square of so many px; of Qwen3-VL 32."""

MIN_PIXELS = 56 * 56
DEFAULT_MAX_PIXELS = 28 * 28 * 1280  # transformers' default; checkpoints may say 12.8 MP
MAX_ASPECT = 200  # longer sides over shorter; Qwen2-VL's own smart_resize refuses more


def smart_resize(
    width: int,
    height: int,
    *,
    factor: int = TOKEN_SIDE,
    min_pixels: int = MIN_PIXELS,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> tuple[int, int]:
    """Width and height in px, multiples of `factor`: the aspect kept as far as it goes.

    Raises `PhotoError` where one side is over 200 times the other.
    """
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoError(
            f"a photo of {width}x{height} px is over {MAX_ASPECT} times as long as wide; "
            "crop it to the product"
        )
    # Python's round (half to even) as in Qwen2-VL's own code: the sizes must agree.
    new_h, new_w = round(height / factor) * factor, round(width / factor) * factor
    if new_h * new_w > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        new_h = max(factor, math.floor(height / shrink / factor) * factor)
        new_w = max(factor, math.floor(width / shrink / factor) * factor)
    elif new_h * new_w < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        new_h = math.ceil(height * grow / factor) * factor
        new_w = math.ceil(width * grow / factor) * factor
    return new_w, new_h
