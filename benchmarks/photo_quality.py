"""False alarms of the quality gate on real photos, and hits on damaged copies of them.

    python benchmarks/photo_quality.py FOLDER [--copies N]

Every photo below FOLDER is judged as it is; N of each folder (default 40, evenly spread)
are judged again, as copies of 640 px, after each kind of damage in `DAMAGES`, and all of
`EMPTY` once. Half an hour of one core for everything in the docs' table.
"""

from __future__ import annotations

import argparse
import io
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from productdesc.photos.quality import judge
from productdesc.records import Photo

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=40, help="photos of each folder")
    parser.add_argument("--only", choices=("real", "copies"))
    wanted = parser.parse_args()
    folders = {
        folder.name: sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
        for folder in sorted(wanted.folder.iterdir())
        if folder.is_dir()
    }
    if wanted.only != "copies":
        judge_real(folders)
    if wanted.only != "real":
        judge_copies(folders, wanted.copies)


def judge_real(folders: dict[str, list[Path]]) -> None:
    print(f"{'real photos of':24}{'photos':>7}{'refused':>9}{'warned':>8}  codes")
    seconds, count = 0.0, 0
    for name, paths in folders.items():
        codes: Counter[str] = Counter()
        refused = warned = 0
        for path in paths:
            photo = opened(path)
            start = time.process_time()
            verdict = judge(photo)
            seconds, count = seconds + time.process_time() - start, count + 1
            refused += verdict.refuse is not None
            warned += verdict.refuse is None and bool(verdict.findings)
            codes.update(f.code for f in verdict.findings)
        print(
            f"{name:24}{len(paths):7}{refused / max(1, len(paths)):9.1%}"
            f"{warned / max(1, len(paths)):8.1%}  {dict(codes)}",
            flush=True,
        )
    print(f"{1000 * seconds / max(1, count):.1f} ms of one core a photo (decoded before)\n")


def judge_copies(folders: dict[str, list[Path]], per_folder: int) -> None:
    paths = [
        path
        for all_of_it in folders.values()
        for path in all_of_it[:: max(1, len(all_of_it) // per_folder)]
    ]
    images = [small_copy(opened(path).image, 640) for path in paths]
    print(f"{'damaged copies':36}{'copies':>7}{'hit':>8}{'found':>8}  codes")
    for name, (code, damage) in DAMAGES.items():
        report(name, code, (photo_of(damage(image)) for image in images))
    for name, (code, empties) in EMPTY.items():
        report(name, code, (photo_of(image) for image in empties()))


def report(name: str, code: str, photos: Iterator[Photo]) -> None:
    """One line: `hit` counts the expected code, `found` any code."""
    codes: Counter[str] = Counter()
    copies = hits = found = 0
    for photo in photos:
        named = {f.code for f in judge(photo).findings}
        copies, hits, found = copies + 1, hits + (code in named), found + bool(named)
        codes.update(named)
    print(
        f"{name:36}{copies:7}{hits / copies:8.1%}{found / copies:8.1%}  {dict(codes)}",
        flush=True,
    )


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


def photo_of(image: Image.Image) -> Photo:
    """As a shop would send it: a JPEG of quality 80."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=80)
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


EMPTY: dict[str, tuple[str, Callable[[], Iterator[Image.Image]]]] = {
    "flat colour": ("photo-blank", flat),
    "one colour with sensor noise": ("photo-blank", noisy),
    "gradient": ("photo-blank", gradients),
    "placeholder": ("photo-placeholder", placeholders),
}


if __name__ == "__main__":
    main()
