"""Photo findings: the rules of each channel, with a photo that breaks each and controls."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from doubles.pages import rows
from doubles.photo_rules.photo_faults import (
    bordered,
    in_frame,
    joined_beside,
    on_badge,
    photo_of,
    product,
    scene,
    written,
)
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from productdesc.channels import CHANNELS
from productdesc.questions.moderation.photo_rules import (
    PHOTO_RULES,
    PhotoFinding,
    photo_findings,
)
from productdesc.questions.moderation.photo_rules.framing import measure_framing
from productdesc.questions.moderation.photo_rules.lettering import find_lettering
from productdesc.questions.moderation.photo_rules.photo_measures import UNITS, PhotoMeasures
from productdesc.records import Photo

GOOD = in_frame(product(), 0.9, side=1000)


def placeholder() -> Image.Image:
    image = Image.new("RGB", (1000, 1000), "#eeeeee")
    letters = ImageFont.load_default(80)
    ImageDraw.Draw(image).text((500, 500), "No image", "#777777", letters, anchor="mm")
    return image


FAULTS: dict[str, Callable[[], Image.Image]] = {
    "blurred": lambda: GOOD.filter(ImageFilter.GaussianBlur(15)),
    "blank": lambda: Image.new("RGB", (1000, 1000), "#f8f8f8"),
    "placeholder": placeholder,
    "on grey": lambda: in_frame(product(), 0.9, "#f0f0f0", side=1000),
    "far away": lambda: in_frame(product(), 0.41, side=1000),
    "cropped": lambda: GOOD.crop((200, 0, 950, 750)).resize((1000, 1000)),
    "text": lambda: written(GOOD, "50% OFF", (0.5, 0.1)),
    "badge": lambda: on_badge(GOOD, "Best Seller", (50, 50, 650, 210)),
    "watermark": lambda: written(
        GOOD, "© shop.example", (0.3, 0.1), ink=(0, 0, 0), alpha=80
    ),
    "border": lambda: bordered(scene((1000, 1000)), 30),
    "joined": lambda: joined_beside(
        scene((500, 1000)),
        Image.blend(scene((500, 1000)), Image.new("RGB", (500, 1000), "white"), 0.6),
    ),
    "three": lambda: joined_beside(*[in_frame(product(), 0.9, side=700)] * 3),
}


def photo(image: Image.Image) -> Photo:
    """A photo of twice that size, of which the pixels are a smaller copy."""
    width, height = image.size
    return replace(
        photo_of(image, 90), original_width=2 * width, original_height=2 * height
    )


def of_size(side: int) -> Photo:
    return replace(photo_of(GOOD, 90), original_width=side, original_height=side)


PHOTOS = {
    "small": of_size(499),
    "for zoom": of_size(999),
    "huge": of_size(12_000),
    **{name: photo(make()) for name, make in FAULTS.items()},
}


def codes(name: str, channel: str, position: int = 1) -> set[str]:
    return {one.code for one in photo_findings(PHOTOS[name], channel, position=position)}


TEXT = "text-logo-graphics-or-watermarks"
EXPECTED = {
    "small": {"amazon": {"image-size", "zoom-size"}, "ebay": {"image-size"}},
    "for zoom": {"amazon": {"zoom-size"}, "etsy": {"image-size-advised"}},
    "blurred": {"amazon": {"blurriness-or-pixelation"}},
    "blank": {"amazon": {"image-missing"}, "google": {"image_link_generic"}},
    "placeholder": {"ebay": {"placeholder-images"}, "etsy": {"not-the-item"}},
    "on grey": {"amazon": {"non-white-background"}},
    "far away": {"amazon": {"product-too-small"}},
    "cropped": {"amazon": {"cropped-product"}},
    "text": {
        "amazon": {TEXT},
        "ebay": {"added-text-artwork-or-marketing"},
        "google": {"image_link_unwanted_overlays"},
    },
    "badge": {"amazon": {TEXT}, "google": {"image_link_unwanted_overlays"}},
    "watermark": {"amazon": {TEXT}, "ebay": {"watermarks"}},
    "border": {"ebay": {"added-borders"}, "amazon": {TEXT}},
    "three": {"amazon": {"multiple-views"}},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_fault_has_the_marketplaces_own_code(name: str) -> None:
    for channel, expected in EXPECTED[name].items():
        assert expected <= codes(name, channel), channel


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_good_photo_breaks_no_rule_of_any_channel(channel: str) -> None:
    assert photo_findings(photo(GOOD), channel) == []


@pytest.mark.parametrize("name", PHOTOS)
def test_a_fault_is_not_told_as_another(name: str) -> None:
    """No rule fires on everything: text is no border, a border is no small product."""
    apart = {
        "text": {"product-too-small", "non-white-background", "multiple-views"},
        "watermark": {"product-too-small", "non-white-background", "image-missing"},
        "on grey": {TEXT, "multiple-views", "cropped-product"},
        "far away": {TEXT, "non-white-background", "cropped-product"},
        "cropped": {TEXT, "product-too-small", "multiple-views"},
        "border": {"multiple-views", "product-too-small"},
        "three": {TEXT, "non-white-background"},
    }
    assert not codes(name, "amazon") & apart.get(name, set())


def test_every_rule_of_the_table_fires_on_one_photo_and_not_on_the_good_one() -> None:
    measures = {name: PhotoMeasures(one) for name, one in PHOTOS.items()}
    good = PhotoMeasures(photo(GOOD))
    for rule in PHOTO_RULES:
        values = {name: one.value(rule.measure) for name, one in measures.items()}
        known = {name: value for name, value in values.items() if value is not None}
        beyond = [
            name
            for name, value in known.items()
            if (value < rule.limit if rule.fires == "below" else value > rule.limit)
        ]
        assert beyond and len(beyond) < len(PHOTOS), (rule.code, rule.measure, values)
        value = good.value(rule.measure)
        assert value is not None
        assert value >= rule.limit if rule.fires == "below" else value <= rule.limit, rule


def test_the_advice_says_what_to_do_with_the_number_that_was_measured() -> None:
    found = photo_findings(PHOTOS["far away"], "amazon")
    [one] = [f for f in found if f.code == "product-too-small"]
    assert isinstance(one, PhotoFinding) and one.verdict == "reshoot" and one.official
    assert one.measured == pytest.approx(0.41, abs=0.01) and one.limit == 0.85
    share = f"{100 * one.measured:.3g} %"
    assert one.advice == f"move closer: the product fills {share}"
    assert (
        one.message == f"made.jpg: the product fills {share} of the frame, 85 % are asked"
    )
    assert one.source.startswith("https://sellercentral.amazon.com.au/")


def test_rules_of_a_main_image_hold_for_the_first_photo_alone() -> None:
    assert "non-white-background" in codes("on grey", "amazon")
    assert codes("on grey", "amazon", position=2) == set()
    assert "blurriness-or-pixelation" in codes("blurred", "amazon", position=2)
    assert "added-borders" in codes("border", "ebay", position=3)


def test_text_that_was_read_counts_beside_the_own_measure_and_not_twice() -> None:
    over, printed = (0.3, 0.05, 0.7, 0.15), (0.4, 0.5, 0.6, 0.54)
    assert PhotoMeasures(PHOTOS["text"]).overlays == 1
    ground = measure_framing(PHOTOS["text"].rgb).ground
    [line] = find_lettering(PHOTOS["text"].rgb, ground)
    assert PhotoMeasures(PHOTOS["text"], [line.box, printed]).overlays == 1
    clean = photo(GOOD)
    assert photo_findings(clean, "google", text_boxes=[printed]) == []
    assert len(photo_findings(clean, "google", text_boxes=[over])) == 1


def test_wrong_use_is_told() -> None:
    with pytest.raises(ValueError, match=r"position is 0; photos count from 1"):
        photo_findings(photo(GOOD), "amazon", position=0)
    with pytest.raises(ValueError, match=r"no channel 'amazn'.*did you mean 'amazon'"):
        photo_findings(photo(GOOD), "amazn")


# ---- the table --------------------------------------------------------------------------


def test_every_rule_can_be_told_and_says_who_states_it() -> None:
    for rule in PHOTO_RULES:
        assert rule.channel in CHANNELS
        assert isinstance(getattr(PhotoMeasures, rule.measure), property)
        texts = (
            rule.wrong.format(measured="1", limit="2"),
            rule.advice.format(measured="1"),
        )
        assert all(texts) and not any("{" in text for text in texts)
        assert "http" in rule.source.name
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", rule.source.seen)
    assert set(UNITS) <= {rule.measure for rule in PHOTO_RULES}


def test_only_a_place_itself_is_official() -> None:
    domains = {"amazon": "amazon", "ebay": "ebay.com", "google": "google.com"}
    for rule in PHOTO_RULES:
        if rule.source.official:
            host = rule.source.name.split("/")[2]
            assert domains[rule.channel] in host, rule


def test_the_page_on_moderation_has_every_rule() -> None:
    expected = [
        [
            rule.channel,
            rule.code,
            f"{rule.measure} {rule.fires} {rule.limit:g}",
            rule.verdict,
            "first" if rule.main_only else "every",
            "yes" if rule.source.official else "no",
        ]
        for rule in PHOTO_RULES
    ]
    assert [row[:6] for row in rows("docs/moderation.md", "### The rules")] == expected


# ---- real photos ------------------------------------------------------------------------


def test_few_real_studio_photos_are_said_to_carry_text(shared: Path) -> None:
    """Shirts, bags and watches on white, prints and dials on some: none carries a text."""
    folder = shared / "photos" / "magento2-sample-data"
    paths = sorted(folder.rglob("*.jpg"))[::11]
    assert len(paths) >= 25
    fired = []
    for path in paths:
        image = Image.open(path).convert("RGB")
        measures = PhotoMeasures(Photo(image, path.name, "0" * 64, "JPEG", *image.size))
        if measures.overlays or measures.watermarks or measures.border > 0.6:
            fired.append(path.name)
    assert len(fired) <= 1, fired
