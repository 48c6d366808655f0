"""Values of attributes in the language of the copy: true ones, same amounts, no codes."""

import pytest

from productdesc.checks.prose.quantities import quantities_at
from productdesc.words.claims.claim_tables import unit_rows
from productdesc.words.tokens import tokenize
from productdesc.words.writing.copy_tables import COPY_LANGUAGES, unit, value_rows
from productdesc.words.writing.local_values import local_value

# name, value, and the value in English, German, French, Spanish and Italian
SAID = [
    ("material", "leather", "leather", "Leder", "cuir", "piel", "pelle"),
    ("Matière", "cuir", "leather", "Leder", "cuir", "piel", "pelle"),
    (
        "material",
        "80% cotton, 20% elastane",
        "80% cotton, 20% elastane",
        "80 % Baumwolle, 20 % Elasthan",
        "80 % coton, 20 % élasthanne",
        "80 % algodón, 20 % elastano",
        "80% cotone, 20% elastan",
    ),
    ("colour", "navy", "navy", "marineblau", "bleu marine", "azul marino", "blu navy"),
    ("Farbe", "Schwarz", "black", "Schwarz", "noir", "negro", "nero"),
    ("pattern", "striped", "striped", "gestreift", "rayé", "a rayas", "a righe"),
    ("season", "summer", "summer", "Sommer", "été", "verano", "estate"),
    ("gender", "women", "women", "Damen", "femme", "mujer", "donna"),
    ("country of origin", "Italy", "Italy", "Italien", "Italie", "Italia", "Italia"),
    ("waterproof", "yes", "yes", "ja", "oui", "sí", "sì"),
    ("weight", "0.5 kg", "0.5 kg", "0,5 kg", "0,5 kg", "0,5 kg", "0,5 kg"),
    ("volume", "0,75 Liter", "0.75 l", "0,75 Liter", "0,75 l", "0,75 l", "0,75 l"),
    (
        "screen",
        "15.6-inch",
        "15.6-inch",
        "15,6 Zoll",
        "15,6 pouces",
        "15,6 pulgadas",
        "15,6 pollici",
    ),
    ("warranty", "1 year", "1 year", "1 Jahr", "1 an", "1 año", "1 anno"),
    ("warranty", "24 Monate", "24 months", "24 Monate", "24 mois", "24 meses", "24 mesi"),
    ("fat", "3.5%", "3.5%", "3,5 %", "3,5 %", "3,5 %", "3,5%"),
    (
        "size",
        "10.5 x 20 cm",
        "10.5 x 20 cm",
        "10,5 x 20 cm",
        "10,5 x 20 cm",
        "10,5 x 20 cm",
        "10,5 x 20 cm",
    ),
]
STAYS = [
    ("gender", "female", "a word that programs compare"),
    ("age_group", "kids", "the same"),
    ("origin", "IT", "a code"),
    ("waterproof", "true", "a code"),
    ("weight", "1.500 g", "a thousand and a half, or one and a half"),
    ("weight", "1,500 g", "the same"),
    ("size", "42.5", "no unit"),
    ("bluetooth", "5.0", "a version"),
    ("engine", "1.5 L V6", "words beside it"),
    ("sku", "A1-12 in stock", "no unit"),
    ("style", "Vintage", "in no table"),
    ("brand", "Black", "a name"),
    ("material", "Tencel", "in no table"),
    ("material", "", "nothing"),
    ("product type", "Shoes", "a field of its own"),
]


@pytest.mark.parametrize(("name", "value", "said"), [(n, v, s) for n, v, *s in SAID])
def test_a_value_is_said_in_the_language(name: str, value: str, said: list[str]) -> None:
    assert [local_value(name, value, code) for code in COPY_LANGUAGES] == said


@pytest.mark.parametrize(("name", "value", "why"), STAYS)
def test_what_no_table_has_and_codes_stay(name: str, value: str, why: str) -> None:
    assert {local_value(name, value, code) for code in COPY_LANGUAGES} == {value}, why


@pytest.mark.parametrize("name, value", [row[:2] for row in SAID])
def test_a_language_without_tables_leaves_all_as_it_is(name: str, value: str) -> None:
    assert local_value(name, value, "nl") == value


@pytest.mark.parametrize("group", ["material", "pattern", "fit", "closure", "season"])
def test_what_is_in_the_language_stays_in_the_merchants_own_letters(group: str) -> None:
    for row in value_rows(group).values():
        for code in COPY_LANGUAGES:
            for own in (row.texts[code], row.texts[code].upper()):
                assert local_value(group, own, code) == own, (code, own)


AMBIGUOUS = ("kelvin", "second")
"""Whose signs, "1 K" and "1 s", are read as a carat and a size too."""


@pytest.mark.parametrize("code", COPY_LANGUAGES)
def test_a_number_with_its_unit_stays_the_same_amount(code: str) -> None:
    seen = 0
    for row in unit_rows():
        for words in row.words.values():
            for word in words:
                if unit(word) is None or row.key in AMBIGUOUS:
                    continue
                for number in ("1", "2.5", "0,25", "40"):
                    value = f"{number} {word}"
                    found = local_value("size", value, code)
                    assert amounts(value, "") & amounts(found, code), (value, found)
                    assert local_value("size", found, code) == found
                    seen += 1
    assert seen > 150


def amounts(value: str, language: str) -> set[tuple[str, str]]:
    tokens = tokenize(value)
    found = quantities_at(value, tokens, 0, language or "en", is_data=not language)
    return {amount for one in found for amount in one.amounts}
