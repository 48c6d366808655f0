"""Colours in copy: what data and pixels contradict goes, for any noun and language."""

from __future__ import annotations

import pytest

from productdesc.checks import POLICY
from productdesc.checks.claims.find import find_claims
from productdesc.checks.claims.sources import index_sources
from productdesc.records import Colour, Facts, Product
from productdesc.words import word_tables
from productdesc.words.colour_names import colour_in

WHITE = (Colour(name="white", hex="#ffffff", share=0.9),)
BLACK = (Colour(name="black", hex="#101010", share=0.9),)


def verdicts(
    text: str,
    language: str = "en",
    data: str = "white",
    measured: tuple[tuple[Colour, ...], ...] = (WHITE,),
    title: str = "Zanzi 3",
    seen: str = "other product",
    codes: tuple[str, ...] = ("colour",),
) -> list[str]:
    """What each colour of a sentence is judged as: keep, infer or remove."""
    attributes = {"colour": data} if data else {}
    product = Product(title=title, attributes=attributes)
    known = index_sources(product, Facts(category=seen), measured, language)
    claims = find_claims(text, known, POLICY)
    return [claim.verdict for claim in claims if claim.code in codes]


# of a white thing, whose noun no table has: false of it, and not said of it
FALSE = {
    "en": (
        "A black widget for the desk.", "The widget is black.", "It is deep black.",
        "This black widget holds well.", "Black widget", "A glossy black gizmo, lidded.",
        "The gizmo comes in black.", "With a black finish.", "Its surface is dark green.",
        "A widget in deep blue.", "The colour is red.", "A red-coloured gizmo.",
        "Our navy gizmo", "They are purple.", "A sleek, black gizmo.", "A black mug.",
        "The gizmo is black and round.", "Bright red gizmo for the garden.",
    ),
    "de": (
        "Ein schwarzer Apparillo für den Tisch.", "Der Apparillo ist schwarz.",
        "Er ist tiefschwarz.", "Dieser schwarze Apparillo hält.", "In Schwarz",
        "Mit schwarzer Oberfläche.", "Ein dunkelblaues Ding.", "Das Ding in Rot.",
        "Ein grünes Ding mit Henkel.", "Unsere rote Kanne.", "Erhältlich in Blau.",
    ),
    "fr": (
        "Un bidule noir pour le bureau.", "Le bidule est noir.", "Il est noir.",
        "Ce bidule noir tient bien.", "En noir", "Une finition noire.", "Bidule noir",
        "Un bidule bleu foncé.", "Couleur : rouge", "Une tasse en céramique noire.",
        "Notre bidule vert.", "Une machine rose.", "Un bidule marron.",
    ),
    "es": (
        "Un chisme negro para la mesa.", "El chisme es negro.", "Es negro.", "En negro",
        "Este chisme negro aguanta.", "Un acabado negro.", "Un chisme azul oscuro.",
        "Una taza de cerámica negra.", "Nuestro chisme verde.", "Un chisme rosa.",
        "Un chisme marrón.", "Disponible en azul.",
    ),
    "it": (
        "Un aggeggio nero per la scrivania.", "L'aggeggio è nero.", "È nero.", "In nero",
        "Questo aggeggio nero regge.", "Una finitura nera.", "Un aggeggio blu scuro.",
        "Una tazza in ceramica nera.", "Il nostro aggeggio verde.", "Un aggeggio viola.",
        "Un aggeggio rosa.", "Disponibile in blu.", "Un aggeggio marrone.",
    ),
}  # fmt: skip
BESIDE = {
    "en": (
        "A widget with black handles.", "The handle is black.", "Black laces.",
        "Looks good on a black wall.", "For green tea.", "A warm white light.",
        "Goes with blue jeans.", "The black lid fits.", "A gizmo with a red label.",
        "White gold.", "Black tie event.", "Black inside.", "Green living made easy.",
        "A splash of red.", "The box is brown.", "A black-trimmed gizmo.", "Red wine.",
        "Pairs with a black table.", "The logo is red.", "Black and white gizmo",
        "White with black dots.", "Serve red wine vinegar.", "Works with blue light.",
    ),
    "de": (
        "Das Ding hat schwarze Griffe.", "Der Henkel ist schwarz.", "Schwarze Senkel.",
        "Sieht auf schwarzer Wand gut aus.", "Für grünen Tee.", "Warmweißes Licht.",
        "Mit roter Sohle.", "Die rote Sohle federt.", "Passt zu blauen Jeans.",
        "Innen schwarz.", "Das Logo ist rot.", "Für den grünen Daumen.", "Weißgold.",
        "Die schwarze Innenseite.", "Mit schwarzem Etikett.", "Die Verpackung ist braun.",
    ),
    "fr": (
        "Un bidule aux poignées noires.", "La poignée est noire.", "Lacets noirs.",
        "Joli sur un mur noir.", "Pour le thé vert.", "Lumière blanc chaud.",
        "Avec une semelle rouge.", "La semelle rouge amortit.", "Va avec un jean bleu.",
        "Or blanc.", "Eau de rose.", "Un bidule à pois rouges.", "La doublure est rouge.",
    ),
    "es": (
        "Un chisme con asas negras.", "El asa es negra.", "Cordones negros.",
        "Queda bien en una pared negra.", "Para té verde.", "Luz blanca cálida.",
        "Con suela roja.", "La suela roja amortigua.", "Combina con vaqueros azules.",
        "Oro blanco.", "El forro es rojo.", "Un toque de rojo.",
    ),
    "it": (
        "Un aggeggio con manici neri.", "Il manico è nero.", "Lacci neri.",
        "Bello su una parete nera.", "Per tè verde.", "Luce bianco caldo.",
        "Con suola rossa.", "La suola rossa ammortizza.", "Si abbina a jeans blu.",
        "Oro bianco.", "La fodera è rossa.", "Un tocco di rosso.",
    ),
}  # fmt: skip


