"""Training photos as a studio would show them: on a plain ground instead of their own.

Shops show products on white, homes do not; a model that saw the one only with unknown
things and the other only with known ones learns the ground and not the product.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from productdesc.photos.measured_colour import find_background, to_lab

from ..split import Sample
from .album import CANVAS, Album, opened

LEAST, MOST = 0.15, 0.85  # share of a photo that may be background, to be believed


def on_plain_ground(image: Image.Image, rng: random.Random) -> Image.Image | None:
    """The photo with white or another plain colour around its product.

    None where the background cannot be told from the product.
    """
    scale = CANVAS / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BICUBIC)
    background = find_background(to_lab(np.asarray(small)))
    if not LEAST <= background.mean() <= MOST:
        return None
    mask = Image.fromarray(np.uint8(background) * 255)
    mask = mask.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.GaussianBlur(1))
    ground = (255, 255, 255)
    if rng.random() < 0.4:
        ground = plain_colour(rng, 150)
    return Image.composite(Image.new("RGB", size, ground), small, mask)


def plain_colour(rng: random.Random, darkest: int) -> tuple[int, int, int]:
    """A grey of at least that level, tinted a little."""
    level = rng.randrange(darkest, 256)
    red, green, blue = (level + rng.randrange(-40, 41) for _ in range(3))
    return min(red, 255), min(green, 255), min(blue, 255)


def studio_album(samples: Sequence[Sample], cache: Path) -> tuple[Album, list[int]]:
    """The photos that can be shown so, and which of `samples` each is."""
    names = [str(sample.path) for sample in samples]
    rng = random.Random(0)
    shown = (on_plain_ground(opened(sample.path), rng) for sample in samples)
    pictures = ((image, number) for number, image in enumerate(shown) if image is not None)
    return Album.cached(names, cache, pictures)
