"""Garments drawn for tests: an outline of a kind in a colour, shaded like cloth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (340, 340)

# Corners of each kind's outline, in hundredths of the picture.
OUTLINES: dict[str, str] = {
    "t-shirt": "30,20 42,14 50,20 58,14 70,20 92,38 82,50 72,42 72,90 28,90 28,42 18,50 "
    "8,38",
    "longsleeve": "34,16 43,11 50,16 57,11 66,16 80,28 92,80 82,84 71,44 71,92 29,92 29,44 "
    "18,84 8,80 20,28",
    "pants": "32,8 68,8 76,94 56,94 50,34 44,94 24,94",
    "shorts": "28,22 72,22 84,74 54,78 50,46 46,78 16,74",
    "dress": "40,8 46,18 54,18 60,8 66,12 62,40 84,92 16,92 38,40 34,12",
    "skirt": "36,16 64,16 86,86 14,86",
    "hat": "8,70 28,62 32,34 50,24 68,34 72,62 92,70 70,78 30,78",
    "shoes": "10,36 28,34 48,52 78,58 92,68 92,78 10,78",
}
COLOURS = {
    "red": "#a3161c", "navy": "#1b2a55", "black": "#161616", "green": "#1f6b35",
    "pink": "#e48aa8", "white": "#f2f2ee", "brown": "#6b4226", "grey": "#8a8a8a",
}  # fmt: skip


class Garment(NamedTuple):
    """A drawn garment, what it is, and its colour."""

    kind: str
    colour: str
    image: Image.Image


def garments() -> Iterator[Garment]:
    """Two of each kind, in colours that take turns; the same at every call."""
    colours = list(COLOURS)
    for number, kind in enumerate(OUTLINES):
        for step in (0, 4):
            colour = colours[(number + step) % len(colours)]
            yield Garment(kind, colour, drawn(kind, colour))


def drawn(kind: str, colour: str) -> Image.Image:
    """One garment on a white ground."""
    image = Image.new("RGB", SIZE, "#fdfdfd")
    corners = (corner.split(",") for corner in OUTLINES[kind].split())
    outline = [(int(x) * SIZE[0] / 100, int(y) * SIZE[1] / 100) for x, y in corners]
    ImageDraw.Draw(image).polygon(outline, COLOURS[colour], "#444444")
    # Pillow's noise is another at every call, so the weave is drawn: fine waves
    weave = (
        Image.linear_gradient("L").resize((7, 5)).resize((35, 25), Image.Resampling.BICUBIC)
    )
    cloth = Image.new("L", SIZE)
    for x in range(0, SIZE[0], 35):
        for y in range(0, SIZE[1], 25):
            cloth.paste(weave, (x, y))
    image = Image.blend(image, ImageChops.overlay(image, cloth.convert("RGB")), 0.4)
    shade = Image.radial_gradient("L").resize(SIZE).point(lambda value: value // 5)
    image = Image.composite(Image.new("RGB", SIZE, "black"), image, shade)
    return image.filter(ImageFilter.GaussianBlur(0.5))
