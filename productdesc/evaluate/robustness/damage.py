"""Damage: the same photo made worse in steps, as shops' photos are.

To add a kind: one function, one row in DAMAGES.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter


@dataclass(frozen=True, slots=True)
class Damage:
    """A kind of damage: what `levels` count, from light to heavy, and what is done.

    `apply` takes an RGB image and a level, and gives an image, or the bytes of a file
    where the damage is that file's.
    """

    unit: str
    levels: tuple[float, ...]
    apply: Callable[[Image.Image, float], Image.Image | bytes]


def blurred(image: Image.Image, level: float) -> Image.Image:
    """Gaussian blur; level: its radius in thousandths of the longer side."""
    return image.filter(ImageFilter.GaussianBlur(level / 1000 * max(image.size)))


def darkened(image: Image.Image, level: float) -> Image.Image:
    """Less light; level: the share that is left, in percent, of linear light."""
    linear = (np.asarray(image, dtype=np.float32) / 255.0) ** 2.2 * (level / 100)
    return Image.fromarray(np.rint(linear ** (1 / 2.2) * 255).astype(np.uint8), "RGB")


def compressed(image: Image.Image, level: float) -> bytes:
    """JPEG with colour at half resolution; level: its quality as Pillow counts it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(level), subsampling="4:2:0")
    return out.getvalue()


def shrunk(image: Image.Image, level: float) -> Image.Image:
    """A smaller photo; level: its longer side in pixels. A smaller one stays as it is."""
    small = image.copy()
    small.thumbnail((int(level), int(level)), Image.Resampling.LANCZOS)
    return small


def cropped(image: Image.Image, level: float) -> Image.Image:
    """What is left around the middle; level: percent of each side."""
    width, height = (max(1, round(side * level / 100)) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def noisy(image: Image.Image, level: float) -> Image.Image:
    """Gaussian noise on every value; level: its standard deviation of 255.

    The same photo gets the same noise.
    """
    values = np.asarray(image, dtype=np.float32)
    chance = np.random.default_rng(int(values.sum()) % 2**32)
    noise = chance.standard_normal(values.shape, dtype=np.float32) * level
    return Image.fromarray(np.clip(np.rint(values + noise), 0, 255).astype(np.uint8), "RGB")


# Levels: from what a person hardly sees to what no shop would show.
DAMAGES: Mapping[str, Damage] = {
    "blur": Damage("radius, thousandths of the long side", (5, 10, 20, 40), blurred),
    "dark": Damage("light that is left, %", (50, 25, 12, 5), darkened),
    "jpeg": Damage("quality", (25, 12, 6, 2), compressed),
    "small": Damage("long side, px", (192, 128, 96, 64), shrunk),
    "cropped": Damage("of each side is left, %", (85, 70, 55, 40), cropped),
    "noise": Damage("standard deviation of 255", (25, 50, 90, 140), noisy),
}


def steps() -> Iterator[tuple[str, float]]:
    """Every kind with each of its levels."""
    for kind, damage in DAMAGES.items():
        for level in damage.levels:
            yield kind, level
