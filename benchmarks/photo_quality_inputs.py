"""What `photo_quality.py` judges: damages, small products, blank photos, placeholders."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from productdesc.records import Photo

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}


def opened(path: Path) -> Photo:
    """The benchmark's own plain decoding (these folders are trusted), 1,024 px at most."""
    with Image.open(path) as image:
        size = image.size
        image.draft("RGB", (1024, 1024))
        image.thumbnail((1024, 1024), Image.Resampling.BOX)
        if image.has_transparency_data:
            white = Image.new("RGBA", image.size, "white")
            pixels = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
        else:
            pixels = image.convert("RGB")
    return Photo(pixels, path.name, "", "JPEG", *size)


def photo_of(image: Image.Image, quality: int = 80) -> Photo:
    """As a shop would send it: a JPEG."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return Photo(Image.open(file).convert("RGB"), "copy", "", "JPEG", *image.size)


def blurred(share: float) -> Callable[[Image.Image], Image.Image]:
    """A Gaussian whose sigma is `share` of the long side."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(share * max(image.size)))


def toned(tone: Callable[[float], float]) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.point(lambda v: min(255, tone(v)))


def small_copy(image: Image.Image, side: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.BOX)
    return copy


def strip(image: Image.Image) -> Image.Image:
    height = image.height // 2
    crop = image.crop((0, height, image.width, height + max(1, image.width // 30)))
    return crop.resize((1800, 60))


def plain(tone: int) -> Callable[[tuple[int, int]], Image.Image]:
    return lambda size: Image.new("RGB", size, (tone, tone, tone))


def light_from_above(size: tuple[int, int]) -> Image.Image:
    tones = Image.linear_gradient("L").point(lambda v: 248 - v // 8)
    return tones.resize(size, Image.Resampling.BICUBIC).convert("RGB")


GROUNDS: dict[str, Callable[[tuple[int, int]], Image.Image]] = {
    "white": plain(255),
    "off-white": plain(245),
    "light grey, lit from above": light_from_above,
}


def on_ground(
    image: Image.Image,
    share: float,
    ground: Callable[[tuple[int, int]], Image.Image],
    *,
    shadow: bool = False,
    side: int = 800,
) -> Image.Image:
    """A photo in the middle of a plain background, `share` of its side long."""
    canvas, long = ground((side, side)), round(share * side)
    scale = long / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    if shadow:
        dark = Image.new("L", canvas.size, 0)
        below = (left, top + size[1] - long // 8, left + size[0], top + size[1] + long // 8)
        ImageDraw.Draw(dark).ellipse(below, fill=90)
        dark = dark.filter(ImageFilter.GaussianBlur(long / 16))
        canvas.paste((60, 60, 60), mask=dark)
    canvas.paste(image.resize(size, Image.Resampling.LANCZOS), (left, top))
    return canvas


def poor_jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    return lambda image: photo_of(image, quality).image


DAMAGES: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "blur, sigma 0.4 % of long side": ("photo-blurred", blurred(0.004)),
    "blur, sigma 0.7 %": ("photo-blurred", blurred(0.007)),
    "blur, sigma 1 %": ("photo-blurred", blurred(0.01)),
    "blur, sigma 2 %": ("photo-blurred", blurred(0.02)),
    "tones x 0.3": ("photo-dark", toned(lambda v: v * 0.3)),
    "tones x 0.2": ("photo-dark", toned(lambda v: v * 0.2)),
    "tones x 0.1": ("photo-dark", toned(lambda v: v * 0.1)),
    "washed out: 255 - 0.3 (255 - v)": (
        "photo-bright",
        toned(lambda v: 255 - (255 - v) * 0.3),
    ),
    "washed out: 255 - 0.2 (255 - v)": (
        "photo-bright",
        toned(lambda v: 255 - (255 - v) * 0.2),
    ),
    "blown out: 3 v + 150": ("photo-bright", toned(lambda v: 3 * v + 150)),
    "exposed two stops up: 4 v": ("photo-bright", toned(lambda v: 4 * v)),
    "exposed three stops up: 8 v": ("photo-bright", toned(lambda v: 8 * v)),
    "JPEG of quality 10": ("photo-jpeg-damage", poor_jpeg(10)),
    "JPEG of quality 5": ("photo-jpeg-damage", poor_jpeg(5)),
    "40 px": ("photo-too-small", lambda image: small_copy(image, 40)),
    "strip of 30 : 1": ("photo-aspect", strip),
}


def flat() -> Iterator[Image.Image]:
    for colour in ("white", "black", "#808080", "#eeeeee", "#c81e2a", "#1c2c54"):
        yield Image.new("RGB", (600, 800), colour)


def noisy() -> Iterator[Image.Image]:
    """A lens cap or a bare wall: one colour and the noise of a sensor."""
    for sigma in (4, 8, 16, 24):
        yield Image.effect_noise((640, 480), sigma).convert("RGB")


def gradients() -> Iterator[Image.Image]:
    down = Image.linear_gradient("L")
    across = down.rotate(90)
    radial = Image.radial_gradient("L").point(lambda v: 255 - v // 2)
    pale = down.point(lambda v: 160 + v // 3)
    for size in ((600, 600), (900, 500)):
        for image in (down, across, pale, radial):
            yield image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        yield Image.merge("RGB", (down, across, down.rotate(180))).resize(size)


def placeholders() -> Iterator[Image.Image]:
    """What shops show without a photo: words, a camera, a frame, a question mark."""
    rng = random.Random(0)
    grounds = ("#ffffff", "#eeeeee", "#f5f5f0", "#dddddd", "#333333", "#2a6ebb")
    texts = ("Image coming soon", "No image available", "NO PHOTO", "?", "Bild folgt")
    for number in range(60):
        ground = grounds[number % len(grounds)]
        dark = ground in ("#333333", "#2a6ebb")
        ink = rng.choice(("#ffffff", "#dddddd") if dark else ("#000000", "#777", "#bbb"))
        size = rng.choice(((300, 300), (600, 600), (800, 1000), (1000, 750)))
        image = Image.new("RGB", size, ground)
        draw = ImageDraw.Draw(image)
        middle = (size[0] // 2, size[1] // 2)
        letters = ImageFont.load_default(size[0] // rng.choice((10, 14, 20)))
        draw.text(middle, rng.choice(texts), ink, letters, anchor="mm")
        reach, top = size[0] // 8, middle[1] - size[1] // 4
        match number % 4:
            case 0:
                box = (middle[0] - reach, top - reach // 2, middle[0] + reach, top + reach)
                draw.rounded_rectangle(box, reach // 5, outline=ink, width=reach // 8)
                left, right = middle[0] - reach // 2, middle[0] + reach // 2
                draw.ellipse((left, top - reach // 4, right, top + reach), fill=ink)
            case 1:
                draw.rectangle((8, 8, size[0] - 9, size[1] - 9), outline=ink, width=4)
            case 2:
                left = middle[0] - reach
                draw.polygon(
                    [
                        (left, top + reach),
                        (middle[0], top),
                        (left + 2 * reach, top + reach),
                    ],
                    fill=ink,
                )
        yield image


def small_placeholders() -> Iterator[Image.Image]:
    """The same in the middle of a larger frame of their own colour."""
    for number, image in enumerate(placeholders()):
        frame = Image.new("RGB", image.size, image.getpixel((0, 0)))
        small = small_copy(image, round((0.2, 0.3, 0.4, 0.6)[number % 4] * max(frame.size)))
        place = ((frame.width - small.width) // 2, (frame.height - small.height) // 2)
        frame.paste(small, place)
        yield frame


EMPTY: dict[str, tuple[str, Callable[[], Iterator[Image.Image]]]] = {
    "flat colour": ("photo-blank", flat),
    "one colour with sensor noise": ("photo-blank", noisy),
    "gradient": ("photo-blank", gradients),
    "placeholder": ("photo-placeholder", placeholders),
    "small placeholder": ("photo-placeholder", small_placeholders),
}
