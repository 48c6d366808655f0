"""Lettering: words laid over a photo are found, print on the product is not."""

from __future__ import annotations

import pytest
from doubles.photo_rules.photo_faults import (
    in_frame,
    on_badge,
    photo_of,
    product,
    scene,
    written,
)
from PIL import Image

from productdesc.questions.moderation.photo_rules.framing import measure_framing
from productdesc.questions.moderation.photo_rules.lettering import (
    Lettering,
    find_lettering,
    laid_over,
)

STUDIO = in_frame(product(), 0.6)


def lettering(image: Image.Image, quality: int = 85) -> list[Lettering]:
    photo = photo_of(image, quality)
    return find_lettering(photo.rgb, measure_framing(photo.rgb).ground)


def inside(box: tuple[float, ...], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


@pytest.mark.parametrize("quality", [70, 95])
@pytest.mark.parametrize("words", ["SALE", "50% OFF", "NEW", "Free shipping"])
@pytest.mark.parametrize("high", [0.05, 0.1])
def test_words_on_the_background_are_found_where_they_stand(
    words: str, high: float, quality: int
) -> None:
    found = lettering(written(STUDIO, words, (0.5, 0.1), high=high), quality)
    assert found and all(one.on == "ground" and not one.is_watermark for one in found)
    assert any(inside(one.box, 0.5, 0.1) or one.box[1] < 0.1 < one.box[3] for one in found)


@pytest.mark.parametrize("base", ["studio", "scene"])
def test_a_badge_is_found_also_over_a_scene_and_over_the_product(base: str) -> None:
    image = STUDIO if base == "studio" else scene((1000, 1000))
    found = lettering(on_badge(image, "Best Seller", (250, 380, 750, 540)), 92)
    assert found and found[0].on == "flat"
    assert inside(found[0].box, 0.5, 0.46)


@pytest.mark.parametrize("alpha", [70, 120])
@pytest.mark.parametrize("turned", [0, 30])
def test_half_transparent_words_are_a_watermark(alpha: int, turned: float) -> None:
    ink = (0, 0, 0)
    marked = written(
        STUDIO, "© shop.example", (0.3, 0.15), ink=ink, alpha=alpha, turned=turned
    )
    found = lettering(marked)
    assert found and all(one.is_watermark for one in found)


@pytest.mark.parametrize("image", [STUDIO, scene(), in_frame(product(), 0.9, "#e0e0e0")])
def test_without_words_nothing_is_found(image: Image.Image) -> None:
    assert lettering(image) == []


@pytest.mark.parametrize("ink", [(255, 255, 255), (240, 200, 40)])
def test_print_on_a_product_is_no_overlay(ink: tuple[int, int, int]) -> None:
    cut = product(size=(1600, 1200))
    printed = written(cut.convert("RGB"), "ACME", (0.5, 0.6), high=0.15, ink=ink)
    printed.putalpha(cut.getchannel("A"))
    assert lettering(in_frame(printed, 0.8)) == []


def test_a_row_of_like_things_is_no_word() -> None:
    row = Image.new("RGB", (1000, 1000), "white")
    bead = product("#b03040").resize((60, 40))
    for x in range(100, 900, 80):
        row.paste(bead, (x, 480), bead)
    assert lettering(row) == []


def test_of_text_that_was_read_only_what_lies_over_the_photo_counts() -> None:
    image = written(STUDIO, "SALE", (0.5, 0.1))
    photo = photo_of(image)
    ground = measure_framing(photo.rgb).ground
    over, printed = (0.4, 0.06, 0.6, 0.14), (0.4, 0.5, 0.6, 0.56)
    assert laid_over(photo.rgb, ground, [over, printed]) == [over]
    assert laid_over(photo.rgb, ground, []) == []


@pytest.mark.parametrize("size", [(2, 2), (3, 900), (56, 56)])
@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_blank_photo_of_any_shape_has_no_words(
    size: tuple[int, int], colour: str
) -> None:
    assert find_lettering(Image.new("RGB", size, colour), None) == []
