"""Amounts, claims and denials in five languages, against data in another."""

from __future__ import annotations

import pytest

from productdesc.checks import POLICY
from productdesc.checks.claims.find import find_claims
from productdesc.checks.claims.sources import index_sources
from productdesc.checks.cleanup.label_lines import label_holds
from productdesc.records import Facts, Product

NOTHING = Facts(category="other product")
LOOKS = {"colour", "kind", "pattern", "visible"}
"""What a photo may show: not the matter of these tests."""


def verdicts(
    text: str, language: str, data: dict[str, str], title: str = ""
) -> dict[str, str]:
    """The claims of a text and what becomes of each."""
    known = index_sources(Product(title=title, attributes=data), NOTHING, (), language)
    found = find_claims(text, known, POLICY)
    return {text[c.start : c.end]: c.verdict for c in found if c.code not in LOOKS}


# ---- amounts -----------------------------------------------------------------------------

AMOUNTS = [  # language, text, data; whether the data says so
    ("en", "Holds half a litre", {"volume": "500 ml"}, True),
    ("en", "Holds half a litre", {"volume": "0.6 l"}, False),
    ("en", "Holds a quarter of a litre", {"volume": "250 ml"}, True),
    ("en", "Runs two and a half hours", {"runtime": "150 min"}, True),
    ("en", "It is 1 1/2 inches wide", {"width": "1.5 in"}, True),
    ("en", "It weighs 2½ kg", {"weight": "2.5 kg"}, True),
    ("en", "The cover lasts five years", {"warranty": "5 years"}, True),
    ("en", "The cover lasts five years", {"warranty": "3 years"}, False),
    ("en", "Forty-two tiles", {"tiles": "42"}, True),
    ("en", "Twelve tiles", {"tiles": "a dozen tiles"}, True),
    ("en", "One year of cover", {"warranty": "2 years"}, False),
    ("en", "It has one pocket", {"pockets": "3"}, False),
    ("en", "It has one pocket", {"pockets": "1"}, True),
    ("en", "Ready in 30 per cent less", {"note": "30% less"}, True),
    ("de", "Fasst einen halben Liter", {"volume": "500 ml"}, True),
    ("de", "Läuft anderthalb Stunden", {"runtime": "90 min"}, True),
    ("de", "Läuft zweieinhalb Stunden", {"runtime": "150 min"}, True),
    ("de", "Mit einundzwanzig Gängen", {"gears": "21"}, True),
    ("de", "Mit einundzwanzig Gängen", {"gears": "18"}, False),
    ("de", "Wiegt zweitausendfünfhundert Gramm", {"weight": "2.5 kg"}, True),
    ("de", "Ein Jahr Garantie", {"warranty": "12 months"}, True),
    ("de", "Ein Dutzend Eier", {"content": "12 Eier"}, True),
    ("de", "Im 6er-Pack", {"pack": "6"}, True),
    ("de", "12-teilig", {"pieces": "12"}, True),
    ("de", "12-teilig", {"pieces": "10"}, False),
    ("fr", "Contient un demi-litre", {"volume": "500 ml"}, True),
    ("fr", "Vingt-deux poches", {"pockets": "22"}, True),
    ("fr", "Quatre-vingt-dix-neuf pièces", {"pieces": "99"}, True),
    ("fr", "Deux heures et demie de lumière", {"runtime": "2.5 h"}, True),
    ("fr", "Garantie un an", {"warranty": "1 year"}, True),
    ("fr", "Neuf poches", {"pockets": "8"}, False),
    ("fr", "Une douzaine d'œufs", {"contenu": "12 œufs"}, True),
    ("es", "Contiene medio litro", {"volume": "500 ml"}, True),
    ("es", "Una docena de huevos", {"contenido": "12 huevos"}, True),
    ("es", "Treinta y dos piezas", {"pieces": "32"}, True),
    ("es", "Dos horas y media de luz", {"runtime": "150 min"}, True),
    ("es", "Pesa tres kilos", {"weight": "3000 g"}, True),
    ("it", "Contiene mezzo litro", {"volume": "500 ml"}, True),
    ("it", "Pesa cinquanta grammi", {"weight": "50 g"}, True),
    ("it", "Due ore e mezza di luce", {"runtime": "2,5 h"}, True),
    ("it", "Sei tasche", {"pockets": "6"}, True),
    ("it", "Sei tasche", {"pockets": "5"}, False),
    ("it", "Largo tre pollici", {"width": "3 in"}, True),
    ("it", "Mezz'ora di luce", {"runtime": "30 min"}, True),
    # separators, whose language nobody knows
    ("es", "Mide 2.000 mm", {"length": "2000 mm"}, True),
    ("fr", "Mesure 2 500 mm", {"length": "2500 mm"}, True),
    ("de", "Wiegt 2'000 g", {"weight": "2 kg"}, True),
    ("en", "It weighs 1,500 g", {"Gewicht": "1.5 kg"}, True),
    ("it", "Contiene 1,5 l", {"volume": "1.5 l"}, True),
    ("de", "Wiegt 1.234,5 g", {"weight": "1,234.5 g"}, True),
    ("fr", "Mesure 2 500 mm", {"length": "2600 mm"}, False),
    # units of all languages
    ("it", "80 per cento cotone", {"material": "80% cotton, 20% silk"}, True),
    ("es", "80 por ciento algodón", {"material": "80% cotton, 20% silk"}, True),
    ("fr", "80 pour cent coton", {"Material": "80 % Baumwolle"}, True),
    ("de", "20 Prozent Baumwolle", {"material": "80% cotton, 20% silk"}, False),
    ("es", "Caben dos litros", {"volume": "2 l"}, True),
    # ratings and degrees keep their number
    ("en", "Rated to 5 ATM", {"pressure": "5 ATM"}, True),
    ("en", "Rated to 10 bar", {"pressure": "10 ATM"}, True),
    ("en", "Rated to 10 ATM", {"pressure": "5 ATM"}, False),
    ("en", "SPF 30 cream", {"spf": "30"}, True),
    ("de", "Creme mit LSF 30", {"spf": "SPF 30"}, True),
    ("en", "SPF 50 cream", {"spf": "30"}, False),
    ("en", "UPF 50+ shirt", {"fabric": "UPF 50+"}, True),
    ("en", "An IP67 case", {"case": "IP67"}, True),
    ("en", "An IP 67 case", {"case": "IP67"}, True),
    ("en", "A 10K/10K shell", {"membrane": "10K/10K"}, True),
    ("en", "Down to -20 °C", {"range": "-20 °C to 40 °C"}, True),
    ("en", "Down to -20 °C", {"range": "20 °C"}, False),
    ("en", "Wash at 30 degrees", {"care": "30 °C"}, True),
    ("es", "A 20 grados", {"lavado": "20 °C"}, True),
    ("en", "In 4K", {"video": "4K"}, True),
    # what a number counts
    ("en", "Two batteries inside", {"battery": "2.0 Ah"}, False),
    ("en", "Two batteries inside", {"batteries": "2"}, True),
    ("de", "Drei Taschen", {"pockets": "3"}, True),
    ("de", "Drei Taschen", {"buttons": "3"}, False),
    ("en", "30 × 40 cm", {"size": "30 x 40 cm"}, True),
    ("it", "30 per 40 cm", {"size": "30 x 40 cm"}, True),
    ("en", "30 x 50 cm", {"size": "30 x 40 cm"}, False),
]


