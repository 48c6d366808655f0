"""The product's colours, measured from its pixels with the background set aside.

No learning: the border says what the background is, skin counts little where other
pixels remain, the centre counts most, and every pixel gets the nearest name of
`productdesc.colours.shades()`. It does not know which of two garments is for sale.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..colours import shades
from ..records import Colour, Photo
from .regions import Mask, joined, widened

__all__ = ["measure_colours"]

Floats = NDArray[np.float64]


class ColourMeasuring(NamedTuple):
    """Every constant of the measurement. Distances are CIE Lab units (JND about 2.3)."""

    side: int = 128  # px, long side after shrinking: 10 ms a photo, no name changes
    max_colours: int = 4
    min_share: float = 0.08  # below it: buttons, laces, shadows
    lightest_percentile: float = 99.0
    nearly_white: float = 200.0  # of 255; a darker photo may just show dark things
    exposed_white: float = 245.0  # of 255; what the lightest parts are raised to
    border: int = 2  # px of frame that are read as background
    border_bin: float = 8.0  # width of one background colour
    min_border: float = 0.08  # part of the frame that a background colour covers
    background: float = 7.0  # as far as this from a background colour is background
    min_foreground: float = 0.06  # of the photo; below it nothing could be set aside
    centre: tuple[float, float] = (0.5, 0.47)  # x, y of the weight's peak, 0 to 1
    spread: tuple[float, float] = (0.24, 0.26)  # its standard deviations
    skin_hue: tuple[float, float] = (28.0, 72.0)  # degrees in the a*b* plane
    skin_chroma: tuple[float, float] = (10.0, 40.0)
    skin_lightness: tuple[float, float] = (22.0, 88.0)
    skin_weight: float = 0.05
    min_clothing: float = 0.2  # of the foreground; with less, "skin" is the product


MEASURING = ColourMeasuring()


def measure_colours(photo: Photo) -> tuple[Colour, ...]:
    """One to four colours of the product, largest share first, one per colour family.

    Shares are of the product's pixels as weighted here; small ones are left out, so
    they need not sum to 1. `hex` is the mean of the pixels that got the name, as they are.
    """
    rgb = _small_pixels(photo.rgb)
    lab = to_lab(rgb)
    weights = _weights(lab)
    names = _nearest_shades(_well_exposed(rgb))
    return _largest(rgb.reshape(-1, 3), names.ravel(), weights.ravel())


def _small_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Shape (height, width, 3)."""
    scale = MEASURING.side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.BOX) if scale < 1 else image)


def _well_exposed(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A little lighter where the lightest parts fall a little short of white."""
    lightest = float(np.percentile(rgb.max(axis=-1), MEASURING.lightest_percentile))
    if not MEASURING.nearly_white <= lightest < MEASURING.exposed_white:
        return rgb
    lighter = np.minimum(rgb * (MEASURING.exposed_white / lightest), 255.0)
    return np.asarray(lighter, np.uint8)


def to_lab(rgb: NDArray[np.uint8]) -> Floats:
    """CIE Lab (D65) of sRGB bytes, last axis three."""
    share = rgb / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    lab: Floats = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return lab


def _weights(lab: Floats) -> Floats:
    """How much each pixel counts as product, shape (height, width)."""
    height, width = lab.shape[:2]
    y = (np.arange(height) + 0.5)[:, None] / height - MEASURING.centre[1]
    x = (np.arange(width) + 0.5)[None, :] / width - MEASURING.centre[0]
    near = np.exp(-((x / MEASURING.spread[0]) ** 2 + (y / MEASURING.spread[1]) ** 2) / 2)
    background = find_background(lab)
    product = ~widened(background)  # without the fringe, which is half background
    if product.mean() < MEASURING.min_foreground:
        product = ~background
    if product.mean() < MEASURING.min_foreground:
        product = np.ones_like(product)
    skin = _skin_like(lab) & product
    weights: Floats = near * product
    clothing = weights[~skin].sum()
    if clothing >= MEASURING.min_clothing * weights.sum():
        weights[skin] *= MEASURING.skin_weight
    return weights


def find_background(lab: Floats) -> Mask:
    """Pixels like the frame's colours and joined to the frame through such pixels."""
    edge = MEASURING.border
    frame = np.ones(lab.shape[:2], bool)
    frame[edge:-edge, edge:-edge] = False
    bins = np.floor(lab[frame] / MEASURING.border_bin).astype(np.int64)
    _, where, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    where = where.ravel()
    like = np.zeros(lab.shape[:2], bool)
    for number in np.flatnonzero(counts >= MEASURING.min_border * counts.sum()):
        colour = lab[frame][where == number].mean(axis=0)
        like |= np.linalg.norm(lab - colour, axis=-1) < MEASURING.background
    return joined(like, frame & like)


def _skin_like(lab: Floats) -> Mask:
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a))
    ranges = (
        (lightness, MEASURING.skin_lightness),
        (chroma, MEASURING.skin_chroma),
        (hue, MEASURING.skin_hue),
    )
    skin = np.ones(lightness.shape, bool)
    for value, (low, high) in ranges:
        skin &= (value > low) & (value < high)
    return skin


def _nearest_shades(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Row of `shades()` for each pixel, by CIE94 distance; shape (height, width)."""
    owners, table = _shades()
    packed = (rgb >> 2).astype(np.int64) @ np.array([4096, 64, 1])
    distinct, where = np.unique(packed, return_inverse=True)
    steps = np.stack([distinct >> 12, distinct >> 6 & 63, distinct & 63], axis=-1)
    lab = to_lab((steps * 4 + 2).astype(np.uint8))
    delta = lab[:, None] - table[None]
    chroma = np.hypot(table[:, 1], table[:, 2])
    d_chroma = np.hypot(lab[:, 1], lab[:, 2])[:, None] - chroma
    d_hue_squared = np.maximum(delta[..., 1] ** 2 + delta[..., 2] ** 2 - d_chroma**2, 0.0)
    distance = (
        delta[..., 0] ** 2
        + (d_chroma / (1 + 0.045 * chroma)) ** 2
        + d_hue_squared / (1 + 0.015 * chroma) ** 2
    )
    nearest: NDArray[np.int64] = owners[distance.argmin(axis=1)]
    return nearest[where].reshape(rgb.shape[:2])


@cache
def _shades() -> tuple[NDArray[np.int64], Floats]:
    """Row of `shades()` and Lab of each of their hex codes."""
    rows = [(row, text) for row, shade in enumerate(shades()) for text in shade.hexes]
    codes = np.array([list(bytes.fromhex(text[1:])) for _, text in rows], np.uint8)
    return np.array([row for row, _ in rows]), to_lab(codes)


def _largest(
    rgb: NDArray[np.uint8], names: NDArray[np.int64], weights: Floats
) -> tuple[Colour, ...]:
    by_shade = np.bincount(names, weights, minlength=len(shades())) / weights.sum()
    by_family: dict[str, list[int]] = {}
    for row, shade in enumerate(shades()):
        by_family.setdefault(shade.family, []).append(row)
    colours: list[Colour] = []
    for rows in by_family.values():
        share = float(by_shade[rows].sum())
        if share < MEASURING.min_share:
            continue
        row = max(rows, key=lambda r: by_shade[r])
        mine = names == row
        mean = np.average(rgb[mine], axis=0, weights=weights[mine] + 1e-12)
        code = "#" + bytes(round(v) for v in mean.tolist()).hex()
        colours.append(Colour(shades()[row].name, code, round(share, 3)))
    colours.sort(key=lambda c: -c.share)
    return tuple(colours[: MEASURING.max_colours])
