"""Seams: added borders and joined photos, and what only looks like them."""

from __future__ import annotations

import numpy as np
import pytest
from doubles.photo_rules.photo_faults import (
    bordered,
    in_frame,
    joined_beside,
    photo_of,
    product,
    scene,
)
from PIL import Image, ImageDraw

from productdesc.questions.moderation.photo_rules.seams import Seams, measure_seams


def seams(image: Image.Image) -> Seams:
    return measure_seams(photo_of(image).rgb)


@pytest.mark.parametrize("colour", ["black", "#d0021b", "white"])
@pytest.mark.parametrize("wide", [8, 40])
def test_a_border_is_seen_around_a_scene(colour: str, wide: int) -> None:
    assert seams(bordered(scene(), wide, colour)).border > 0.7


def test_bars_and_a_line_inside_the_photo_are_borders() -> None:
    photo = in_frame(product(), 0.6)
    bars = Image.new("RGB", (1000, 1200), "black")
    bars.paste(photo, (0, 100))
    assert seams(bars).border > 0.9
    lined = photo.copy()
    ImageDraw.Draw(lined).rectangle((30, 30, 970, 970), outline="black", width=6)
    assert seams(lined).border > 0.9


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize("ground", ["white", "#303030"])
def test_a_studio_photo_has_neither(share: float, ground: str) -> None:
    found = seams(in_frame(product("#a08040"), share, ground))
    assert found.border < 0.5 and found.seam < 0.8


def test_a_scene_has_neither_and_an_edge_on_one_side_is_no_border() -> None:
    assert seams(scene()).border < 0.3 and seams(scene()).seam < 0.6
    floor = np.asarray(scene()).copy()
    floor[:60] = 250
    assert seams(Image.fromarray(floor)).border < 0.3


def test_joined_scenes_have_a_seam_and_a_slanted_edge_is_none() -> None:
    other = Image.blend(scene(), Image.new("RGB", (900, 700), "white"), 0.6)
    assert seams(joined_beside(scene(), other)).seam > 0.9
    stacked = joined_beside(scene(), other).transpose(Image.Transpose.ROTATE_90)
    assert seams(stacked).seam > 0.9
    slanted = scene()
    ImageDraw.Draw(slanted).polygon([(0, 300), (900, 340), (900, 700), (0, 700)], "#d0d0d0")
    assert seams(slanted).seam < 0.6


@pytest.mark.parametrize("size", [(2, 2), (56, 2000), (30, 30)])
def test_a_photo_too_narrow_to_have_an_inside_has_neither(size: tuple[int, int]) -> None:
    assert measure_seams(Image.new("RGB", size, "red")) == Seams(0.0, 0.0)