@pytest.mark.parametrize(("language", "text", "data", "is_true"), AMOUNTS)
def test_an_amount_is_what_the_data_says_in_any_language(
    language: str, text: str, data: dict[str, str], is_true: bool
) -> None:
    amounts = {
        words: verdict
        for words, verdict in verdicts(text, language, data).items()
        if words.casefold() not in ("garantie", "largo", "cotone", "algodón", "coton")
    }
    assert amounts, "no claim was found"
    wrong = [words for words, verdict in amounts.items() if verdict == "remove"]
    assert bool(wrong) != is_true, amounts


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This one is soft"), ("en", "A half-zip with a one-piece collar"),
        ("en", "2-in-1 on rainy days"), ("fr", "Un sac presque neuf"),
        ("fr", "Un jour à la mer"), ("fr", "Une robe de demi-saison"),
        ("de", "Ein Tag am Meer"), ("de", "Eine Idee für dich"),
        ("es", "Un día en la playa"), ("es", "Una idea con manga 3/4"),
        ("it", "Un giorno al mare"), ("it", "Sei pronta"), ("it", "In mezzo al prato"),
    ],
)  # fmt: skip
def test_an_article_and_a_name_with_a_number_count_nothing(
    language: str, text: str
) -> None:
    assert verdicts(text, language, {}) == {}


