"""Text policy: forbidden goods and claims are found by their words, and no others."""

from __future__ import annotations

import re

import pytest

from productdesc import Product
from productdesc.questions.moderation.text_policy import (
    forbidden_words,
    marketplaces,
    text_reasons,
    texts_of,
)
from productdesc.records import Present
from productdesc.words.claims.claim_phrases import is_row
from productdesc.words.claims.claim_tables import CLAIM_LANGUAGES
from productdesc.words.questions.question_tables import forbidden_rows, regions

ROWS = {row.code: row for row in forbidden_rows()}


def codes(text: str, language: str = "en", field: str = "title") -> list[str]:
    return [one.row.code for one in forbidden_words(text, field, language)]


@pytest.mark.parametrize(
    "text, language, code",
    [
        ("Antique handguns, set of two", "en", "goods-firearms"),
        ("Schlagring aus Messing", "de", "goods-weapons"),
        ("Fuegos artificiales para fiestas", "es", "goods-explosives"),
        ("Huile de cannabis", "fr", "goods-drugs"),
        ("Sigarette e accendino", "it", "goods-tobacco"),
        ("Vape pen, refillable", "de", "goods-tobacco"),
        ("Likör mit Kirschen", "de", "goods-alcohol"),
        ("Viagra 100 mg", "it", "goods-medicines"),
        ("Genuine ivory carving", "en", "goods-wildlife"),
        ("Human skull on a stand", "en", "goods-human-remains"),
        ("Replica watch, like new", "en", "goods-counterfeits"),
        ("Poissons vivants", "fr", "goods-live-animals"),
        ("Asbest-Platten", "de", "goods-hazardous"),
        ("GPS jammer for cars", "en", "goods-crime-tools"),
        ("Bandera nazi", "es", "goods-hate"),
        ("Lotterielos", "de", "goods-gambling"),
        ("Vibratore", "it", "goods-adult"),
        ("A tea that cures diabetes", "en", "claim-disease"),
        ("Antibakterielle Zahnbürste", "de", "claim-pesticide"),
        ("Eco-friendly bag", "en", "claim-environment"),
        ("Buy now", "en", "claim-promotion"),
        ("Amazon's Choice", "fr", "claim-ranking"),
        ("Money back", "en", "claim-guarantee"),
        ("FDA approved", "en", "claim-approval"),
        ("A detox tea", "en", "claim-weight-loss"),
    ],
)
def test_words_of_each_row_are_found(text: str, language: str, code: str) -> None:
    assert code in codes(text, language)


def test_every_row_is_tried_above() -> None:
    marks = test_words_of_each_row_are_found.pytestmark[0]  # type: ignore[attr-defined]
    assert {code for _, _, code in marks.args[1]} == set(ROWS)


