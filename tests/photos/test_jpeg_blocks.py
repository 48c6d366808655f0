"""JPEG blocks: those of a poor JPEG are damage, other straight edges only look like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageDraw

from productdesc.photos.jpeg_blocks import block_edges
from productdesc.photos.quality import judge
from productdesc.records import Photo


@pytest.fixture
def shoe(bench: ModuleType, root: Path) -> Image.Image:
    image: Image.Image = bench.opened(root / "examples" / "running-shoe.jpg").image
    return image


def codes(photo: Photo) -> set[str]:
    return {finding.code for finding in judge(photo).findings}


def test_the_blocks_of_a_poor_jpeg_are_seen_and_those_of_a_usual_one_not(
    bench: ModuleType, shoe: Image.Image
) -> None:
    assert "photo-jpeg-damage" in codes(bench.photo_of(shoe, 5))
    for quality in (60, 80, 95):
        assert "photo-jpeg-damage" not in codes(bench.photo_of(shoe, quality))


def test_a_shrunk_photo_has_no_blocks_to_look_for(
    bench: ModuleType, shoe: Image.Image
) -> None:
    poor = bench.photo_of(shoe, 5)
    shrunk = replace(poor, original_width=2 * shoe.width, original_height=2 * shoe.height)
    assert "photo-jpeg-damage" not in codes(shrunk)


def test_a_box_that_ends_where_blocks_end_is_no_damage(
    bench: ModuleType, shoe: Image.Image
) -> None:
    image = Image.new("RGB", (640, 640), "white")
    image.paste(shoe.resize((240, 240)), (200, 200))
    ImageDraw.Draw(image).rectangle((200, 200, 439, 439), outline="black", width=8)
    assert block_edges(image) < 0.01
    assert block_edges(bench.photo_of(image, 60).image) < 0.015


@pytest.mark.parametrize("size", [(1, 1), (7, 400), (400, 7), (16, 16), (33, 17)])
def test_any_size_can_be_looked_at(size: tuple[int, int]) -> None:
    seen = block_edges(Image.effect_noise(size, 60).convert("RGB"))
    assert -1 <= seen <= 1