def pairs(texts: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(language, text) for language, some in texts.items() for text in some]


@pytest.mark.parametrize(("language", "text"), pairs(FALSE))
def test_a_colour_that_data_and_pixels_contradict_goes_for_any_noun(
    language: str, text: str
) -> None:
    assert "remove" in verdicts(text, language)
    assert "remove" not in verdicts(text, language, data="multicolour")


@pytest.mark.parametrize(("language", "text"), pairs(BESIDE))
def test_a_colour_of_a_detail_of_food_of_light_or_of_a_saying_is_not_contradicted(
    language: str, text: str
) -> None:
    assert "remove" not in verdicts(text, language)


@pytest.mark.parametrize("text", ["A black widget.", "The widget is black."])
def test_of_an_unknown_noun_one_of_data_and_pixels_is_not_enough(text: str) -> None:
    assert verdicts(text) == ["remove"]
    assert verdicts(text, measured=(BLACK,)) == ["keep"]
    assert verdicts(text, measured=()) == ["infer"]
    assert verdicts(text, data="") == ["infer"]


@pytest.mark.parametrize("text", ["A red lamp.", "The lamp is red.", "It is red."])
def test_of_the_products_own_kind_one_of_them_is(text: str) -> None:
    own = {"title": "Table lamp", "seen": "lamp"}
    assert verdicts(text, data="", **own) == ["remove"]
    assert verdicts(text, measured=(), **own) == ["remove"]
    assert verdicts("Goes with red shoes.", **own) == ["infer"]


@pytest.mark.parametrize(
    ("data", "text", "language"),
    [
        ("charcoal", "A black widget.", "en"),
        ("silver", "A white widget.", "en"),
        ("white/black", "A black widget.", "en"),
        ("bunt", "A black widget.", "en"),
        ("schwarz", "A black widget.", "en"),
        ("noir", "Ein schwarzes Ding.", "de"),
        ("nero", "Un chisme negro.", "es"),
        ("Galaxy Swirl", "A black widget.", "en"),
    ],
)
def test_a_colour_that_the_data_may_mean_is_kept(
    data: str, text: str, language: str
) -> None:
    assert "remove" not in verdicts(text, language, data=data)


def test_the_very_colour_in_another_language_is_the_attributes() -> None:
    product = Product(attributes={"Farbe": "schwarz"})
    known = index_sources(product, Facts(category="other product"), (), "en")
    for text, attribute in (("A black mug.", "Farbe"), ("A dark red mug.", None)):
        [claim] = [c for c in find_claims(text, known, POLICY) if c.code == "colour"]
        assert claim.attribute == attribute


def test_the_colour_of_a_part_in_the_data_is_not_the_products() -> None:
    product = Product(attributes={"sole colour": "white", "colour": "black"})
    known = index_sources(product, Facts(category="other product"), (BLACK,), "en")
    claims = list(find_claims("A black gizmo.", known, POLICY))
    assert [claim.verdict for claim in claims] == ["keep"]


FRAMES = {
    "en": ("A {} widget.", "It comes in {}.", "The widget is {}."),
    "de": ("Ein {} Ding.", "Erhältlich in {}.", "Das Ding ist {}."),
    "fr": ("Un bidule {}.", "Disponible en {}.", "Le bidule est {}."),
    "es": ("Un chisme {}.", "Disponible en {}.", "El chisme es {}."),
    "it": ("Un aggeggio {}.", "Disponibile in {}.", "L'aggeggio è {}."),
}


@pytest.mark.parametrize("language", FRAMES)
def test_every_colour_word_of_the_table_is_one_in_its_language(language: str) -> None:
    missed = []
    for family in word_tables.colours().families:
        words = [*family.words[language], family.names.get(language, family.name)]
        for word in words if family.name != "multicolour" else ():
            is_thing = colour_in(word, language=language)[1]
            codes = ("colour", "material")
            for frame in FRAMES[language][1:2] if is_thing else FRAMES[language]:
                text = frame.format(word)
                if not any(
                    "remove" in verdicts(text, language, data, (measured,), codes=codes)
                    or verdicts(text, language, codes=("texture",))
                    for data, measured in (("black", BLACK), ("white", WHITE))
                ):
                    missed.append(text)
    assert not missed, missed
