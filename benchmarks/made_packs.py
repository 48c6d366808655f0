"""Packs made here: known words in a font on a front, then turned, blurred or curved."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 1000  # px of a made pack

FRONTS = {
    "en": ("ORGANIC OAT MILK", "no added sugar", "1 litre", "Best before see top"),
    "de": ("HAFERDRINK BIO", "ohne Zuckerzusatz", "500 g", "Kühl und trocken lagern"),
    "fr": ("LAIT D'AVOINE", "sans sucres ajoutés", "750 ml", "Agiter avant d'ouvrir"),
}
"""Four lines each, from large to small."""
SIZES = (92, 60, 48, 36)  # px of the four lines
COLOURS = (("#fffdf5", "#1c3d2e"), ("#204a87", "#ffffff"), ("#f2c14e", "#402218"))


class MadePack(NamedTuple):
    """A picture of SIDE px, what it is, and the words on it."""

    image: Image.Image
    kind: str
    font: str
    language: str
    words: tuple[str, ...]


def curved(image: Image.Image) -> Image.Image:
    """As on a can: columns near the edges are narrower, and lower at the sides."""
    out = Image.new("RGB", image.size, "white")
    middle = SIDE / 2
    for x in range(SIDE):
        angle = (x - middle) / middle * 1.15
        source = middle + math.sin(angle) / math.sin(1.15) * middle * 0.999
        drop = round(60 * (1 - math.cos(angle)))
        column = image.crop((int(source), 0, int(source) + 1, SIDE))
        out.paste(column, (x, drop))
    return out


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.rotate(
        degrees, Image.Resampling.BICUBIC, fillcolor="white", expand=False
    )


def blurred(radius: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.filter(ImageFilter.GaussianBlur(radius))


KINDS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as drawn": lambda image: image,
    "turned 12 degrees": turned(12),
    "turned 30 degrees": turned(30),
    "turned 90 degrees": turned(90),
    "upside down": turned(180),
    "blurred 2 px": blurred(2),
    "blurred 4 px": blurred(4),
    "curved": curved,
    "curved and turned": lambda image: turned(8)(curved(image)),
    "small (250 px)": lambda image: image.resize((250, 250)).resize((SIDE, SIDE)),
}


def front(lines: tuple[str, ...], font: Path, colours: tuple[str, str]) -> Image.Image:
    """The lines on a front, one below another in the middle."""
    image = Image.new("RGB", (SIDE, SIDE), colours[0])
    draw = ImageDraw.Draw(image)
    top = 180
    for text, size in zip(lines, SIZES, strict=True):
        drawn = ImageFont.truetype(font, size)
        while draw.textlength(text, drawn) > SIDE * 0.66:
            size -= 4
            drawn = ImageFont.truetype(font, size)
        draw.text((SIDE / 2, top), text, colours[1], drawn, anchor="ma")
        top += size + 70
    return image


def made_packs(fonts: list[Path]) -> Iterator[MadePack]:
    """One of each kind in each font; languages and colours take turns."""
    for number, (kind, change) in enumerate(KINDS.items()):
        for place, font in enumerate(fonts):
            language = list(FRONTS)[(number + place) % len(FRONTS)]
            lines = FRONTS[language]
            image = front(lines, font, COLOURS[(number + 2 * place) % len(COLOURS)])
            words = tuple(word for line in lines for word in line.split())
            yield MadePack(change(image), kind, font.stem, language, words)
