"""What is left of a sentence when a claim goes: a sentence, or nothing."""

from __future__ import annotations

import pytest

from productdesc import Product
from productdesc.checks.check import check
from productdesc.records import Colour, Facts

NAVY = (Colour(name="navy", hex="#14204a", share=0.8),)


def left(text: str, language: str = "en", field: str = "description") -> object:
    result = check(
        {field: text},
        product=Product(title="", attributes={"brand": "Vendora"}),
        facts=Facts(category="jacket"),
        measured=[NAVY],
        language=language,
        prompts=[],
    )
    assert [f for f in result.findings if f.severity == "removed"]
    return result.texts[field]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        # attributive words before their noun
        ("A waterproof jacket in navy.", "A jacket in navy."),
        ("A silk evening dress.", "An evening dress."),
        ("An organic cotton jacket.", "A jacket."),
        ("A durable, waterproof jacket in navy.", "A durable jacket in navy."),
        ("A fully recyclable jacket.", "A jacket."),
        ("A merino wool lining sits inside.", "A lining sits inside."),
        ("Waterproof jacket in navy", "Jacket in navy"),
        ("A navy jacket (100% silk) with a hood.", "A navy jacket with a hood."),
        # what is no attribute of a noun takes its sentence
        ("The best jacket of the house.", ""),
        ("The jacket is waterproof.", ""),
        ("It is the most comfortable jacket.", ""),
        ("The silk shimmers in the evening.", ""),
        ("The jacket is soft and waterproof.", ""),
        ("A soft and waterproof jacket.", ""),
        ("The chain is forged from sterling silver.", ""),
        ("A jacket made in Italy.", ""),
        ("The warranty is five years.", ""),
        ("It has 14 pockets and a hood.", ""),
        ("They come in size 44.", ""),
        # a clause where both halves stand
        ("The jacket is navy, and it comes with a warranty.", "The jacket is navy."),
        ("It comes with a warranty and it is navy.", "It is navy."),
        ("The jacket is navy; it weighs 300 g.", "The jacket is navy."),
        ("It holds and carries 5 litres.", ""),
        ("Because it is waterproof, it is navy.", ""),
    ],
)
def test_english(text: str, rest: str) -> None:
    assert left(text) == rest


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("de", "Eine wasserdichte Jacke in Navy.", "Eine Jacke in Navy."),
        ("de", "Die Jacke ist wasserdicht.", ""),
        ("de", "Eine Jacke aus reiner Seide.", ""),
        ("de", "Aus reiner Seide gefertigte Jacke.", ""),
        ("fr", "Une robe en pure soie.", ""),
        ("es", "Una chaqueta de seda.", ""),
        ("es", "La chaqueta es azul y impermeable.", ""),
        ("it", "Lo impermeabile giacca.", ""),
    ],
)
def test_other_languages(language: str, text: str, rest: str) -> None:
    if language == "it":
        pytest.skip("no Italian claims yet")
    assert left(text, language) == rest


@pytest.mark.parametrize("field", ["title", "seo_title", "custom.title"])
@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Navy Waterproof Jacket", "Navy Jacket"),
        ("Navy Jacket (waterproof)", "Navy Jacket"),
        ("Navy Jacket. Made in Italy.", ""),
        ("Navy Jacket - Lifetime Guarantee", ""),
        ("It is navy and it is waterproof.", ""),
    ],
)
def test_a_title_is_one_unit(field: str, text: str, rest: str) -> None:
    assert left(text, field=field) == rest
