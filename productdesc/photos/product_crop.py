"""The product's crop: where it stands in front of one plain background.

Plain is one light or dark colour with smooth changes: a vignette, a gradient of light.
A product's shadow belongs to the crop. A scene has no crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .regions import Floats, Mask, joined, steps

__all__ = ["ProductCrop", "cut", "find_product", "shrunk"]

Box = tuple[float, float, float, float]


class CropMeasuring(NamedTuple):
    """The sizes and limits that the crop is found with; tones are 0 to 255."""

    border: int = 2  # px of 128: a drawn border is cut off, and as much is the frame
    smooth: int = 4  # a background's largest step from pixel to pixel
    plain_frame: float = 0.9  # of the frame that is smooth; the product may touch it
    off_ground: float = 8.0  # as far from the smooth background is product
    off_noise: float = 4.0  # or so many times what the background itself strays
    max_noise: float = 6.0  # a background that strays further is no smooth gradient
    one_colour: int = 64  # as far from the frame's middle tone is another colour
    min_area: float = 0.003  # of the photo; below it is dust
    min_sharp: float = 0.1  # of the product, not joined to the background: else a shadow
    min_side: float = 0.06  # of the photo's long side
    margin: float = 0.05  # of the product's long side, around it
    min_pixels: int = 8  # of the short side: with fewer there is no frame to see


MEASURING = CropMeasuring()


@dataclass(frozen=True, slots=True)
class ProductCrop:
    """One product in front of a plain background. Boxes are in shares of the photo.

    `side` is the product's long side as a share of the photo's, `inner` the product's
    box, `filled` how much of that it covers, and `box` the same with a margin. `ground`
    is the background's smooth gradient: what is further than `tolerance` from it is not
    background.
    """

    side: float
    inner: Box
    filled: float
    box: Box
    ground: Floats
    tolerance: float

    def inside(self, size: tuple[int, int]) -> Box:
        """`inner` without its outermost pixel, in a photo of this size."""
        x, y = 1 / size[0], 1 / size[1]
        left, top, right, bottom = self.inner
        return left + x, top + y, right - x, bottom - y

    def off_ground(self, crop: NDArray[np.uint8]) -> Floats:
        """How far each pixel of the crop `box` is from the background, 0 to 255."""
        left, top, right, bottom = self.box
        height, width = crop.shape[:2]
        return _off(
            crop, self.ground, _powers(left, right, width), _powers(top, bottom, height)
        )


def cut(image: Image.Image, box: Box) -> Image.Image:
    """The part of an image that a box in shares names, at least one pixel each way."""
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right, bottom = round(box[2] * image.width), round(box[3] * image.height)
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


def find_product(
    small: Image.Image, *, plain_frame: float = MEASURING.plain_frame
) -> ProductCrop | None:
    """The product's crop, or None where the background is not plain or shows nothing.

    `small` is a copy of the photo of about 128 px, `plain_frame` the least share of its
    frame that is smooth.
    """
    edge = MEASURING.border
    if min(small.size) < MEASURING.min_pixels:
        return None
    pixels = np.asarray(small)[edge:-edge, edge:-edge]
    plain = steps(np.moveaxis(pixels, -1, 0).astype(np.int16)) <= MEASURING.smooth
    frame = np.ones(plain.shape, bool)
    frame[edge:-edge, edge:-edge] = False
    if plain[frame].mean() < plain_frame:
        return None
    far = np.abs(pixels - np.median(pixels[frame], axis=0)).max(axis=-1)
    background = joined(plain, frame & (far <= MEASURING.one_colour))
    if not background.any():
        return None
    across, down = (
        _powers(edge / side, 1 - edge / side, side - 2 * edge) for side in small.size
    )
    ground = _fit(pixels, background, across, down)
    off = _off(pixels, ground, across, down)
    noise = float(np.sqrt((off[background] ** 2).mean()))
    if noise > MEASURING.max_noise:
        return None
    tolerance = max(MEASURING.off_ground, MEASURING.off_noise * noise)
    stands = off > tolerance
    if (stands & ~background).sum() < MEASURING.min_sharp * stands.sum():
        return None
    product = np.pad(stands, edge)
    if product.mean() < MEASURING.min_area:
        return None
    left, top, right, bottom = inner = _box(product)
    wide, high = (right - left) * small.width, (bottom - top) * small.height
    long = max(small.size)
    side = max(wide, high) / long
    if side < MEASURING.min_side:
        return None
    margin = (MEASURING.margin * side + 1 / long) * long
    x, y = margin / small.width, margin / small.height
    box = max(0.0, left - x), max(0.0, top - y), min(1.0, right + x), min(1.0, bottom + y)
    filled = float(product.sum()) / (wide * high)
    return ProductCrop(side, inner, filled, box, ground, tolerance)


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """A copy of at most `side` px, at least 2 px each way."""
    scale = min(1.0, side / max(image.size))
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _powers(first: float, last: float, count: int) -> Floats:
    """1, x and x squared at `count` pixels between two shares of a side, (count, 3)."""
    x = (first + (np.arange(count) + 0.5) * (last - first) / count) * 2 - 1
    return np.stack((np.ones_like(x), x, x * x), axis=1)


def _fit(
    pixels: NDArray[np.uint8], background: Mask, across: Floats, down: Floats
) -> Floats:
    """The smooth gradient of a background: weights (channel, power down, power across)."""
    rows, columns = np.nonzero(background)
    terms = (down[rows][:, :, None] * across[columns][:, None]).reshape(-1, 9)
    square = terms.T @ terms + 1e-6 * np.eye(9)
    weights = np.linalg.solve(square, terms.T @ pixels[background])
    return np.asarray(weights.T.reshape(3, 3, 3), np.float64)


def _off(pixels: NDArray[np.uint8], ground: Floats, across: Floats, down: Floats) -> Floats:
    """The largest difference of each pixel to the gradient, in any channel."""
    off = np.zeros(pixels.shape[:2])
    for channel, weights in enumerate(ground):
        smooth = down @ weights @ across.T
        np.maximum(off, np.abs(pixels[..., channel] - smooth), out=off)
    return off


def _box(mask: Mask) -> Box:
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        float(columns[0]) / width,
        float(rows[0]) / height,
        float(columns[-1] + 1) / width,
        float(rows[-1] + 1) / height,
    )
