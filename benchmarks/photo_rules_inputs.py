"""What `photo_rules.py` judges: real photos, composites of known share, and faults made."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from photo_quality_inputs import ENDINGS, placeholders, small_placeholders
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from productdesc.photos.regions import joined
from productdesc.records import Photo

KEPT = 2048  # px, as the library keeps photos


class Composite(NamedTuple):
    """A cut-out on a background; `share` is the longer of its sides in the frame's."""

    photo: Photo
    share: float


def large_photos(folder: Path, least: int = 500) -> list[Path]:
    """Photos below a folder whose long side is at least so many px, in a stable order."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    return [path for path in paths if max(size_of(path)) >= least]


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def opened(path: Path) -> Photo:
    """The benchmark's own plain decoding: these folders are trusted."""
    with Image.open(path) as image:
        size = image.size
        image.draft("RGB", (KEPT, KEPT))
        image.thumbnail((KEPT, KEPT), Image.Resampling.BOX)
        whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if whole.mode == "RGBA":
        whole = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole)
    return Photo(whole.convert("RGB"), path.name, "", "JPEG", *size)


def as_jpeg(image: Image.Image, quality: int = 85, name: str = "made") -> Photo:
    """As a shop would send it."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return Photo(Image.open(file).convert("RGB"), name, "", "JPEG", *image.size)


# ---- composites ---------------------------------------------------------------------


def cut_out(image: Image.Image) -> Image.Image | None:
    """What stands on pure white, with its mask as alpha, cut to its box.

    None where it touches more than half of the frame, or where nothing stands there.
    """
    white = np.asarray(image).min(axis=-1) >= 250
    frame = np.ones(white.shape, bool)
    frame[1:-1, 1:-1] = False
    if white[frame].mean() < 0.5:
        return None
    mask = ~joined(white, frame & white)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if mask.mean() < 0.03:
        return None
    whole = image.convert("RGBA")
    whole.putalpha(Image.fromarray((mask * 255).astype(np.uint8)))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return whole.crop(box)


def cut_outs(paths: Sequence[Path], side: int = 1000) -> list[Image.Image]:
    """The cut-outs of those photos that have one, looked at with at most `side` px."""
    found = []
    for path in paths:
        image = opened(path).image
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        if (one := cut_out(image)) is not None:
            found.append(one)
    return found


def composites(
    cuts: Sequence[Image.Image],
    count: int,
    ground: Callable[[int], Image.Image],
    seed: int,
) -> Iterator[Composite]:
    """Cut-outs of 40 to 95 % of a frame of 800 to 1,600 px, as JPEG of 60 to 95."""
    rng = random.Random(seed)
    chosen = rng.sample([*cuts], min(count, len(cuts)))
    for number in range(count):
        cut, frame = chosen[number % len(chosen)], rng.randrange(800, 1601)
        share = rng.uniform(0.40, 0.95)
        scale = share * frame / max(cut.size)
        size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
        placed = cut.resize(size, Image.Resampling.LANCZOS)
        canvas = ground(frame)
        left = (frame - size[0]) // 2
        top = (frame - size[1]) // 2
        canvas.paste(placed, (left, top), placed)
        mask = placed.getchannel("A").point(lambda alpha: 255 * (alpha >= 128))
        left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
        photo = as_jpeg(canvas, rng.randrange(60, 96), f"composite {number}")
        yield Composite(photo, max(right - left, bottom - top) / frame)


def one_tone(tone: int) -> Callable[[int], Image.Image]:
    return lambda side: Image.new("RGB", (side, side), (tone, tone, tone))


def lit_from_above(side: int) -> Image.Image:
    tones = Image.linear_gradient("L").point(lambda v: 255 - v // 8)
    return tones.resize((side, side), Image.Resampling.BICUBIC).convert("RGB")


def on_cream(side: int) -> Image.Image:
    return Image.new("RGB", (side, side), "#fbf7ee")


NOT_WHITE: dict[str, Callable[[int], Image.Image]] = {
    "grey 250": one_tone(250),
    "grey 240": one_tone(240),
    "cream": on_cream,
    "lit from above, 255 to 224": lit_from_above,
    "blue": lambda side: Image.new("RGB", (side, side), "#9fc4e8"),
}


# ---- faults -----------------------------------------------------------------------------

WORDS = ("SALE", "50% OFF", "NEW", "Free shipping", "Best Seller", "100% COTTON", "-30 %")
WORDS += ("Limited offer", "BUY 2 GET 1", "Bestseller 2026")
OWNERS = ("© SHOP.EXAMPLE", "photostock", "SAMPLE", "My Little Store", "www.shop.example")
INKS = ("#d0021b", "#000000", "#ffffff", "#1a5fb4", "#f5c211")

Fault = Callable[[Image.Image, random.Random], Image.Image]


def letters(high: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(10, high))


def with_overlay(image: Image.Image, rng: random.Random) -> Image.Image:
    """Words, or words on a bar, a badge or a ribbon; 4 to 10 % of the height."""
    made = image.copy()
    draw = ImageDraw.Draw(made)
    words, ink = rng.choice(WORDS), rng.choice(INKS)
    font = letters(round(made.height * rng.uniform(0.04, 0.10)))
    wide, high = draw.textbbox((0, 0), words, font)[2:]
    x = round(rng.uniform(0.02, 0.98) * max(1, made.width - wide))
    y = round(rng.choice((0.03, 0.12, 0.8, 0.93)) * (made.height - high))
    kind = rng.randrange(3)
    if kind == 0:  # words alone, in an ink that shows there
        box = made.crop((x, y, x + max(1, wide), y + max(1, high))).resize((1, 1))
        light = sum(box.getpixel((0, 0))) > 384  # type: ignore[arg-type]
        draw.text((x, y), words, "#c00000" if light else "#ffffff", font)
        return made
    pad = high // 2
    if kind == 1:
        draw.rectangle((0, y - pad, made.width, y + high + pad), fill=ink)
    else:
        box_of = (x - pad, y - pad, x + wide + pad, y + high + pad)
        draw.rounded_rectangle(box_of, pad, fill=ink)
    draw.text((x, y), words, "#000000" if ink in ("#ffffff", "#f5c211") else "white", font)
    return made


def with_border(image: Image.Image, rng: random.Random) -> Image.Image:
    """A frame of 1 to 6 % around the photo, a line inside it, or bars on two sides."""
    wide = max(3, round(max(image.size) * rng.uniform(0.01, 0.06)))
    ink = rng.choice(("#000000", "#d0021b", "#1a5fb4", "#8a8a8a", "#f5c211"))
    kind = rng.randrange(3)
    if kind == 0:
        made = Image.new("RGB", (image.width + 2 * wide, image.height + 2 * wide), ink)
        made.paste(image, (wide, wide))
    elif kind == 1:
        made = image.copy()
        thick = max(3, wide // 5)
        box = (wide, wide, image.width - wide, image.height - wide)
        ImageDraw.Draw(made).rectangle(box, outline=ink, width=thick)
    else:
        made = Image.new("RGB", (image.width, image.height + 4 * wide), ink)
        made.paste(image, (0, 2 * wide))
    return made


def collage_of(images: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """Two to four photos side by side or in a grid, with or without a gutter."""
    columns, rows = rng.choice(((2, 1), (1, 2), (3, 1), (2, 2)))
    gap = rng.choice((0, 6, 16))
    side = rng.choice((500, 700))
    size = (columns * (side + gap) - gap, rows * (side + gap) - gap)
    made = Image.new("RGB", size, rng.choice(("white", "black")))
    for number in range(columns * rows):
        image = images[number % len(images)]
        square = min(image.size)
        left, top = (image.width - square) // 2, (image.height - square) // 2
        part = image.crop((left, top, left + square, top + square)).resize((side, side))
        made.paste(
            part, (number % columns * (side + gap), number // columns * (side + gap))
        )
    return made


def with_watermark(image: Image.Image, rng: random.Random) -> Image.Image:
    """A half-transparent owner: once in the middle, in a corner, or all over, slanted."""
    words, alpha = rng.choice(OWNERS), round(255 * rng.uniform(0.25, 0.5))
    tone = rng.choice((0, 128, 255))
    kind = rng.randrange(3)
    layer = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(layer)
    if kind == 0:
        font = letters(round(image.width * 0.09))
        draw.text((image.width // 2, image.height // 2), words, alpha, font, anchor="mm")
    elif kind == 1:
        font = letters(round(image.width * 0.045))
        place = (round(image.width * 0.97), round(image.height * 0.97))
        draw.text(place, words, alpha, font, anchor="rs")
    else:
        font = letters(round(image.width * 0.05))
        big = Image.new("L", (2 * image.width, 2 * image.height), 0)
        pen, step = ImageDraw.Draw(big), round(image.width * 0.16)
        for y in range(0, big.height, step):
            for x in range(-(y // step % 2) * 2 * step, big.width, round(4 * step)):
                pen.text((x, y), words, alpha, font)
        turned = big.rotate(30, Image.Resampling.BICUBIC)
        left, top = image.width // 2, image.height // 2
        layer = turned.crop((left, top, left + image.width, top + image.height))
    made = image.copy()
    made.paste((tone, tone, tone), (0, 0, *image.size), layer)
    return made


FAULTS: dict[str, Fault] = {
    "overlay": with_overlay,
    "border": with_border,
    "watermark": with_watermark,
}


def made_faults(paths: Sequence[Path], name: str, count: int, seed: int) -> Iterator[Photo]:
    """So many photos with one kind of fault, each made of real photos of the list."""
    rng = random.Random(f"{name} {seed}")
    drawn = [*placeholders(), *small_placeholders()] if name == "placeholder" else []
    for number in range(count):
        if name == "placeholder":
            made = drawn[rng.randrange(len(drawn))]
        elif name == "collage":
            chosen = [opened(path).image for path in rng.sample(list(paths), 4)]
            made = collage_of(chosen, rng)
        elif name == "several":
            made = side_by_side(some_cut_outs(paths, 3, rng), rng)
        else:
            made = FAULTS[name](opened(rng.choice(paths)).image, rng)
        yield as_jpeg(made, rng.randrange(75, 96), f"{name} {number}")


def some_cut_outs(
    paths: Sequence[Path], count: int, rng: random.Random
) -> list[Image.Image]:
    found: list[Image.Image] = []
    while len(found) < count:
        found += cut_outs([rng.choice(paths)])
    return found


def side_by_side(cuts: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """Cut-outs of like size apart from each other on one white ground."""
    side = 400
    made = Image.new("RGB", (len(cuts) * side, side), "white")
    for number, cut in enumerate(cuts):
        one = cut.copy()
        one.thumbnail((side - 60, side - 60))
        left = number * side + (side - one.width) // 2
        made.paste(one, (left, (side - one.height) // 2 + rng.randrange(-20, 20)), one)
    return made


def blurred(share: float) -> Callable[[Image.Image], Image.Image]:
    """A Gaussian whose sigma is `share` of the long side."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(share * max(image.size)))


def enlarged(side: int) -> Callable[[Image.Image], Image.Image]:
    """A small photo blown up again, as sellers do to reach a limit of pixels."""

    def made(image: Image.Image) -> Image.Image:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.BOX)
        return small.resize(image.size, Image.Resampling.BICUBIC)

    return made


DAMAGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blur, sigma 0.4 % of the long side": blurred(0.004),
    "blur, sigma 0.7 %": blurred(0.007),
    "blur, sigma 1 %": blurred(0.01),
    "200 px blown up": enlarged(200),
}
