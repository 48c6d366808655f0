"""Composed copy passes the checks as it stands, whatever the merchant's data is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc.checks import compose
from productdesc.checks.check import TextChecker
from productdesc.colours import shades
from productdesc.records import Colour, Facts, Product, Seen
from productdesc.taxonomy import product_types
from productdesc.text.fold import fold
from productdesc.words.writing.copy_tables import COPY_LANGUAGES

FIELDS = (
    "title", "bullets", "description", "seo_title", "seo_description", "alt_texts", "tags",
)  # fmt: skip

NAMES = st.sampled_from(
    [
        "brand",
        "vendor",
        "colour",
        "color",
        "Farbe",
        "couleur",
        "material",
        "fabric",
        "Materialzusammensetzung",
        "size",
        "weight_g",
        "weight_kg",
        "length_cm",
        "Breite",
        "gender",
        "age_group",
        "pattern",
        "season",
        "care",
        "origin",
        "country_of_origin",
        "waterproof",
        "machine_washable",
        "is_vegan",
        "lining",
        "sole",
        "collection",
        "climate",
        "price",
        "sku",
        "gtin",
        "stock",
        "url",
        "created_at",
        "tax_class",
        "image",
        "pa_color",
        "custom.fit",
        "kind",
        "product_type",
        "category",
        "style",
        "features",
        "hood",
        "pockets",
        "model",
        "capacity_ml",
        "voltage_v",
        "filling",
        "volume_l",
        "dishwasherSafe",
        "sleeveLength",
        "power",
        "condition",
        "scent",
        "plant_type",
        "weight",
        "weight_unit",
        "handle_material",
        "storage",
        "neckline",
        "closure",
        "bpa_free",
        "bullet_1",
        "colour 2",
        "FRAME SHAPE",
    ]
)
VALUES = st.sampled_from(
    [
        *(
            "black",
            "White",
            "schwarz",
            "bleu marine",
            "Galaxy Blue",
            "black/white",
            "rosso",
        ),
        *("red, green, blue", "cotton", "80% cotton, 20% elastane", "Baumwolle", "cuir"),
        *("Leather", "yes", "no", "true", "1", "0", "F", "M", "unisex", "Women, Men"),
        *("42", "300", "0.75", "10 x 20", "M", "XL", "300 g", "12,5 cm", "CN", "DE", "USA"),
        *("solid", "Striped", "summer", "N/A", "unknown", "-", "trainers", "Sneaker"),
        *("robe", "running shoes", "Zorbex", "Zorbex & Söhne", "O'Neill", "Vendora Paris"),
        *("Galaxy A5", "BLK", "BLACK", "100% COTTON", "TRAINERS", "kg", "128 GB", "S,M,XL"),
        *("<span class='x'>Silk</span>, wool", "#ff0000", "apparel", "natural", "crew"),
        *("Machine wash cold. Do not bleach.", "two zip pockets and a hood", "new"),
        *(
            "Men/Tops/Hoodies & Sweatshirts",
            "light-bulb",
            "simple_caps",
            "https://a.example",
        ),
        *("a@shop.example", "<b>Wool</b>", "<script>x()</script>", "€12", "2024-05-01"),
        *('["Wool", "Silk"]', "Wool; Silk | Linen", "line one\nline two", "x" * 300),
        "A soft cloth that dries by itself. " * 20,
    ]
)
TITLES = st.sampled_from(
    [
        *("", "", "Black Leather Backpack", "Zorbex 3000 runner, size 42", "Robe d'été"),
        *("Chaz Kangeroo Hoodie", "Sac <b>noir</b>", "Mars HeatTech&trade; Pullover"),
        *("Gold Anchor Bracelet", "Schuh 100 % Leder", "Beard Oil - 50 ml (2 pack)"),
        "AmazonBasics LED light bulb, 6 W (40 W equivalent), soft white, very bright",
    ]
)
SHADES = st.sampled_from([shade.name for shade in shades()])
COLOURS = st.builds(
    lambda one, two, share: (
        Colour(name=one, hex="#000000", share=share),
        Colour(name=two, hex="#ffffff", share=1 - share),
    ),
    SHADES,
    SHADES,
    st.sampled_from([0.3, 0.5, 0.8]),
)
PRODUCTS = st.builds(
    Product,
    title=TITLES,
    attributes=st.dictionaries(NAMES, VALUES, max_size=9),
    description=st.sampled_from(
        ["", "The bag is made for the city and has two pockets. Relaxed fit.", "Una falda."]
    ),
)
FACTS = st.builds(
    lambda kind, seen: Facts(category=kind, attributes=seen),
    st.sampled_from([*product_types(), "other product"]),
    st.sampled_from(
        [{}, {"colour": Seen(value="red")}, {"pattern": Seen(value="striped")}]
    ),
)


def composed(
    product: Product, facts: Facts, measured: tuple[tuple[Colour, ...], ...], language: str
) -> dict[str, str | tuple[str, ...]]:
    checker = TextChecker.of(
        product=product, facts=facts, measured=measured, language=language, prompts=()
    )
    kind = facts.model_copy(update={"category": checker.known.kinds.settled.kind})
    return {
        field: compose(
            field,
            product=product,
            facts=kind,
            language=language,
            measured=measured,
            photos=len(measured),
        )
        for field in FIELDS
    }


@pytest.mark.parametrize("language", COPY_LANGUAGES)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(product=PRODUCTS, facts=FACTS, measured=st.lists(COLOURS, min_size=1, max_size=3))
def test_every_sentence_of_composed_copy_is_vouched_for(
    language: str, product: Product, facts: Facts, measured: list[tuple[Colour, ...]]
) -> None:
    photos = tuple(measured)
    texts = composed(product, facts, photos, language)
    checker = TextChecker.of(
        product=product, facts=facts, measured=photos, language=language, prompts=()
    )
    checked = checker.check(texts)
    assert checked.texts == texts, checked.findings
    open_ = [
        (field, one.value)
        for field in FIELDS
        for one in checked.evidence[field]
        if one.kind == "sentence" and one.status != "vouched"
    ]
    assert all(_is_spare(value) for _, value in open_), open_


def _is_spare(value: str) -> bool:
    """What stands in a list where nothing is known: it claims nothing."""
    words = "product produkt produit producto prodotto no further details keine weiteren"
    words += " angaben pas d'autres détails sin más detalles nessun altro dettaglio"
    return all(word in words.split() for word in re.findall(r"[\w']+", value.casefold()))


@pytest.mark.parametrize("language", COPY_LANGUAGES)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(product=PRODUCTS, facts=FACTS, measured=st.lists(COLOURS, max_size=2))
def test_no_two_composed_fields_or_entries_say_the_same(
    language: str, product: Product, facts: Facts, measured: list[tuple[Colour, ...]]
) -> None:
    texts = composed(product, facts, tuple(measured), language)
    whole = [fold(text) for text in texts.values() if isinstance(text, str)]
    assert len(set(whole)) == len(whole), texts
    assert all(whole)
    for field in ("bullets", "alt_texts", "tags"):
        entries = texts[field]
        assert len({fold(entry) for entry in entries}) == len(entries), entries
        assert all(entries) and (field == "alt_texts" or len(entries) >= 2)
    joined = " ".join([*whole, *texts["bullets"], *texts["tags"]])
    for never in ("<", "example", "€", "script", "2024-05", "  "):
        assert never not in joined, never
    assert texts == composed(product, facts, tuple(measured), language)
