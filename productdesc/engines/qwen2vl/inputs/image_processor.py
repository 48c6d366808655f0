"""Image processor: a photo to the pixel values that Qwen-VL reads, as patches.

Resize, cut into patches, normalise.

It is equal to transformers' `Qwen2VLImageProcessorPil` to 1e-5, without transformers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Resampling

from ....records import Photo
from ....text.printable import printable
from ...smart_resize import DEFAULT_MAX_PIXELS, MIN_PIXELS, smart_resize
from .mrope import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
MAX_STATISTIC = 1e6  # of image_mean and image_std; pixels are from 0 to 1
MAX_SIZE = 2**31  # of a number of pixels


@dataclass(frozen=True, slots=True)
class ImageProcessorConfig:
    """Image processor settings: those of a checkpoint's preprocessor_config.json."""

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
        for name, values in (("image_mean", self.mean), ("image_std", self.std)):
            if len(values) != 3 or not all(_is_small(v) for v in values):
                shown = printable(str(values), "value")
                raise ValueError(
                    f"{name} is {shown}; it has three numbers of at most {MAX_STATISTIC:g}"
                )
        if not all(self.std):
            raise ValueError(f"image_std is {self.std!r}; it must not hold 0")

    @property
    def factor(self) -> int:
        """Both sides of a resized photo are multiples of this, in px."""
        return self.patch_size * self.merge_size

    @property
    def patching(self) -> tuple[int, int, int]:
        """Patch size, temporal patch size and merge size, as a network has them too."""
        return self.patch_size, self.temporal_patch_size, self.merge_size


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and -MAX_STATISTIC <= value <= MAX_STATISTIC


@dataclass(frozen=True, slots=True, eq=False)
class ImagePatches:
    """Image patches of one photo as bytes: an eighth of the memory of its pixel values.

    levels (grid_h * grid_w, 3, patch * patch), 0 to 255, in the order of the merged grid.
    """

    levels: NDArray[np.uint8]
    grid_h: int
    grid_w: int
    config: ImageProcessorConfig

    def pixel_values(self) -> PixelValues:
        """Pixel values: normalised, once for each frame of the temporal patch."""
        config = self.config
        # 256 values per channel: normalise the values once instead of every pixel.
        steps = np.arange(256, dtype=np.float64)[:, None] / 255
        table = ((steps - np.array(config.mean)) / np.array(config.std)).astype(np.float32)
        count, channels, pixels = self.levels.shape
        values = np.empty((count, channels, config.temporal_patch_size, pixels), np.float32)
        for channel in range(channels):
            normalised = table[:, channel].copy()[self.levels[:, channel]]
            values[:, channel] = normalised[:, None]  # a still photo fills every frame
        return PixelValues(values.reshape(count, -1), self.grid_h, self.grid_w)


@dataclass(frozen=True, slots=True, eq=False)
class PixelValues:
    """Pixel values of one photo's patches, float32.

    values (grid_h * grid_w, 3 * temporal * patch * patch).
    """

    values: NDArray[np.float32]
    grid_h: int
    grid_w: int


def image_processor_config(
    config: dict[str, Any], *, max_pixels: int | None = None
) -> ImageProcessorConfig:
    """Image processor settings from a preprocessor_config.json, of 4.x or 5.x layout.

    Without `max_pixels` the checkpoint's own value holds, but at most DEFAULT_MAX_PIXELS:
    the published value of 12.8 MP is 16,384 tokens for one photo.
    """
    size = config.get("size") or {}
    lower = config.get("min_pixels") or size.get("shortest_edge") or size.get("min_pixels")
    upper = config.get("max_pixels") or size.get("longest_edge") or size.get("max_pixels")
    if max_pixels is None:
        own = _size("max_pixels", upper or DEFAULT_MAX_PIXELS)
        max_pixels = min(own, DEFAULT_MAX_PIXELS)
    return ImageProcessorConfig(
        min_pixels=min(_size("min_pixels", lower or 56 * 56), max_pixels),
        max_pixels=max_pixels,
        patch_size=_size("patch_size", config.get("patch_size") or 14),
        temporal_patch_size=_size(
            "temporal_patch_size", config.get("temporal_patch_size") or 2
        ),
        merge_size=_size("merge_size", config.get("merge_size") or 2),
        mean=tuple(config.get("image_mean") or CLIP_MEAN),
        std=tuple(config.get("image_std") or CLIP_STD),
    )


def _size(name: str, value: Any) -> int:
    if not isinstance(value, int | float) or not 1 <= value <= MAX_SIZE:
        raise ValueError(
            f"{name} is {printable(str(value), 'value')}; it is from 1 to {MAX_SIZE:,}"
        )
    return int(value)


def photo_grid(photo: Photo, config: ImageProcessorConfig) -> Grid:
    """Grid of the tokens that a photo will take, without reading its pixels."""
    width, height = target_size(photo.image.width, photo.image.height, config)
    return Grid(height // config.factor, width // config.factor)


def target_size(width: int, height: int, config: ImageProcessorConfig) -> tuple[int, int]:
    """Target width and height of resizing, in px, near the photo's own aspect ratio.

    Raises `PhotoError` where one side is over 200 times the other.
    """
    return smart_resize(
        width,
        height,
        factor=config.factor,
        min_pixels=config.min_pixels,
        max_pixels=config.max_pixels,
    )


def pixel_values(photo: Photo, config: ImageProcessorConfig) -> PixelValues:
    """Pixel values of one photo: resized (bicubic), cut into patches and normalised."""
    return image_patches(photo, config).pixel_values()


def image_patches(photo: Photo, config: ImageProcessorConfig) -> ImagePatches:
    """Image patches of one photo: resized (bicubic), in the order of the merged grid."""
    image = photo.rgb
    width, height = target_size(image.width, image.height, config)
    pixels = np.asarray(image.resize((width, height), Resampling.BICUBIC))
    size, merge = config.patch_size, config.merge_size
    grid_h, grid_w = height // size, width // size
    cells = pixels.reshape(grid_h // merge, merge, size, grid_w // merge, merge, size, 3)
    # -> (row of cells, cell, row in cell, column in cell, channel, y, x): the four
    # patches that merge into one token lie side by side.
    cells = cells.transpose(0, 3, 1, 4, 6, 2, 5)
    levels = cells.reshape(grid_h * grid_w, 3, size * size)
    return ImagePatches(np.ascontiguousarray(levels), grid_h, grid_w, config)