# ---- claims of each kind, in sentences that are no row of a table ------------------------

LIES = {
    "material": {
        "en": "The lining is pure cashmere.",
        "de": "Gefüttert mit echtem Lammfell.",
        "fr": "Une ceinture en cuir de vachette.",
        "es": "Forrada en seda natural.",
        "it": "Il manico è in legno di ulivo.",
    },
    "texture": {
        "en": "A quilted front of velvet.",
        "de": "Eine Front aus Samt.",
        "fr": "Une façade en velours.",
        "es": "Un frontal de terciopelo.",
        "it": "Un frontale in velluto.",
    },
    "origin": {
        "en": "Woven by hand in Peru.",
        "de": "In einer dänischen Werkstatt genäht.",
        "fr": "Tissée dans un atelier portugais.",
        "es": "Cosida en un taller japonés.",
        "it": "Cucita in un laboratorio francese.",
    },
    "certification": {
        "en": "It carries the TÜV mark and is fully accredited.",
        "de": "Mit Gütesiegel und vom TÜV geprüft.",
        "fr": "Un modèle homologué et breveté.",
        "es": "Con certificación oficial y diseño patentado.",
        "it": "Prodotto brevettato e certificato.",
    },
    "safety": {
        "en": "Its paint is free of harmful substances.",
        "de": "Die Farbe ist frei von Schadstoffen.",
        "fr": "Sa peinture est non toxique et sans danger.",
        "es": "Su pintura no es tóxica.",
        "it": "La vernice è atossica e sicura.",
    },
    "environment": {
        "en": "A planet-friendly pick.",
        "de": "Eine nachhaltige Wahl aus recycelten Flaschen.",
        "fr": "Un choix écoresponsable, entièrement recyclable.",
        "es": "Una elección sostenible, totalmente reciclable.",
        "it": "Una scelta sostenibile, completamente riciclabile.",
    },
    "organic": {
        "en": "Grown without pesticides.",
        "de": "Aus kontrolliert biologischem Anbau.",
        "fr": "Issue de l'agriculture biologique.",
        "es": "Procede de cultivo ecológico.",
        "it": "Da agricoltura biologica.",
    },
    "health": {
        "en": "It soothes pain and boosts your immunity.",
        "de": "Lindert Schmerzen und stärkt die Abwehrkräfte.",
        "fr": "Soulage les douleurs et renforce votre immunité.",
        "es": "Alivia el dolor y refuerza las defensas.",
        "it": "Allevia il dolore e rafforza le difese immunitarie.",
    },
    "performance": {
        "en": "The cloth wicks moisture and dries quickly.",
        "de": "Das atmungsaktive Gewebe ist wasserabweisend.",
        "fr": "Le tissu respirant sèche rapidement.",
        "es": "El tejido transpirable se seca rápidamente.",
        "it": "Il tessuto traspirante si asciuga in fretta.",
    },
    "durability": {
        "en": "Built to last.",
        "de": "Besonders langlebig und strapazierfähig.",
        "fr": "Un meuble robuste et durable.",
        "es": "Un mueble robusto y duradero.",
        "it": "Un mobile robusto e duraturo.",
    },
    "guarantee": {
        "en": "Money-back promise if you change your mind.",
        "de": "Mit lebenslanger Garantie.",
        "fr": "Satisfait ou remboursé pendant un mois.",
        "es": "Te devolvemos el dinero si no te gusta.",
        "it": "Soddisfatti o rimborsati.",
    },
    "superlative": {
        "en": "The finest chair on the market.",
        "de": "Der bequemste Stuhl der Welt.",
        "fr": "La chaise la plus confortable du monde.",
        "es": "La silla más cómoda del mundo.",
        "it": "La sedia più comoda del mondo.",
    },
    "promotion": {
        "en": "Order today while stocks last.",
        "de": "Jetzt bestellen, nur für kurze Zeit.",
        "fr": "Commandez vite, offre limitée.",
        "es": "Cómpralo ya, últimas unidades.",
        "it": "Acquista subito, ultimi pezzi.",
    },
    "audience": {
        "en": "Great for toddlers and their parents.",
        "de": "Für Kleinkinder und Babys.",
        "fr": "Pour les enfants et les nourrissons.",
        "es": "Para niños y bebés.",
        "it": "Per bambini e neonati.",
    },
    "wearer": {
        "en": "Cut for women.",
        "de": "Geschnitten für Damen.",
        "fr": "Coupe pour femme.",
        "es": "Corte para hombre.",
        "it": "Taglio da uomo.",
    },
    "size": {
        "en": "A king-size cushion.",
        "de": "Ein extragroßes Kissen.",
        "fr": "Un coussin extra large.",
        "es": "Un cojín extragrande.",
        "it": "Un cuscino extra large.",
    },
    "weight": {
        "en": "A featherlight shell.",
        "de": "Eine federleichte Hülle.",
        "fr": "Une coque ultralégère.",
        "es": "Una carcasa ultraligera.",
        "it": "Una scocca ultraleggera.",
    },
}