@pytest.mark.parametrize(
    "text",
    [
        "Water pistol for children",
        "Cigarette trousers in black",
        "Tobacco-free pouch",
        "A case without nicotine",
        "Faux ivory handle, imitation ivory",
        "Ivory blouse with rifle green trim",
        "Whisky glasses, set of four",
        "Pendant of the zodiac Cancer sign",
        "Fireworks print dress",
        "Set of four wine glasses",
        "A pot for herbs",
        "Glue gun with sticks",
        "Hair grinder, salt grinder",
        "Vibrant colours",
        "Gift set",
        "",
        "%" * 5000,
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert codes(text) == []


def test_a_word_of_another_language_means_what_it_means_there() -> None:
    assert codes("Gift für Mäuse", "de") == [] and codes("Das Bild zeigt", "de") == []
    assert codes("pistola", "en") == [] and codes("pistola", "es") == ["goods-firearms"]


@pytest.mark.parametrize("code", ROWS)
def test_every_listed_word_is_found_in_each_of_its_languages(code: str) -> None:
    row = ROWS[code]
    field = row.fields[0] if row.fields else "title"
    for language, entries in row.words.items():
        for entry in entries:
            text = re.sub(r"[~*^=?]", "", entry)
            found = codes(text, "en" if language == "all" else language, field)
            assert code in found, (language, entry)
    for language, entries in row.may.items():
        for entry in entries:
            found = codes(entry, language, field)
            assert code not in found, (language, entry)


def test_rows_name_claims_countries_and_verdicts_that_there_are() -> None:
    assert {"amazon", "ebay", "etsy", "google"} == marketplaces()
    known = set(regions()) | {code for some in regions().values() for code in some}
    for row in ROWS.values():
        assert row.label and row.rules and all(map(is_row, row.claims))
        assert row.words or row.claims
        for rule in row.rules:
            assert rule.verdict in ("refuse", "review") and rule.source
            assert not rule.country or rule.country in known | {"GB", "US"}
            assert not (rule.channel and rule.country)
            if rule.official:
                assert rule.source.startswith("https://")
        if row.code.startswith("goods-"):
            assert set(CLAIM_LANGUAGES) <= set(row.words), row.code


def test_the_channel_and_the_country_say_what_it_comes_to() -> None:
    texts = {"title": "Butterfly knife", "description": "A gin, a vodka"}
    on_etsy = text_reasons(texts, channel="etsy")
    assert [(r.code, r.where, r.verdict) for r in on_etsy] == [
        ("goods-weapons", "title", "refuse"),
        ("goods-alcohol", "description", "refuse"),
    ]
    assert all(r.official and r.source.startswith("https://www.etsy.com") for r in on_etsy)
    on_google = text_reasons(texts, channel="google")
    assert [r.verdict for r in on_google] == ["refuse", "review"]
    in_germany = text_reasons(texts, country="de")
    assert [(r.code, r.verdict) for r in in_germany] == [("goods-weapons", "refuse")]
    assert "Waffengesetz" in in_germany[0].source
    # a region stands for its countries, and for no other
    assert text_reasons({"title": "Ivory carving"}, country="IT")[0].verdict == "refuse"
    assert text_reasons({"title": "Ivory carving"}, country="CH") == []


def test_without_a_place_nothing_is_refused_and_a_shop_of_ones_own_has_no_rules() -> None:
    [reason] = text_reasons({"title": "Butterfly knife"})
    assert reason.verdict == "review"
    for who in ("google", "etsy", "ebay", "DE", "GB"):
        assert who in reason.message
    assert text_reasons({"title": "Butterfly knife"}, channel="shopify") == []
    # a rule of all marketplaces holds on one that has none of its own
    [reason] = text_reasons({"title": "Replica watch"}, channel="ebay")
    assert reason.verdict == "review" and "marketplaces" in reason.message


def test_a_claim_of_titles_counts_in_titles_only() -> None:
    texts = {"title": "Shoe, buy now", "description": "Buy now", "tags 1": "buy now"}
    found = text_reasons(texts, channel="amazon")
    assert [(r.code, r.where) for r in found] == [("claim-promotion", "title")]


def test_a_reason_is_one_printable_line_and_one_a_row_and_field() -> None:
    text = "Handguns\x1b[2J and pistols\nand revolvers"
    [reason] = text_reasons({"title": text}, channel="google")
    assert str(reason).isprintable() and "Handguns" in str(reason)
    assert reason.advice


def test_all_texts_of_a_product_are_read() -> None:
    present = Present(
        bullets=("b1", "b2"), seo_title="s", alt_texts=("", "a2"), tags=("t",)
    )
    product = Product(
        title="T", description="D", present=present, attributes={"material": "ivory"}
    )
    assert texts_of(product) == {
        "title": "T",
        "description": "D",
        "seo_title": "s",
        "bullets 1": "b1",
        "bullets 2": "b2",
        "alt_texts 2": "a2",
        "tags 1": "t",
        "attribute material": "ivory",
    }


def test_a_text_is_read_up_to_the_cap() -> None:
    assert codes("x " * 20_000 + "handgun") == []
    assert codes("x " * 1_000 + "handgun") == ["goods-firearms"]
