"""Framing: how white the frame is, how much of it the product fills, what touches it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....photos.product_crop import find_product, shrunk
from ....photos.product_shading import inside
from ....photos.regions import Mask, joined, widened
from .pieces import Box, Pieces, pieces


class FramingMeasuring(NamedTuple):
    """The sizes and tones that framing is measured with; tones are 0 to 255."""

    ring: float = 0.02  # of the short side: what counts as the frame
    white: int = 253  # in every channel; a JPEG of pure white strays by no more
    light: int = 200  # in every channel: a light tone that is not white
    mostly: float = 0.5  # of the frame that is white: what is not may be the product
    side: int = 512  # px: JPEG's ringing is averaged away
    off_white: int = 8  # as far below white is product
    coarse: int = 128  # px, for a background that is plain and not white
    like_size: float = 0.25  # of the largest piece's area: a second product


MEASURING = FramingMeasuring()


class Framing(NamedTuple):
    """What is measured of the frame. Shares are 0 to 1.

    `off_white`: share of the frame's background that is not pure white. `touched`: share
    of the frame that the product crosses, None where the background is not white.
    `share`: the longer of the product's two sides, each as a share of the photo's same
    side; None where no product stands on a plain background. `box`: the product's, in
    shares of the photo. `product_count`: how many pieces of like size stand apart on a
    plain background, 1 where that cannot be told. `ground`: (height, width) of a copy of
    512 px, what is background; None in a scene.
    """

    off_white: float
    touched: float | None
    share: float | None
    box: Box | None
    product_count: int
    ground: Mask | None


def measure_framing(image: Image.Image) -> Framing:
    """The framing of one photo, in RGB."""
    ring = _ring(image).min(axis=-1)
    white = float((ring >= MEASURING.white).mean())
    small = shrunk(image, MEASURING.side)
    if white < MEASURING.mostly:
        ground = _plain_ground(image, small)
        return Framing(1 - white, None, *_product(ground))
    tinted = float(((ring < MEASURING.white) & (ring >= MEASURING.light)).mean())
    pixels = np.asarray(small).min(axis=-1) >= 255 - MEASURING.off_white
    frame = np.ones(pixels.shape, bool)
    frame[1:-1, 1:-1] = False
    ground = joined(pixels, frame & pixels)
    return Framing(tinted, 1 - white - tinted, *_product(ground))


def _ring(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of the photo's outermost ring, (count, 3)."""
    pixels = np.asarray(image)
    wide = max(2, round(MEASURING.ring * min(image.size)))
    middle = pixels[wide:-wide]
    edges = (pixels[:wide], pixels[-wide:], middle[:, :wide], middle[:, -wide:])
    return np.concatenate([edge.reshape(-1, 3) for edge in edges])


def _plain_ground(image: Image.Image, small: Image.Image) -> Mask | None:
    """What is background in a copy of the photo, where that is plain."""
    crop = find_product(shrunk(image, MEASURING.coarse))
    if crop is None:
        return None
    left, top, right, bottom = (
        round(share * side) for share, side in zip(crop.box, small.size * 2, strict=True)
    )
    off = crop.off_ground(np.asarray(small.crop((left, top, right, bottom))))
    ground = np.ones((small.height, small.width), bool)
    ground[top:bottom, left:right] = off <= crop.tolerance
    return ground


def _product(ground: Mask | None) -> tuple[float | None, Box | None, int, Mask | None]:
    """Share, box and number of products, and the background that they stand on."""
    if ground is None:
        return None, None, 1, None
    stands = widened(inside(~ground))  # without specks
    parts = pieces(stands)
    if not parts.areas.size:
        return None, None, 1, ground
    rows, columns = np.flatnonzero(stands.any(axis=1)), np.flatnonzero(stands.any(axis=0))
    height, width = ground.shape
    box = (
        float(columns[0]) / width,
        float(rows[0]) / height,
        float(columns[-1] + 1) / width,
        float(rows[-1] + 1) / height,
    )
    return max(box[2] - box[0], box[3] - box[1]), box, _like_sized(parts), ground


def _like_sized(parts: Pieces) -> int:
    return int((parts.areas >= MEASURING.like_size * parts.areas.max()).sum())
