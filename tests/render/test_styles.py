"""The style sheet: its contrasts in light and dark, its scope, its signs, its size."""

from __future__ import annotations

import re

import pytest

from productdesc.records import MAX_PHOTOS
from productdesc.render.marked import KINDS
from productdesc.render.page import stylesheet

CSS = re.sub(r"/\*.*?\*/", "", stylesheet(), flags=re.DOTALL)
COLOURS = {
    name: pair
    for name, *pair in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
}
THEMES = (0, 1)  # light, dark


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Text on what lies behind it: 4.5 to 1 by WCAG 2.2, 1.4.3.
PAIRS = [
    *(("ink", f"{kind}-tint") for kind in KINDS),
    *((kind, f"{kind}-tint") for kind in (*KINDS, "gone", "come")),
    *((kind, "ground") for kind in (*KINDS, "gone", "come", "ink", "quiet", "focus")),
    *((name, "raised") for name in ("ink", "quiet", "inferred", "gone")),
]


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "behind"), PAIRS)
def test_every_text_stands_out_from_what_is_behind_it(
    text: str, behind: str, theme: int
) -> None:
    assert contrast(COLOURS[text][theme], COLOURS[behind][theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_stand_out(theme: int) -> None:
    for behind in ("ground", "raised"):
        assert contrast(COLOURS["edge"][theme], COLOURS[behind][theme]) >= 3


def test_kinds_differ_by_sign_and_by_underline_not_by_colour_alone() -> None:
    signs = {
        kind: re.search(rf"\.by-{kind}:is[^{{]*\{{\s*content: \"(.[^\"]*)\"", CSS)
        for kind in KINDS
    }
    assert all(signs.values())
    assert len({sign[1][0] for sign in signs.values() if sign}) == len(KINDS)
    lines = set()
    for kind in KINDS:
        style = re.search(rf"\.by-{kind} \{{[^}}]*--style: (\w+)", CSS)
        width = re.search(rf"\.by-{kind} \{{ border-bottom-width: (\w+)", CSS)
        assert style
        lines.add((style[1], width[1] if width else ""))
    assert len(lines) == len(KINDS)


def test_no_rule_reaches_outside_of_the_dress() -> None:
    """A notebook's own page must look as before: each selector needs `.productdesc`."""
    flat = re.sub(r"@(media|container)[^{]*\{", "", CSS)
    selectors = [s.strip() for s in re.findall(r"([^{}]+)\{", flat)]
    assert len(selectors) > 60
    for selector in selectors:
        for one in re.split(r",(?![^(]*\))", selector):
            if one.strip() not in ('html[data-theme="light"]', 'html[data-theme="dark"]'):
                assert ".productdesc" in one, one


def test_each_photo_that_a_product_may_have_can_be_lit() -> None:
    lit = re.findall(r":has\(\.claim\[data-photo=\"(\d)\"\]", CSS)
    assert lit == [str(n) for n in range(1, MAX_PHOTOS + 1)]


def test_it_is_small_and_asks_for_nothing() -> None:
    assert len(stylesheet().encode()) < 20_000
    assert "url(" not in CSS and "@import" not in CSS and "<" not in stylesheet()
    for query in ("@media print", "forced-colors", "@container (max-width", "data-theme"):
        assert query in CSS
    assert "color-scheme: light dark" in CSS