@pytest.mark.parametrize(
    ("code", "language", "text"),
    [(code, tongue, text) for code, row in LIES.items() for tongue, text in row.items()],
)
def test_a_claim_of_each_kind_is_found_in_each_language(
    code: str, language: str, text: str
) -> None:
    known = index_sources(Product(), NOTHING, (), language)
    found = [c for c in find_claims(text, known, POLICY) if c.code == code]
    assert found and not any(claim.verdict == "keep" for claim in found)


# ---- one thing in two languages ----------------------------------------------------------

TRUE = [
    ("it", "Prodotto in Cina.", {"Herkunft": "China"}),
    ("fr", "Un atelier chinois.", {"origin": "China"}),
    ("de", "Hergestellt in Italien.", {"country": "IT"}),
    ("es", "Hecho en Alemania.", {"Ursprungsland": "Deutschland"}),
    ("en", "Made in Portugal, in Europe.", {"origine": "Portugal"}),
    ("en", "made in china", {"origin": "China"}),
    ("it", "Viscosa morbida.", {"Material": "Viskose"}),
    ("en", "Soft cotton.", {"Material": "Baumwolle"}),
    ("de", "Merinowolle.", {"material": "merino wool"}),
    ("en", "A wool hat.", {"Material": "Merinowolle"}),
    ("es", "Bolso de piel.", {"material": "leather"}),
    ("en", "A leather bag.", {"material": "Piel"}),
    ("de", "Aus Wildleder.", {"material": "suede"}),
    ("en", "A leather shoe.", {"Obermaterial": "Wildleder"}),
    ("fr", "Bague en argent massif.", {"material": "sterling silver"}),
    ("en", "Dishwasher safe.", {"Pflege": "spülmaschinenfest"}),
    ("de", "Spülmaschinenfeste Tasse.", {"dishwasher safe": "yes"}),
    ("fr", "Passe au lave-vaisselle.", {"spülmaschinenfest": "ja"}),
    ("de", "Wasserdichte Jacke.", {"care": "waterproof"}),
    ("es", "Garantía.", {"warranty": "2 years"}),
    ("fr", "Élégance bio.", {"organic": "yes"}),
    ("fr", "Effet cuir.", {"material": "faux leather"}),
    ("it", "In finta pelle.", {"Material": "Kunstleder"}),
    ("en", "A leather-look bag.", {"Material": "Lederimitat"}),
    ("de", "In Lederoptik.", {"material": "imitation leather"}),
    ("fr", "Sans plastique.", {"material": "plastic-free"}),
    ("de", "Ohne Plastik.", {"note": "without plastic"}),
    ("de", "Nicht spülmaschinenfest.", {"care": "not dishwasher safe"}),
    ("es", "No apto para lavavajillas.", {"care": "not dishwasher safe"}),
]
FALSE = [
    ("it", "Prodotto in Cina.", {"Herkunft": "Italien"}),
    ("en", "Soft silk.", {"Material": "Baumwolle"}),
    ("en", "A suede bag.", {"Material": "Leder"}),
    ("en", "A leather bag.", {"Material": "Kunstleder"}),
    ("de", "Aus Leder.", {"material": "faux leather"}),
    ("fr", "En cuir.", {"Material": "Lederoptik"}),
    ("it", "In finta pelle.", {"material": "leather"}),
    ("es", "Bolso de piel.", {"material": "símil piel"}),
    ("de", "Spülmaschinenfest.", {"care": "not dishwasher safe"}),
    ("de", "Spülmaschinenfest.", {"dishwasher safe": "no"}),
    ("fr", "Imperméable.", {"wasserdicht": "nein"}),
    ("en", "Waterproof.", {"note": "nicht wasserdicht"}),
    ("en", "Waterproof.", {"note": "water-resistant"}),
    ("de", "Nicht wasserdicht.", {"note": "waterproof"}),
    ("fr", "Contient du plomb et du nickel, sans danger.", {"note": "free of lead"}),
    ("en", "Safe.", {"care": "dishwasher safe"}),
    ("en", "Lined with fur.", {"Hinweis": "für Damen"}),
    ("de", "Aus Leinen.", {"Form": "flach"}),
]


