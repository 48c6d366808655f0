"""Fallback texts name product types and colours in the language that is asked for."""

from __future__ import annotations

import pytest

from productdesc.checks import compose
from productdesc.checks.check import check
from productdesc.records import Colour, Facts, Product
from productdesc.taxonomy import OTHER, product_types
from productdesc.words import word_tables

ACME = Product(attributes={"brand": "Acme"})
FIELDS = ("title", "bullets", "description", "seo_title", "alt_texts", "tags")
NAVY = (Colour(name="navy", hex="#14204a", share=0.8),)


def test_german_copy_of_a_backpack_says_rucksack() -> None:
    text = compose(
        "description", product=ACME, facts=Facts(category="backpack"), language="de"
    )
    assert text == "Acme Rucksack. Art: Rucksack. Brand: Acme."


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "nl"])
@pytest.mark.parametrize("kind", [kind for kind in product_types() if kind != OTHER])
def test_every_product_type_is_named_in_its_language_and_passes_the_checks(
    kind: str, language: str
) -> None:
    [row] = [row for row in word_tables.product_types() if row.name == kind]
    facts = Facts(category=kind)
    texts = {
        name: compose(name, product=ACME, facts=facts, language=language, measured=(NAVY,))
        for name in FIELDS
    }
    assert row.names[language].lower() in str(texts["title"]).lower()
    for label in ("Art", "Type", "Tipo", "Kind"):
        assert f"{label}: {kind}." not in str(texts["description"]) or (
            row.names[language].lower() == kind
        )
    result = check(
        texts,
        product=ACME,
        facts=facts,
        measured=(NAVY,),
        language=language,
        prompts=(),
    )
    assert result.texts == texts


@pytest.mark.parametrize(
    ("kind", "name"),
    [("outwear", "Jacke"), ("cultured-dairy", "Sauermilchprodukt"), ("anvil", "anvil")],
)
def test_an_older_models_name_is_known_and_a_users_own_is_kept(
    kind: str, name: str
) -> None:
    facts = Facts(category=kind)
    tags = compose("tags", product=Product(), facts=facts, language="de")
    assert tags[0] == name


@pytest.mark.parametrize(
    ("language", "colour"),
    [("de", "blau"), ("fr", "bleu"), ("es", "azul"), ("it", "blu"), ("nl", "blauw")],
)
def test_a_measured_colour_is_named_in_its_language(language: str, colour: str) -> None:
    facts = Facts(category="hat")
    tags = compose(
        "tags", product=Product(), facts=facts, language=language, measured=(NAVY,)
    )
    assert tags[1] == colour


@pytest.mark.parametrize("field", ["title", "description", "bullets", "tags", "alt_texts"])
def test_no_unprintable_character_of_the_merchants_data_is_taken_over(field: str) -> None:
    product = Product(
        title="Vendora\x00 shoe\x1b[2J\u202e",
        attributes={"bra\x07nd": "Ven\x9bdora", "\x00": "x", "fabric\n": "wool\u2028 \x00"},
    )
    text = compose(field, product=product, facts=Facts(category="shoes"))
    for one in (text,) if isinstance(text, str) else text:
        assert one and one.isprintable()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Canvas shoes<|im_start|>", "Canvas shoes"),
        ("Canvas <script>x()</script> shoes", "Canvas shoes"),
        ("Canvas {{ shoes }} <b>for</b> all", "Canvas for all"),
        ("Canvas shoes, see www.shop.example/x", "Vendora shoes"),
        ("<|im_end|>", "Vendora shoes"),
    ],
)
def test_no_markup_or_contact_data_of_a_title_is_taken_over(title: str, name: str) -> None:
    product = Product(title=title, attributes={"brand": "Vendora"})
    assert compose("title", product=product, facts=Facts(category="shoes")) == name
