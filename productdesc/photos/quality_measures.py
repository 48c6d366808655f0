"""What the quality gate measures of one photo; the limits are in `quality.py`.

A product on a plain background is measured on its own crop, whatever its size.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..records import Photo
from .jpeg_blocks import block_edges
from .product_crop import cut, shrunk
from .product_shading import edges_of, grey_of, near, photographed_product
from .regions import Floats, joined, steps

__all__ = ["Measures", "measure"]


class QualityMeasuring(NamedTuple):
    """The sizes and steps that the measures are taken at; tones are 0 to 255."""

    fine: int = 512  # px, long side at which edges are looked at
    middle: int = 256  # px, for shading and tones
    coarse: int = 128  # px, for the white background
    sharp_ratio: int = 4  # a photo shrunk this much has sharp edges, however blurred
    structure: int = 48  # px: averages noise away
    edge_percentile: float = 99.5  # a sharp product on a soft ground is a sharp photo
    shade: int = 1  # of 255: a drawing is flat to the last bit, a photo never
    edge_smear: int = 3  # px around an edge at `middle` that belong to it
    jpeg_ringing: int = 8  # px of the original: one block
    max_edges: float = 0.6  # of the photo: with more, what is left proves nothing
    white: int = 243  # a studio's background, in every channel
    studio: float = 0.55  # of the frame that is white in a studio photo
    full: int = 252  # a channel that is (nearly) at its end
    some_clipped: float = 0.05  # of the product, in one channel: more than a highlight
    min_rest: float = 0.04  # of the photo that is not white background


MEASURING = QualityMeasuring()


class Measures(NamedTuple):
    """What the rules look at.

    `product_side`: long side of the product as a share of the photo's; 1 for a scene or
    a product that nearly fills it.
    `structure`: range of tones left when the best smooth gradient is taken away.
    `shading`: what is not flat, as a share of what is not near an edge; of a product on
    a plain background: of the product, see `product_shading.py`.
    `sharpness`: the steepest steps at 512 px to the steepest at a quarter of that.
    `lightest`, `darkest`: the tone that 1 % are above, 0.5 % below; `darkest_of_scene`
    is 0 in front of a studio's white, unless colours are clipped as well. `clipped`: share
    of what is not white background that has two channels at the end of the scale, or 1
    where next to nothing is left of it.
    `block_edges`: see `jpeg_blocks.py`; 0 in a photo that was shrunk.
    """

    short_side: float
    aspect: float
    product_side: float
    structure: float
    shading: float
    sharpness: float
    lightest: float
    darkest: float
    darkest_of_scene: float
    clipped: float
    block_edges: float


def measure(photo: Photo) -> Measures:
    """All measures of one photo; sides are the original's, the rest is of its pixels."""
    sides = sorted((photo.original_width, photo.original_height))
    fine = shrunk(photo.rgb, MEASURING.fine)
    coarse = shrunk(fine, MEASURING.coarse)
    as_decoded = sorted(photo.rgb.size) == sides
    shown = photographed_product(photo.rgb, fine, coarse)
    if shown:
        fine = shrunk(cut(photo.rgb, shown[0].box), MEASURING.fine)
        coarse = shrunk(fine, MEASURING.coarse)
    middle = shrunk(fine, MEASURING.middle)
    scale = max(middle.size) / max(photo.image.size)
    grey = np.asarray(middle.convert("L"))
    harmless, clipped = _whites(np.asarray(coarse))
    darkest = float(np.percentile(grey, 0.5))
    return Measures(
        short_side=float(sides[0]),
        aspect=sides[1] / max(1, sides[0]),
        product_side=shown[0].side if shown else 1.0,
        structure=_structure(fine),
        shading=shown[1] if shown else _shading(middle, scale),
        sharpness=_sharpness(fine.convert("L")),
        lightest=float(np.percentile(grey, 99)),
        darkest=darkest,
        darkest_of_scene=0.0 if harmless else darkest,
        clipped=clipped,
        block_edges=block_edges(photo.rgb) if as_decoded else 0.0,
    )


def _structure(image: Image.Image) -> float:
    side = MEASURING.structure
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float64)
    tones = small.reshape(-1, 3)
    smooth = _smooth(side)
    rest = tones - smooth @ (smooth.T @ tones)
    low, high = np.percentile(rest, [1, 99], axis=0)
    return float((high - low).max())


@cache
def _smooth(side: int) -> Floats:
    """An orthonormal basis of the smooth gradients of a square, (side * side, 7)."""
    line = np.linspace(-1.0, 1.0, side)
    x, y = (axis.ravel() for axis in np.meshgrid(line, line))
    terms = (np.ones_like(x), x, y, x * x, y * y, x * y, np.hypot(x, y))
    basis: Floats = np.linalg.qr(np.stack(terms, axis=1))[0]
    return basis


def _shading(middle: Image.Image, scale: float) -> float:
    steep = steps(grey_of(middle))
    reach = max(MEASURING.edge_smear, round(MEASURING.jpeg_ringing * scale))
    edges = near(edges_of(steep), reach)
    if edges.mean() > MEASURING.max_edges:
        return 1.0
    return float((steep[~edges] >= MEASURING.shade).mean())


def _sharpness(grey: Image.Image) -> float:
    coarse = shrunk(grey, max(1, max(grey.size) // MEASURING.sharp_ratio))
    near, far = (
        float(np.percentile(steps(grey_of(tones)), percentile))
        for tones, percentile in ((grey, MEASURING.edge_percentile), (coarse, 99.0))
    )
    return near / max(far, 1.0)


def _whites(rgb: NDArray[np.uint8]) -> tuple[bool, float]:
    """Whether all white is a studio's background, and how much of the rest is clipped."""
    white = rgb.min(axis=-1) >= MEASURING.white
    frame = np.ones(white.shape, bool)
    frame[2:-2, 2:-2] = False
    rest = ~joined(white, frame & white)
    if rest.mean() < MEASURING.min_rest:
        return False, 1.0
    full = np.sort(rgb[rest], axis=-1) >= MEASURING.full
    one_channel, two_channels = float(full[:, 2].mean()), float(full[:, 1].mean())
    studio = bool(white[frame].mean() >= MEASURING.studio)
    return studio and one_channel <= MEASURING.some_clipped, two_channels
