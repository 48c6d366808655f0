"""Measured colours: names from pixels, and the tables that fold words to families."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from productdesc.colours import (
    Shade,
    colour_families,
    colour_family,
    colours_agree,
    families,
    shades,
)
from productdesc.photos.measured_colour import measure_colours
from productdesc.records import Colour, Photo
from productdesc.words import word_tables


def photo(image: Image.Image) -> Photo:
    return Photo(image.convert("RGB"), "test", "", "PNG", *image.size)


def product_on(ground: str, colour: str, *, size: tuple[int, int] = (300, 400)) -> Photo:
    """A softly shaded blob in the middle of a plain ground."""
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    box = (size[0] // 4, size[1] // 5, 3 * size[0] // 4, 4 * size[1] // 5)
    draw.rounded_rectangle(box, 30, fill=colour)
    return photo(image.filter(ImageFilter.GaussianBlur(1.5)))


@pytest.mark.parametrize(
    ("colour", "family"),
    [
        ("#101012", "black"),
        ("#7f8183", "grey"),
        ("#c8202c", "red"),
        ("#f08020", "orange"),
        ("#f4dc30", "yellow"),
        ("#2e8b3c", "green"),
        ("#1e5fc0", "blue"),
        ("#182450", "blue"),
        ("#6a3a94", "purple"),
        ("#f090b0", "pink"),
        ("#6a4228", "brown"),
        ("#d8c4a4", "beige"),
    ],
)
@pytest.mark.parametrize("ground", ["#ffffff", "#e8ecef"])
def test_a_plain_product_on_a_studio_ground_gets_its_colour(
    ground: str, colour: str, family: str
) -> None:
    first, *others = measure_colours(product_on(ground, colour))
    assert colour_family(first.name) == family
    assert first.share > 0.9 and not others


@pytest.mark.parametrize("shade", shades(), ids=lambda s: s.name)
def test_a_reference_value_is_measured_as_its_own_name(shade: Shade) -> None:
    for code in shade.hexes:
        image = Image.new("RGB", (90, 90), "white")
        image.paste(code, (15, 15, 75, 75))
        assert measure_colours(photo(image))[0].name == shade.name


def test_a_white_product_on_white_is_white() -> None:
    image = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(image).ellipse((60, 60, 240, 240), fill="#f6f6f6", outline="#d8d8d8")
    assert measure_colours(photo(image))[0].name == "white"


def test_a_white_product_a_little_underexposed_is_still_white() -> None:
    image = Image.new("RGB", (300, 300), "#4a4844")
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 60, 240, 240), fill="#ccc9c9")
    draw.ellipse((100, 80, 160, 140), fill="#e2dfdf")
    assert measure_colours(photo(image))[0].name == "white"


def test_stripes_give_both_colours_and_shares_that_fall() -> None:
    image = Image.new("RGB", (300, 300), "white")
    draw = ImageDraw.Draw(image)
    for row in range(60, 240, 30):
        draw.rectangle((60, row, 240, row + 19), fill="#1c2c54")
        draw.rectangle((60, row + 20, 240, row + 29), fill="#c8202c")
    measured = measure_colours(photo(image))
    assert [c.name for c in measured[:2]] == ["navy", "red"]
    assert measured[0].share > measured[1].share > 0.2


def test_skin_beside_a_garment_counts_little_but_brown_leather_alone_counts() -> None:
    image = Image.new("RGB", (300, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((90, 60, 210, 340), fill="#96684a")
    assert colour_family(measure_colours(photo(image))[0].name) == "brown"
    draw.rectangle((90, 140, 210, 240), fill="#1e5fc0")
    assert colour_family(measure_colours(photo(image))[0].name) == "blue"


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (56, 56), (2000, 60), (3, 3)])
def test_any_size_gives_one_to_four_distinct_names(size: tuple[int, int]) -> None:
    noise = Image.effect_noise(size, 90)
    for image in (noise, Image.new("L", size, 0)):
        names = [c.name for c in measure_colours(photo(image))]
        assert 1 <= len(names) <= 4 and len(set(names)) == len(names)


def test_the_same_pixels_give_the_same_colours() -> None:
    one = product_on("#ffffff", "#2e8b3c")
    assert measure_colours(one) == measure_colours(one)


def test_every_word_folds_to_its_family_in_its_language() -> None:
    assert {s.family for s in shades()} | {"multicolour"} == set(families())
    for family in word_tables.colours().families:
        for language, words in family.words.items():
            for word in words:
                found = colour_family(word, language=language)
                assert found == family.name, (language, word)


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("Navy", "blue"),
        ("Gray", "grey"),
        ("GREY", "grey"),
        ("charcoal", "grey"),
        ("maroon", "red"),
        ("off-white", "white"),
        ("Off White", "white"),
        ("Multicolour", "multicolour"),
        ("multi-colored", "multicolour"),
        ("Black / White", "multicolour"),
        ("navy and blue", "blue"),
        ("Galaxy Blue", "blue"),
        ("red heather", "red"),
        ("Dark Green", "green"),
        ("khaki green", "green"),
        ("rose gold", "pink"),
        ("reddish", "red"),
        ("cotton", None),
        ("a red shirt", None),
        ("", None),
        ("???", None),
    ],
)
def test_shop_words_have_one_family(word: str, family: str | None) -> None:
    assert colour_family(word) == family


@pytest.mark.parametrize(
    ("word", "language", "family"),
    [
        ("Dunkelgrün", "de", "green"),
        ("WEISS", "de-AT", "white"),
        ("gris foncé", "fr", "grey"),
        ("azul marino", "es", "blue"),
        ("rot", "en", None),
    ],
)
def test_a_named_language_adds_its_words(
    word: str, language: str, family: str | None
) -> None:
    assert colour_family(word, language=language) == family


def test_prose_names_its_families_but_not_things_that_share_a_name() -> None:
    text = "A navy shirt with red stripes, made to lead; stone buttons, rose scent."
    assert colour_families(text) == ("blue", "red")
    assert colour_families("stone") == ("grey",)


def colours(*shares: tuple[str, float]) -> tuple[Colour, ...]:
    return tuple(Colour(name, "#000000", share) for name, share in shares)


@pytest.mark.parametrize(
    ("stated", "measured", "verdict"),
    [
        ("black", colours(("navy", 0.9)), False),
        ("navy", colours(("blue", 0.9)), True),
        ("blue", colours(("navy", 0.9)), True),
        ("white", colours(("blue", 0.6), ("white", 0.3)), True),
        ("white", colours(("blue", 0.9), ("white", 0.09)), False),
        ("black", colours(("charcoal", 0.9)), None),
        ("green", colours(("teal", 0.9)), None),
        ("maroon", colours(("brown", 0.9)), None),
        ("multicolour", colours(("red", 0.5), ("blue", 0.4)), True),
        ("multicolour", colours(("red", 0.9)), None),
        ("black/white", colours(("white", 0.9)), True),
        ("red", colours(("blue", 0.3), ("green", 0.3), ("yellow", 0.2)), None),
        ("Galaxy", colours(("red", 0.9)), None),
        ("red", (), None),
    ],
)
def test_a_stated_colour_is_borne_out_contradicted_or_neither(
    stated: str, measured: tuple[Colour, ...], verdict: bool | None
) -> None:
    assert colours_agree(stated, measured) is verdict


@given(st.text(max_size=200))
def test_any_text_has_families_from_the_list_or_none(text: str) -> None:
    assert set(colour_families(text)) <= set(families())
    assert colour_family(text) in (*families(), None)
    assert colours_agree(text, colours(("navy", 0.9))) in (True, False, None)


def test_the_first_colour_is_the_shops_on_most_catalogue_photos(shared: Path) -> None:
    """A third of the 199 photos; the full figures are in docs/photo-quality.md."""
    folder = shared / "photos" / "magento2-sample-data"
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row.get("colour_reliable")]
    rows.sort(key=lambda row: hashlib.sha256(row["file"].encode()).digest())
    right = 0
    for row in rows[:66]:
        with Image.open(folder / row["file"]) as image:
            image.draft("RGB", (300, 300))
            first = measure_colours(photo(image))[0]
        right += colour_family(first.name) == colour_family(row["colour"])
    assert right >= 0.85 * 66
