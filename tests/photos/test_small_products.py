"""A small product on a plain background is measured on its own crop, not refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from productdesc.photos.product_crop import find_product, shrunk
from productdesc.photos.quality import judge, measure
from productdesc.photos.regions import joined, steps, widened
from productdesc.records import Photo

NAMES = ("running-shoe.jpg", "striped-shoe.jpg", "white-shoes.jpg")
SIDE = 800


def photo(image: Image.Image) -> Photo:
    return Photo(image.convert("RGB"), "ring.jpg", "", "PNG", *image.size)


def codes(image: Image.Image) -> set[str]:
    return {finding.code for finding in judge(photo(image)).findings}


def ring(thickness: float) -> Image.Image:
    """A band of metal seen from above: reflections all along it, white around it."""
    y, x = np.mgrid[-1:1:500j, -1:1:500j]
    off = (np.hypot(x, y) - 0.9) / thickness
    light = 0.5 + 0.4 * np.sin(4 * off + 3 * np.cos(2 * np.arctan2(y, x)))
    tones = light[..., None] * np.array([1.0, 0.82, 0.48])
    band = np.where(np.abs(off)[..., None] < 1, tones, 1.0)
    return Image.fromarray(np.rint(255 * band).astype(np.uint8))


def vignette(size: tuple[int, int], middle: int = 250, corner: int = 200) -> Image.Image:
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    tones = middle + (corner - middle) * (x * x + y * y) / 2
    return Image.fromarray(np.rint(tones).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.2, 0.3, 0.4, 0.6])
def test_a_small_photo_on_a_plain_background_is_at_most_a_warning(
    bench: ModuleType, root: Path, name: str, share: float
) -> None:
    image = bench.opened(root / "examples" / name).image
    for number, ground in enumerate(bench.GROUNDS.values()):
        small = bench.on_ground(image, share, ground, shadow=number % 2 == 1)
        verdict = judge(bench.photo_of(small, (60, 85)[number % 2]))
        assert verdict.refuse is None
        named = "photo-small-product" in {f.code for f in verdict.findings}
        if share != 0.3 and share != 0.4:  # the shoe may be smaller than its photo
            assert named == (share == 0.2)


def test_a_hundred_real_photos_at_30_percent_of_the_frame_are_not_refused(
    shared: Path, bench: ModuleType
) -> None:
    paths = [
        path
        for folder in sorted((shared / "photos").iterdir())
        for path in sorted(p for p in folder.rglob("*") if p.suffix in bench.ENDINGS)
    ]
    grounds = list(bench.GROUNDS.values())
    refused = []
    for number, path in enumerate(paths[:: len(paths) // 99][:100]):
        ground, shadow = grounds[number % 3], number % 2 == 1
        small = bench.on_ground(bench.opened(path).image, 0.3, ground, shadow=shadow)
        if judge(bench.photo_of(small, (60, 85)[number // 2 % 2])).refuse:
            refused.append(path.name)
    assert number == 99 and refused == []


@pytest.mark.parametrize("thickness", [0.06, 0.1, 0.2])
@pytest.mark.parametrize("share", [0.2, 0.3, 0.6])
def test_a_thin_ring_is_a_photo(bench: ModuleType, thickness: float, share: float) -> None:
    small = bench.on_ground(ring(thickness), share, bench.GROUNDS["white"])
    for quality in (60, 85):
        assert judge(bench.photo_of(small, quality)).refuse is None


@pytest.mark.parametrize("inks", [("#222222",), ("#c0392b", "#f1c40f", "#1f4e79")])
@pytest.mark.parametrize("share", [0.15, 0.3, 0.5])
@pytest.mark.parametrize("quality", [60, 90])
def test_a_small_drawing_is_refused(
    bench: ModuleType, inks: tuple[str, ...], share: float, quality: int
) -> None:
    """A parcel, a camera and a thin frame, in one colour and in three."""
    for draw in (parcel, camera, hairlines):
        image = Image.new("RGB", (SIDE, SIDE), "white")
        side = round(share * SIDE)
        drawn = Image.new("RGB", (2 * side, 2 * side), "white")
        draw(ImageDraw.Draw(drawn), 2 * side, inks)
        drawn = drawn.resize((side, side), Image.Resampling.LANCZOS)
        image.paste(drawn, ((SIDE - side) // 2, (SIDE - side) // 2))
        verdict = judge(bench.photo_of(image, quality))
        assert verdict.refuse, draw.__name__


def parcel(draw: ImageDraw.ImageDraw, side: int, inks: tuple[str, ...]) -> None:
    draw.rectangle((0, side // 4, side, side), fill=inks[0])
    draw.rectangle((side * 2 // 5, side // 4, side * 3 // 5, side // 2), fill=inks[-1])
    draw.polygon(((0, side // 5), (side, side // 5), (side // 2, 0)), fill=inks[-1])


def camera(draw: ImageDraw.ImageDraw, side: int, inks: tuple[str, ...]) -> None:
    draw.rounded_rectangle((0, side // 5, side, side * 4 // 5), side // 8, fill=inks[0])
    lens = (side // 3, side // 3, side * 2 // 3, side * 2 // 3)
    draw.ellipse(lens, fill=inks[len(inks) // 2], outline="white", width=side // 20)


def hairlines(draw: ImageDraw.ImageDraw, side: int, inks: tuple[str, ...]) -> None:
    line = max(1, side // 60)
    draw.rectangle((0, 0, side - 1, side - 1), outline=inks[0], width=line)
    draw.line((0, 0, side, side), fill=inks[-1], width=line)


def test_sharpness_and_tones_are_the_products_not_the_backgrounds(
    bench: ModuleType, root: Path
) -> None:
    image = bench.opened(root / "examples" / "running-shoe.jpg").image
    white = bench.GROUNDS["white"]
    whole, small = measure(photo(image)), bench.on_ground(image, 0.3, white, side=1600)
    crop = measure(photo(small))
    assert crop.darkest == pytest.approx(whole.darkest, abs=20)
    assert crop.structure > 0.7 * whole.structure
    assert "photo-blurred" in codes(small.filter(ImageFilter.GaussianBlur(8)))
    assert "photo-bright" in codes(small.point(lambda v: 255 - (255 - v) // 6))


@pytest.mark.parametrize("tone", [255, 245, 128, 12])
def test_the_crop_is_where_the_product_is(tone: int) -> None:
    image = Image.new("RGB", (900, 600), (tone, tone, tone))
    image.paste(Image.effect_noise((180, 120), 90).convert("RGB"), (500, 100))
    crop = find_product(shrunk(image, 128))
    assert crop is not None
    assert crop.inner == pytest.approx(
        (500 / 900, 100 / 600, 680 / 900, 220 / 600), abs=0.02
    )
    assert crop.side == pytest.approx(0.2, abs=0.02)
    assert crop.box[0] < crop.inner[0] and crop.box[3] > crop.inner[3]


def test_a_vignette_is_background_and_a_shadow_belongs_to_the_product() -> None:
    image = vignette((800, 800))
    image.paste(Image.effect_noise((200, 200), 90).convert("RGB"), (300, 300))
    crop = find_product(shrunk(image, 128))
    assert crop and crop.side == pytest.approx(0.25, abs=0.03)
    shade = Image.new("L", image.size, 0)
    ImageDraw.Draw(shade).ellipse((280, 480, 520, 560), fill=200)
    image.paste((0, 0, 0), mask=shade.filter(ImageFilter.GaussianBlur(8)))
    image.paste(Image.effect_noise((200, 200), 90).convert("RGB"), (300, 300))
    with_shadow = find_product(shrunk(image, 128))
    assert with_shadow and with_shadow.inner[3] > crop.inner[3]


def test_a_drawn_border_is_not_the_product() -> None:
    image = Image.new("RGB", (800, 800), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 799, 799), outline="black", width=3)
    image.paste(Image.effect_noise((200, 200), 90).convert("RGB"), (300, 300))
    crop = find_product(shrunk(image, 128))
    assert crop and crop.side == pytest.approx(0.25, abs=0.03)


def test_a_scene_a_blank_wall_a_spot_of_light_and_dust_have_no_crop() -> None:
    spot = Image.new("L", (800, 800), 0)
    ImageDraw.Draw(spot).ellipse((340, 340, 460, 460), fill=160)
    wall = Image.new("RGB", (800, 800), "#8a8a84")
    wall.paste((255, 255, 255), mask=spot.filter(ImageFilter.GaussianBlur(50)))
    dust = Image.new("RGB", (800, 800), "white")
    dust.paste("black", (400, 400, 420, 420))
    scene = Image.effect_noise((800, 800), 90).resize((80, 80)).resize((800, 800))
    for image in (scene.convert("RGB"), wall, dust, vignette((800, 600))):
        assert find_product(shrunk(image, 128)) is None
        assert measure(photo(image)).product_side == 1


def test_a_photo_on_a_card_of_another_colour_is_looked_at_by_itself(
    bench: ModuleType, root: Path
) -> None:
    image = bench.opened(root / "examples" / "running-shoe.jpg").image
    lying = bench.on_ground(image, 0.6, bench.GROUNDS["white"])
    for colour in ("#000000", "#1e3c78", "#e9d6be"):
        card = bench.on_ground(lying, 0.4, lambda size, c=colour: Image.new("RGB", size, c))
        assert judge(bench.photo_of(card)).refuse is None


def test_what_is_joined_is_what_a_walk_would_reach() -> None:
    rng = np.random.default_rng(0)
    for shape, share in product([(1, 9), (7, 1), (40, 31)], (0.3, 0.6, 0.9, 1.0)):
        allowed, seeds = rng.random(shape) < share, rng.random(shape) < 0.05
        walked = allowed & seeds
        for _ in range(shape[0] * shape[1]):
            walked = widened(walked) & allowed
        assert (joined(allowed, seeds) == walked).all()


def test_a_step_is_the_largest_of_any_channel() -> None:
    tones = np.zeros((3, 2, 3), np.int16)
    tones[1, 0, 2] = 9
    assert steps(tones).tolist() == [[0, 9, 9], [0, 0, 9]]
    assert steps(tones[1]).tolist() == steps(tones).tolist()
