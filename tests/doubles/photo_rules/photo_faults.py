"""Photos with one fault, drawn for tests: laid-over words, borders, joined photos."""

from __future__ import annotations

import io

import numpy as np
from doubles.pictures import picture
from PIL import Image, ImageChops, ImageDraw, ImageFont

from productdesc.records import Photo


def photo_of(image: Image.Image, quality: int = 85, name: str = "made.jpg") -> Photo:
    """As a shop would send it, a JPEG."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return Photo(Image.open(file).convert("RGB"), name, "0" * 64, "JPEG", *image.size)


def product(colour: str = "#1b2a55", size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A shaded product with nothing around it but transparency, cut to its box."""
    drawn = picture(colour, size)
    outline = Image.new("L", size, 0)
    pen = ImageDraw.Draw(outline)
    w, h = size
    pen.ellipse((w * 0.2, h * 0.35, w * 0.8, h * 0.75), fill=255)
    pen.rectangle((w * 0.2, h * 0.55, w * 0.85, h * 0.72), fill=255)
    drawn.putalpha(outline)
    return drawn.crop(outline.getbbox())


def in_frame(
    cut: Image.Image, share: float, ground: str = "white", side: int = 1000
) -> Image.Image:
    """A product in the middle of a square, its long side `share` of it."""
    long = round(share * side)
    scale = long / max(cut.size)
    small = cut.resize((round(cut.width * scale), round(cut.height * scale)))
    canvas = Image.new("RGB", (side, side), ground)
    place = ((side - small.width) // 2, (side - small.height) // 2)
    canvas.paste(small, place, small)
    return canvas


def scene(size: tuple[int, int] = (900, 700), colour: str = "#c0a878") -> Image.Image:
    """A picture with structure all over: no background, no product apart from it."""
    shape = size[1] // 12, size[0] // 12
    tones = np.random.default_rng(1).normal(128, 90, shape).clip(0, 255)  # always the same
    grain = Image.fromarray(tones.astype(np.uint8)).resize(size)
    return ImageChops.multiply(grain.convert("RGB"), Image.new("RGB", size, colour))


def written(
    image: Image.Image,
    words: str,
    place: tuple[float, float],
    *,
    high: float = 0.06,
    ink: tuple[int, int, int] = (192, 0, 0),
    alpha: int = 255,
    turned: float = 0,
) -> Image.Image:
    """Words over a picture, their middle at a place in shares of it."""
    letters = ImageFont.load_default(round(high * image.height))
    layer = Image.new("L", image.size, 0)
    middle = (round(place[0] * image.width), round(place[1] * image.height))
    ImageDraw.Draw(layer).text(middle, words, alpha, letters, anchor="mm")
    if turned:
        layer = layer.rotate(turned, Image.Resampling.BICUBIC, center=middle)
    made = image.copy()
    made.paste(ink, (0, 0, *image.size), layer)
    return made


def on_badge(image: Image.Image, words: str, box: tuple[int, int, int, int]) -> Image.Image:
    """Words on a badge of one colour."""
    made = image.copy()
    ImageDraw.Draw(made).rounded_rectangle(box, 12, fill="#1a5fb4")
    middle = ((box[0] + box[2]) / 2 / made.width, (box[1] + box[3]) / 2 / made.height)
    high = 0.35 * (box[3] - box[1]) / made.height
    return written(made, words, middle, high=high, ink=(255, 255, 255))


def bordered(image: Image.Image, wide: int = 20, colour: str = "#d0021b") -> Image.Image:
    size = (image.width + 2 * wide, image.height + 2 * wide)
    made = Image.new("RGB", size, colour)
    made.paste(image, (wide, wide))
    return made


def joined_beside(*images: Image.Image) -> Image.Image:
    """Pictures of one height beside each other, without a gap."""
    made = Image.new("RGB", (sum(i.width for i in images), images[0].height))
    left = 0
    for image in images:
        made.paste(image, (left, 0))
        left += image.width
    return made
