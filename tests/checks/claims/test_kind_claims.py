"""Kinds of product in copy: what contradicts data and photo goes, one of them is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from productdesc.checks import POLICY, CheckedText
from productdesc.checks.check import check
from productdesc.checks.claims.find import find_claims
from productdesc.checks.claims.sources import index_sources
from productdesc.records import Colour, Facts, Product

WHITE = ((Colour(name="white", hex="#ffffff", share=0.9),),)


def checked(
    text: str, title: str, seen: str, category: str = "", language: str = "en"
) -> CheckedText:
    return check(
        {"description": text},
        product=Product(title=title, attributes={"category": category}),
        facts=Facts(category=seen),
        measured=WHITE,
        language=language,
        prompts=(),
    )


def verdicts(text: str, title: str, seen: str, language: str = "en") -> Mapping[str, str]:
    """What each word for a kind is judged as: keep, infer or remove."""
    known = index_sources(Product(title=title), Facts(category=seen), WHITE, language)
    claims = find_claims(text, known, POLICY)
    return {text[c.start : c.end]: c.verdict for c in claims if c.code == "kind"}


def kind_findings(result: CheckedText) -> list[str]:
    return [f.code for f in result.findings if f.code in ("kind", "conflict-kind")]


@pytest.mark.parametrize("category", ["Furniture", "Photo", "housewares", "Sale", ""])
def test_a_broad_category_leaves_the_kind_to_the_title(category: str) -> None:
    text = "Comfy Padded Chair is a t-shirt."
    result = checked(text, "Comfy Padded Chair", "other product", category)
    assert kind_findings(result) == ["conflict-kind"]
    assert result.category == (category or "chair")
    result = checked(text, "Comfy Padded Chair", "chair", category)
    assert (result.texts["description"], kind_findings(result)) == ("", ["kind"])


def test_a_category_of_a_kind_is_asked_before_the_title() -> None:
    result = checked("A lamp for the hall.", "Oslo table", "lamp", "Lamps")
    assert kind_findings(result) == []


def test_a_broad_category_names_the_kind_where_the_title_names_none() -> None:
    assert verdicts("A chair.", "Oslo", "other product") == {"chair": "infer"}
    result = checked("Oslo is a t-shirt.", "Oslo", "other product", "Furniture")
    assert kind_findings(result) == ["conflict-kind"]
    assert kind_findings(checked("A chair.", "Oslo", "chair", "Furniture")) == []


@pytest.mark.parametrize(
    ("title", "seen", "against"),
    [
        ("Dance Jacket", "outerwear", ["kind"]),
        ("Dance Jacket", "other product", ["conflict-kind"]),
        ("Nordwind", "outerwear", ["conflict-kind"]),
        ("Nordwind", "other product", []),
        ("Dance Jacket", "vegetable", ["kind"]),
    ],
)
def test_a_kind_against_data_and_photo_goes_and_against_one_is_told(
    title: str, seen: str, against: list[str]
) -> None:
    result = checked("It is a vegetable.", title, seen)
    assert kind_findings(result) == against
    assert result.texts["description"] == (
        "" if "kind" in against else "It is a vegetable."
    )


def test_a_kind_that_is_told_stays_and_is_marked_inferred() -> None:
    result = checked("A slim bracelet.", "Silver ring", "jewellery")
    [evidence] = [e for e in result.evidence["description"] if e.kind == "claim"]
    assert (evidence.value, str(evidence)) == ("bracelet", "inferred")
    [finding] = [f for f in result.findings if f.code == "conflict-kind"]
    assert 'title says "Silver ring"' in finding.message and finding.severity == "warning"
    [finding] = checked("A jug.", "Nordwind", "outerwear").findings
    assert 'photo shows "outerwear"' in finding.message


JEWELLERY = (
    *("ring", "bracelet", "necklace", "pair of earrings", "brooch", "anklet"),
    *("pair of cufflinks", "watch"),
)


@pytest.mark.parametrize("own", JEWELLERY)
@pytest.mark.parametrize("other", JEWELLERY)
def test_kinds_of_jewellery_are_apart(own: str, other: str) -> None:
    title, text = f"Silver {own.split()[-1]}", f"This is a {other}."
    found = verdicts(text, title, "jewellery" if own != "watch" else "watch")
    if own == other:
        assert set(found.values()) == {"keep"}
    else:
        assert not {"keep"} & set(found.values())
    [verdict] = verdicts(text, title, own.split()[-1]).values()
    assert verdict == ("keep" if own == other else "remove")


def test_a_group_is_borne_out_by_each_of_its_kinds_and_not_the_other_way_round() -> None:
    assert verdicts("A piece of jewellery.", "", "ring") == {"jewellery": "keep"}
    assert verdicts("A ring.", "", "jewellery") == {"ring": "infer"}


# language, title, seen -> sentences that call it something else, and that do not
CASES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "en", "Nordwind rain jacket", "outerwear",
        ("The jacket is a vegetable.", "This lamp is bright.", "Our vase fits any room.",
         "A slim ring for every day.", "Chair with arms", "It is a shampoo.",
         "It's a drill.",
         "Kind: sofa", "These shoes fit well.", "Soft cotton t-shirt", "Lipstick in rose"),
        ("The jacket pocket closes.", "Goes with jeans.", "Wear it over a dress.",
         "Room for your phone and wallet.", "The belt sits at the waist.", "Watch it dry.",
         "Keeps books dry.", "Warm as a blanket.", "Unlike a sweater, it blocks wind.",
         "It suits a desk job.", "Dress up any outfit.", "You can run, bike or swim in it.",
         "A coat for winter.", "Bag not included.", "For school, the car or the office.",
         "A must for your wardrobe.", "Fits in any backpack.", "It is no blanket.",
         "Looks like a shirt."),
    ),
    (
        "de", "Regenjacke Nordwind", "outerwear",
        ("Die Jacke ist ein Gemüse.", "Das ist ein Armband.", "Diese Lampe leuchtet.",
         "Ein Sommerkleid für warme Tage.", "Ein bequemer Bürostuhl.", "Kleine Vase",
         "Unser Sofa passt überall.", "Ein Shampoo für jeden Tag."),
        ("Die Jackentasche schließt.", "Passt zu Jeans und T-Shirt.", "Für dein Handy.",
         "Der Gürtel sitzt an der Taille.", "Warm wie eine Decke.", "Kein Kleid.",
         "Der Stoff der Jacke ist weich.", "Passt in jeden Rucksack.", "Das ist praktisch.",
         "Ein Mantel für den Regen.", "Sie trocknet auf dem Kleiderbügel."),
    ),
    (
        "fr", "Veste de pluie Nordwind", "outerwear",
        ("La veste est un légume.", "C'est un bracelet.", "Cette lampe éclaire bien.",
         "Une robe d'été légère.", "Chaise avec accoudoirs", "L'écharpe est douce.",
         "Voici la bague.", "Un petit vase pour vos fleurs."),
        ("La poche de la veste ferme.", "Se porte avec un jean.", "Pour votre téléphone.",
         "La ceinture se noue.", "Chaude comme une couverture.", "Sans manteau ni écharpe.",
         "Un manteau pour la pluie.", "Les lacets de chaussures.", "Accompagne une robe."),
    ),
    (
        "es", "Chaqueta impermeable Norte", "outerwear",
        ("La chaqueta es una verdura.", "Es una pulsera.", "Esta lámpara ilumina bien.",
         "Un vestido ligero de verano.", "Silla con brazos", "Son unos zapatos."),
        ("El bolsillo de la chaqueta.", "Combina con vaqueros.", "Para tu teléfono.",
         "El cinturón se ata.", "Cálida como una manta.", "Sin abrigo ni bufanda.",
         "Un abrigo para la lluvia.", "Cabe en la mochila."),
    ),
    (
        "it", "Giacca antipioggia Nord", "outerwear",
        ("La giacca è una verdura.", "È un braccialetto.", "Questa lampada illumina.",
         "Un vestito leggero.", "Sedia con braccioli", "L'orologio è elegante."),
        ("La tasca della giacca si chiude.", "Si abbina a jeans e maglietta.",
         "Spazio per il tuo telefono.", "La cintura si lega.", "Calda come una coperta.",
         "Un cappotto per la pioggia.", "Senza cappotto né sciarpa.", "Entra nello zaino."),
    ),
    (
        "en", "Slim phone case", "other product", ("A bicycle.",),
        ("A case for your phone.", "The phone case fits.", "Fits most phones."),
    ),
    (
        "de", "Schuhregal Eiche", "shelf", ("Diese Schuhe sind weich.",),
        ("Ein Schuhregal für die Diele.", "Platz für Schuhe.", "Das Regal fasst viel."),
    ),
    (
        "en", "Coffee mug", "drinkware", ("A plate for the table.", "This vase is big."),
        ("Coffee tastes great from it.", "Your tea stays warm.", "This cup holds tea."),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "title", "seen", "text"),
    [(lang, title, seen, t) for lang, title, seen, false, _ in CASES for t in false],
)
def test_a_product_that_is_called_another_kind_is_found(
    language: str, title: str, seen: str, text: str
) -> None:
    result = checked(text, title, seen, language=language)
    assert kind_findings(result) in (["kind"], ["conflict-kind"])
    if seen != "other product":
        assert "remove" in verdicts(text, title, seen, language).values()


@pytest.mark.parametrize(
    ("language", "title", "seen", "text"),
    [(lang, title, seen, t) for lang, title, seen, _, true in CASES for t in true],
)
def test_a_thing_beside_the_product_and_a_part_of_it_are_no_kind_of_it(
    language: str, title: str, seen: str, text: str
) -> None:
    assert "remove" not in verdicts(text, title, seen, language).values()
    assert kind_findings(checked(text, title, seen, language=language)) == []


@pytest.mark.parametrize(
    ("text", "language", "is_said"),
    [
        ("A stylish mirror for the hall.", "en", True),
        ("A mirror.", "en", True),
        ("A mirror inside the lid.", "en", False),
        ("The mirror folds away.", "en", False),
        ("Mirror in the lid", "en", False),
        ("It is a mirror.", "en", True),
        ("Un miroir élégant.", "fr", True),
        ("Un miroir dans le couvercle.", "fr", False),
        ("Ein Spiegel für den Flur.", "de", True),
        ("Un espejo en la tapa.", "es", False),
        ("Uno specchio per l'ingresso.", "it", True),
    ],
)
def test_a_word_for_a_detail_is_the_product_only_where_nothing_else_is_meant(
    text: str, language: str, is_said: bool
) -> None:
    found = verdicts(text, "Travel bag", "bag", language)
    assert ("remove" in found.values()) is is_said


def test_a_word_in_a_title_that_is_only_what_it_is_for_vouches_for_nothing() -> None:
    assert verdicts("This phone is slim.", "Phone case", "other product") == {
        "phone": "infer"
    }
    title = "Rain jacket with hat"
    assert verdicts("The hat is lined.", title, "outerwear") == {"hat": "keep"}
