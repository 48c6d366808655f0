"""Made packs: lines of text, dark on a light front, alone or on a photo."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SHOE = Path(__file__).parents[3] / "examples" / "running-shoe.jpg"


def pack(*lines: str, side: int = 640, size: int = 48) -> Image.Image:
    """A square picture with these lines below one another, in Pillow's own font."""
    image = Image.new("RGB", (side, side), "#fdf6e3")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        at = side / 2, 0.1 * side + number * size * 1.8
        draw.text(at, line, "#1c3d2e", font, anchor="ma")
    return image


def labelled(*lines: str) -> Image.Image:
    """A photo of 1,000 px with these lines on a label along its top."""
    photo = Image.open(SHOE).convert("RGB").resize((1000, 1000))
    label = pack(*lines, side=1000, size=44)
    height = 140 + 80 * len(lines)
    photo.paste(label.crop((0, 60, 1000, height)), (0, 0))
    return photo
