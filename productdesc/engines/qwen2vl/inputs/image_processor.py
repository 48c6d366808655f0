"""From a photo to the patches that Qwen2-VL reads: resize, cut, normalise.

Equal to transformers' `Qwen2VLImageProcessorPil` to 1e-5, without transformers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Resampling

from ....records import Photo
from ...smart_resize import DEFAULT_MAX_PIXELS, MIN_PIXELS, smart_resize
from .mrope import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class ImageProcessorConfig:
    """How photos become patches: a checkpoint's preprocessor_config.json, understood."""

    min_pixels: int = MIN_PIXELS
    max_pixels: int = DEFAULT_MAX_PIXELS
    patch_size: int = 14
    temporal_patch_size: int = 2
    merge_size: int = 2
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD

    def __post_init__(self) -> None:
        if not 1 <= self.min_pixels <= self.max_pixels:
            raise ValueError(
                f"min_pixels is {self.min_pixels} and max_pixels {self.max_pixels}; "
                "the first must be at least 1 and not above the second"
            )

    @property
    def factor(self) -> int:
        """Both sides of a resized photo are multiples of this, in px."""
        return self.patch_size * self.merge_size


@dataclass(frozen=True, slots=True, eq=False)
class ImagePatches:
    """One photo as bytes in the order of its patches: an eighth of what patches take.

    levels (grid_h * grid_w, 3, patch * patch), 0 to 255.
    """

    levels: NDArray[np.uint8]
    grid_h: int
    grid_w: int
    rule: ImageProcessorConfig

    def pixel_values(self) -> PixelValues:
        """Normalised, once for each frame of the temporal patch."""
        rule = self.rule
        # 256 values per channel: normalise the values once instead of every pixel.
        steps = np.arange(256, dtype=np.float64)[:, None] / 255
        table = ((steps - np.array(rule.mean)) / np.array(rule.std)).astype(np.float32)
        count, channels, pixels = self.levels.shape
        values = np.empty((count, channels, rule.temporal_patch_size, pixels), np.float32)
        for channel in range(channels):
            found = table[:, channel].copy()[self.levels[:, channel]]
            values[:, channel] = found[:, None]  # a still photo fills every frame
        return PixelValues(values.reshape(count, -1), self.grid_h, self.grid_w)


@dataclass(frozen=True, slots=True, eq=False)
class PixelValues:
    """One photo as patches (grid_h * grid_w, 3 * temporal * patch * patch), float32."""

    values: NDArray[np.float32]
    grid_h: int
    grid_w: int


def image_processor_config(
    config: dict[str, Any], *, max_pixels: int | None = None
) -> ImageProcessorConfig:
    """The rule in a preprocessor_config.json, in the 4.x or the 5.x layout.

    Without `max_pixels` the checkpoint's own value holds, but at most DEFAULT_MAX_PIXELS:
    the published value of 12.8 MP is 16,384 tokens for one photo.
    """
    size = config.get("size") or {}
    lower = config.get("min_pixels") or size.get("shortest_edge") or size.get("min_pixels")
    upper = config.get("max_pixels") or size.get("longest_edge") or size.get("max_pixels")
    if max_pixels is None:
        max_pixels = min(int(upper or DEFAULT_MAX_PIXELS), DEFAULT_MAX_PIXELS)
    return ImageProcessorConfig(
        min_pixels=min(int(lower or 56 * 56), max_pixels),
        max_pixels=max_pixels,
        patch_size=int(config.get("patch_size") or 14),
        temporal_patch_size=int(config.get("temporal_patch_size") or 2),
        merge_size=int(config.get("merge_size") or 2),
        mean=tuple(config.get("image_mean") or CLIP_MEAN),
        std=tuple(config.get("image_std") or CLIP_STD),
    )


def photo_grid(photo: Photo, rule: ImageProcessorConfig) -> Grid:
    """The tokens that a photo will take, without reading its pixels."""
    width, height = target_size(photo.image.width, photo.image.height, rule)
    return Grid(height // rule.factor, width // rule.factor)


def target_size(width: int, height: int, rule: ImageProcessorConfig) -> tuple[int, int]:
    """Width and height in px that the model will see: the aspect kept as far as it goes.

    Raises `PhotoError` where one side is over 200 times the other.
    """
    return smart_resize(
        width,
        height,
        factor=rule.factor,
        min_pixels=rule.min_pixels,
        max_pixels=rule.max_pixels,
    )


def pixel_values(photo: Photo, rule: ImageProcessorConfig) -> PixelValues:
    """One photo, resized (bicubic), normalised and cut in the order of the merged grid."""
    return image_patches(photo, rule).pixel_values()


def image_patches(photo: Photo, rule: ImageProcessorConfig) -> ImagePatches:
    """One photo, resized (bicubic) and cut in the order of the merged grid."""
    image = photo.rgb
    width, height = target_size(image.width, image.height, rule)
    pixels = np.asarray(image.resize((width, height), Resampling.BICUBIC))
    size, merge = rule.patch_size, rule.merge_size
    grid_h, grid_w = height // size, width // size
    cells = pixels.reshape(grid_h // merge, merge, size, grid_w // merge, merge, size, 3)
    # -> (row of cells, cell, row in cell, column in cell, channel, y, x): the four
    # patches that merge into one token lie side by side.
    cells = cells.transpose(0, 3, 1, 4, 6, 2, 5)
    levels = cells.reshape(grid_h * grid_w, 3, size * size)
    return ImagePatches(np.ascontiguousarray(levels), grid_h, grid_w, rule)
