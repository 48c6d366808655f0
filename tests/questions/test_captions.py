"""Captions: alt text by the rules of accessibility, checked like other copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles.pages import rows
from PIL import Image

import productdesc
from productdesc import Caption, Failed, PhotoError, Product, ScriptedEngine, caption
from productdesc import captions as captions_of
from productdesc.channels import Channel, Field
from productdesc.engines import Request
from productdesc.questions.alt_rules import fit_length, without_opening
from productdesc.questions.photo_captions import PURPOSES
from productdesc.records import Evidence
from productdesc.words.questions.question_tables import photo_openings

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOE, WHITE = EXAMPLES / "striped-shoe.jpg", EXAMPLES / "white-shoes.jpg"


def writing(text: str, category: str = "shoes") -> ScriptedEngine:
    def script(request: Request) -> Any:
        properties = request.schema["properties"]
        if "category" in properties:
            seen = {"colour": "black", "pattern": "striped"}
            return {"category": category, "attributes": seen, "text": []}
        [field] = properties
        return {field: [text] if field == "alt_texts" else text}

    return ScriptedEngine(script)


def codes(made: Caption) -> list[str]:
    return [one.code for one in made.findings]


def test_a_caption_is_a_checked_text_with_its_evidence() -> None:
    engine = writing("Black striped shoes. They are of genuine leather.")
    made = caption(SHOE, engine, purpose="detailed")
    assert str(made) == made.text == "Black striped shoes."
    assert "material" in codes(made)
    for one in made.evidence:
        assert one.start is not None and made.text[one.start : one.end] == one.value
    assert (made.purpose, made.written_by) == ("detailed", "model")
    assert made.photo.endswith("striped-shoe.jpg")


def test_the_data_of_a_product_vouches_for_what_a_photo_cannot_show() -> None:
    shoe = Product(photos=[SHOE], attributes={"material": "leather"})
    made = caption(shoe, writing("Black striped leather shoes."))
    assert made.text == "Black striped leather shoes."


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_asks_by_its_own_template(purpose: Any) -> None:
    engine = writing("Black striped shoes.")
    made = caption(SHOE, engine, purpose=purpose)
    assert made.text == "Black striped shoes." and made.purpose == purpose
    said = engine.requests[-1].prompt.text
    own = {
        "alt": "Alt text for a reader",
        "caption": "A caption under",
        "detailed": "two to",
    }
    assert own[purpose] in said
    assert 'Never begin with "image of"' in said


@pytest.mark.parametrize(
    "language, written, text",
    [
        ("en", "Image of black striped shoes", "Black striped shoes"),
        ("en", "The photo shows: black shoes", "Black shoes"),
        ("de", "Ein Foto von schwarzen Schuhen", "Schwarzen Schuhen"),
        ("fr", "Image d’une chaussure noire", "Une chaussure noire"),
        ("es", "Foto de zapatos negros", "Zapatos negros"),
        ("it", "Un'immagine di scarpe nere", "Scarpe nere"),
        ("nl", "Foto van zwarte schoenen", "Zwarte schoenen"),
        ("de", "Foto: schwarze Schuhe", "Schwarze Schuhe"),
        ("fr", "Photo : chaussures noires", "Chaussures noires"),
        ("pl", "Photo of black shoes", "Black shoes"),
    ],
)
def test_a_text_does_not_say_that_it_is_of_an_image(
    language: str, written: str, text: str
) -> None:
    claim = Evidence(
        value=written[-5:], source="photo", kind="claim", start=len(written) - 5,
        end=len(written),
    )  # fmt: skip
    shorter, [moved], [found] = without_opening(written, (claim,), language)
    assert shorter == text and found.code == "alt-opening"
    assert shorter[moved.start : moved.end] == moved.value == claim.value


def test_an_opening_is_told_of_a_model_and_not_of_our_own_rules() -> None:
    made = caption(SHOE, writing("Photo of black striped shoes"))
    assert made.text == "Black striped shoes" and codes(made) == ["alt-opening"]
    by_rules = caption(SHOE, productdesc.load_engine())
    assert by_rules.text == "Black shoes" and codes(by_rules) == []
    nothing_left = caption(SHOE, writing("Made of genuine leather in Italy"))
    assert nothing_left.text == "Black shoes"
    assert "composed" in codes(nothing_left) and "alt-opening" not in codes(nothing_left)


@pytest.mark.parametrize(
    "text",
    [
        "Images of Rome on a shirt",
        "Photo frame",
        "Foto-Rahmen",
        "image of",
        "",
    ],
)
def test_what_only_begins_like_it_stays(text: str) -> None:
    assert without_opening(text, (), "en") == (text, (), [])


def test_every_opening_is_taken_and_none_is_listed_twice() -> None:
    for language, listed in photo_openings().items():
        assert len(set(listed)) == len(listed)
        for words in listed:
            gap = "" if words.endswith("'") else " "
            text, _, [found] = without_opening(f"{words.upper()}{gap}x y", (), language)
            assert text == "X y" and found.value.lower() == words.removesuffix(":")


def test_a_hard_limit_cuts_at_a_sentence_and_an_advised_one_is_told() -> None:
    text = "Black shoes. White soles. Laces at the front of both shoes."
    sentence = Evidence(
        value=text[13:25], source="photo", kind="sentence", start=13, end=25
    )
    last = Evidence(value="Laces", source="photo", kind="claim", start=26, end=31)
    cut, evidence, [trimmed] = fit_length(text, (sentence, last), 40, 30)
    assert cut == "Black shoes. White soles."
    assert [one.value for one in evidence] == ["White soles."]
    assert trimmed.code == "trimmed" and "the limit is 40; cut to 25" in trimmed.message
    same, _, [told] = fit_length(text, (), 100, 30)
    assert same == text and told.code == "over-advised"
    assert "59 characters, 30 are advised" in told.message
    one_word, _, findings = fit_length("Black shoes with white soles", (), 15, 20)
    assert one_word == "Black shoes" and findings[0].message.endswith("the end of a word")
    assert fit_length("Black shoes.", (), 15, 12) == ("Black shoes.", (), [])


def test_the_limits_are_the_channels_own() -> None:
    small = Channel(
        "small", "a small shop", "write.j2",
        (Field("alt_texts", limit=20, write=15, photos=True),),
    )  # fmt: skip
    made = caption(SHOE, writing("Black shoes. Striped ones."), channel=small)
    assert made.text == "Black shoes." and "trimmed" in codes(made)
    made = caption(SHOE, writing("Black striped shoe."), channel=small)
    assert made.text == "Black striped shoe." and "over-advised" in codes(made)
    engine = writing("Black shoes.")
    caption(SHOE, engine, channel="shopify")
    [schema] = engine.requests[-1].schema["properties"].values()
    assert schema["items"]["maxLength"] == 250  # twice what is advised, so it may end


def test_a_model_that_only_looks_has_its_captions_written_by_rules() -> None:
    made = caption(SHOE, productdesc.load_engine())
    assert made.written_by == "rules" and "shoes" in made.text.lower()
    assert not made.text.startswith("Photo of")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it"])
def test_what_rules_write_does_not_begin_so_in_any_language(language: str) -> None:
    demo = productdesc.load_engine()
    for purpose in PURPOSES:
        made = caption(SHOE, demo, language=language, purpose=purpose)
        assert without_opening(made.text, (), language) == (made.text, (), [])
        assert not made.text.lower().startswith(("photo", "foto", "la photo", "la foto"))


def test_each_photo_of_a_product_has_a_caption_or_a_reason() -> None:
    blank = Image.new("RGB", (300, 300), "white")
    product = Product(photos=[SHOE, blank, WHITE])
    first, second, third = captions_of(product, writing("Black shoes."))
    assert isinstance(first, Caption) and isinstance(third, Caption)
    assert isinstance(second, Failed) and "flat colour" in str(second.error)
    with pytest.raises(PhotoError, match="flat colour"):
        caption(blank, writing("Black shoes."))


@pytest.mark.parametrize(
    "given, said",
    [
        ({"purpose": "title"}, "purpose is one of alt, caption, detailed"),
        ({"purpose": "captoin"}, "did you mean 'caption'"),
        ({"channel": "shopfy"}, "did you mean 'shopify'"),
        ({"language": "deutsch"}, "'de'"),
    ],
)
def test_a_wrong_option_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        caption(Path("nowhere.jpg"), ScriptedEngine(), **given)


def test_a_caption_is_of_one_photo() -> None:
    for photos in ([], [SHOE, WHITE]):
        with pytest.raises(ValueError, match=f"{len(photos)} photos"):
            caption(Product(photos=photos), ScriptedEngine())


def test_what_cannot_be_told_is_a_finding() -> None:
    made = caption(SHOE, writing("A black thing.", category="other product"))
    assert "cannot-be-told" in codes(made)


def test_the_page_has_the_limits_of_every_purpose() -> None:
    shown = {row[0]: row[2] for row in rows("docs/questions.md", "## Captions")}
    assert set(shown) == set(PURPOSES)
    for purpose, shape in PURPOSES.items():
        assert shown[purpose].endswith(f"{shape.limit:,}, {shape.advised:,}")
