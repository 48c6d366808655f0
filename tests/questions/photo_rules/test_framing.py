"""Framing: the white ring, the product's share, and how many products there are."""

from __future__ import annotations

import numpy as np
import pytest
from doubles.photo_rules.photo_faults import (
    in_frame,
    joined_beside,
    photo_of,
    product,
    scene,
)
from PIL import Image

from productdesc.questions.moderation.photo_rules.framing import Framing, measure_framing


def framing(image: Image.Image, quality: int = 85) -> Framing:
    return measure_framing(photo_of(image, quality).rgb)


@pytest.mark.parametrize("quality", [60, 95])
@pytest.mark.parametrize("share", [0.4, 0.6, 0.84, 0.95])
def test_the_share_is_that_which_was_drawn(share: float, quality: int) -> None:
    found = framing(in_frame(product(), share), quality)
    assert found.share == pytest.approx(share, abs=0.02)
    assert found.off_white < 0.01 and found.touched is not None and found.touched < 0.01


@pytest.mark.parametrize("ground", ["#f5f5f5", "#e8e0d0", "#202020"])
def test_the_share_is_known_on_any_plain_ground_and_it_is_not_white(ground: str) -> None:
    found = framing(in_frame(product("#b03040"), 0.5, ground))
    assert found.share == pytest.approx(0.5, abs=0.03)
    assert found.off_white > 0.95 and found.touched is None


def test_nearly_white_is_not_white() -> None:
    assert framing(in_frame(product(), 0.5, "#fafafa")).off_white > 0.95
    assert framing(in_frame(product(), 0.5, "#fefefe")).off_white < 0.01


def test_a_shadow_at_the_edge_is_background_and_a_crossing_product_is_not() -> None:
    image = np.asarray(in_frame(product(), 0.5)).copy()
    shadowed, crossed = image.copy(), image.copy()
    shadowed[-60:] = 225
    crossed[400:600, :500] = (40, 60, 120)
    shadow, cross = (framing(Image.fromarray(one)) for one in (shadowed, crossed))
    assert shadow.off_white > 0.2 and shadow.touched == pytest.approx(0, abs=0.01)
    assert cross.off_white < 0.02 and cross.touched == pytest.approx(0.05, abs=0.02)


def test_products_apart_are_counted_and_a_small_part_is_none() -> None:
    one = in_frame(product(), 0.6, side=500)
    assert framing(one).product_count == 1
    assert framing(joined_beside(one, one, one)).product_count == 3
    beside = joined_beside(one, in_frame(product(), 0.15, side=500))
    assert framing(beside).product_count == 1, (
        "a small thing beside it is no second product"
    )


def test_a_scene_has_no_share_and_a_blank_photo_no_product() -> None:
    found = framing(scene())
    assert found.share is None and found.ground is None and found.product_count == 1
    assert framing(Image.new("RGB", (600, 600), "white")).share is None