@pytest.mark.parametrize(("language", "text", "data"), TRUE)
def test_data_in_one_language_vouches_for_copy_in_another(
    language: str, text: str, data: dict[str, str]
) -> None:
    found = verdicts(text, language, data)
    assert found and set(found.values()) == {"keep"}, found


@pytest.mark.parametrize(("language", "text", "data"), FALSE)
def test_another_thing_or_its_denial_vouches_for_nothing(
    language: str, text: str, data: dict[str, str]
) -> None:
    found = verdicts(text, language, data)
    assert found and "keep" not in found.values(), found


@pytest.mark.parametrize(
    ("note", "text", "is_true"),
    [
        ("sans manches, imperméable", "Imperméable.", True),
        ("sans manches imperméable", "Imperméable.", True),
        ("sans aucun plastique", "Plastique.", False),
        ("without leather or plastic", "Plastic.", False),
        ("not only waterproof", "Waterproof.", True),
        ("nicht ganz wasserdicht", "Wasserdicht.", False),
        ("non è impermeabile", "Impermeabile.", False),
        ("libre de plomb", "Plomb.", None),
    ],
)
def test_a_negation_reaches_its_noun_and_no_further(
    note: str, text: str, is_true: bool | None
) -> None:
    for language in ("fr", "en", "de", "it"):
        kept = "keep" in verdicts(text, language, {"note": note}).values()
        assert not kept or is_true


def test_a_name_after_without_is_a_name() -> None:
    title = "Robe sans manches Éloïse"
    found = verdicts("Voici la robe Éloïse.", "fr", {}, title)
    assert found == {"Éloïse": "keep"}


# ---- labels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "data", "holds"),
    [
        ("Matière : coton", {"material": "cotton"}, True),
        ("Material: Baumwolle", {"fabric": "100% cotton"}, True),
        ("Materiale: seta", {"material": "cotton"}, False),
        ("Farbe: Rot", {"color": "red"}, True),
        ("Farbe: Rot", {"color": "blue"}, False),
        ("Peso: 2 kg", {"peso": "2000 g"}, True),
        ("Peso: 3 kg", {"peso": "2000 g"}, False),
        ("Größe: 42", {"size": "42"}, True),
        ("Taille : 44", {"size": "42"}, False),
        ("Garanzia: due anni", {"garanzia": "24 months"}, True),
        ("Herkunft: Italien", {"color": "red"}, False),
        ("Look: soft", {"color": "red"}, None),
    ],
)
def test_a_label_holds_what_its_attribute_says_in_any_language(
    line: str, data: dict[str, str], holds: bool | None
) -> None:
    language = "it" if "due" in line else "de"
    known = index_sources(Product(attributes=data), NOTHING, (), language)
    assert label_holds(line, known) is holds
