"""Fallback texts name product types and colours in the language that is asked for."""

from __future__ import annotations

import pytest

from productdesc.checks import compose
from productdesc.checks.check import check
from productdesc.records import Colour, Facts, Product
from productdesc.taxonomy import OTHER, product_types, settled_kind
from productdesc.words import word_tables
from productdesc.words.colour_forms import shade_forms
from productdesc.words.word_tables import ProductType
from productdesc.words.writing.copy_tables import COPY_LANGUAGES
from productdesc.words.writing.nouns import noun
from productdesc.words.writing.written_attribute import written_attribute

ACME = Product(attributes={"brand": "Acme"})
FIELDS = ("title", "bullets", "description", "seo_title", "alt_texts", "tags")
NAVY = (Colour(name="navy", hex="#14204a", share=0.8),)


def test_german_copy_of_a_backpack_says_rucksack() -> None:
    text = compose(
        "description", product=ACME, facts=Facts(category="backpack"), language="de"
    )
    assert text == "Rucksack von Acme."


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
    [
        *(("de", "marineblau"), ("fr", "bleu marine"), ("es", "azul marino")),
        *(("it", "blu navy"), ("nl", "blauw")),
    ],
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
        ("Canvas shoes, see www.shop.example/x", "Vendora Shoes"),
        ("<|im_end|>", "Vendora Shoes"),
    ],
)
def test_no_markup_or_contact_data_of_a_title_is_taken_over(title: str, name: str) -> None:
    product = Product(title=title, attributes={"brand": "Vendora"})
    assert compose("title", product=product, facts=Facts(category="shoes")) == name


# ---- wording, by language ---------------------------------------------------------------

WHITE = (Colour(name="white", hex="#ffffff", share=0.8),)
BLACK = (Colour(name="black", hex="#000000", share=0.8),)
RED = (Colour(name="red", hex="#cc1010", share=0.8),)


@pytest.mark.parametrize(
    ("language", "title", "description"),
    [
        ("en", "Vendora White Trainers", "White trainers by Vendora."),
        ("de", "Vendora Sneaker, weiß", "Weiße Sneaker von Vendora."),
        ("fr", "Baskets blanches Vendora", "Baskets blanches de la marque Vendora."),
        ("es", "Zapatillas blancas Vendora", "Zapatillas blancas de la marca Vendora."),
        ("it", "Sneakers bianche Vendora", "Sneakers bianche del marchio Vendora."),
    ],
)
def test_a_product_is_named_in_the_order_of_the_language(
    language: str, title: str, description: str
) -> None:
    product = Product(
        attributes={"brand": "Vendora", "colour": "white", "type": "trainers"}
    )
    given = {"product": product, "facts": Facts(category="shoes"), "language": language}
    assert compose("title", **given) == title
    assert compose("description", **given) == description


@pytest.mark.parametrize(
    ("language", "kind", "colour", "text"),
    [
        ("en", "dress", "orange", "The photo shows an orange dress."),
        ("en", "outerwear", "black", "The photo shows black outerwear."),
        ("en", "umbrella", "black", "The photo shows a black umbrella."),
        ("de", "backpack", "black", "Das Foto zeigt einen schwarzen Rucksack."),
        ("de", "dress", "black", "Das Foto zeigt ein schwarzes Kleid."),
        ("de", "bag", "black", "Das Foto zeigt eine schwarze Tasche."),
        ("de", "jewellery", "black", "Das Foto zeigt schwarzen Schmuck."),
        ("de", "shoes", "white", "Das Foto zeigt weiße Schuhe."),
        ("de", "dress", "pink", "Das Foto zeigt ein rosa Kleid."),
        ("de", "shoes", "orange", "Das Foto zeigt orangefarbene Schuhe."),
        ("fr", "shoes", "white", "La photo présente des chaussures blanches."),
        ("fr", "dress", "brown", "La photo présente une robe marron."),
        ("fr", "tableware", "white", "La photo présente de la vaisselle blanche."),
        ("fr", "milk", "white", "La photo présente du lait blanc."),
        ("es", "sandals", "red", "La foto muestra unas sandalias rojas."),
        ("es", "underwear", "black", "La foto muestra ropa interior negra."),
        ("it", "backpack", "black", "La foto mostra uno zaino nero."),
        ("it", "umbrella", "black", "La foto mostra un ombrello nero."),
        ("it", "boots", "black", "La foto mostra degli stivali neri."),
        ("it", "gloves", "blue", "La foto mostra dei guanti blu."),
        ("it", "shoes", "white", "La foto mostra delle scarpe bianche."),
    ],
)
def test_articles_and_colours_agree_with_the_noun(
    language: str, kind: str, colour: str, text: str
) -> None:
    measured = ((Colour(name=colour, hex="#000000", share=0.8),),)
    facts = Facts(category=kind)
    given = {"product": Product(), "facts": facts, "language": language}
    assert compose("description", **given, measured=measured) == text


def test_a_photo_alone_says_little_and_each_photo_its_own_colour() -> None:
    given = {"product": Product(), "facts": Facts(category="shoes")}
    measured = (NAVY, RED, RED)
    texts = {f: compose(f, **given, measured=measured, photos=3) for f in FIELDS}
    assert texts["title"] == "Navy Shoes"
    assert texts["bullets"] == ("Type: shoes", "Colour on the photo: navy")
    assert texts["alt_texts"] == (
        "Photo of navy shoes",
        "Photo of red shoes",
        "Photo of red shoes (view 3)",
    )
    nothing = Facts(category=OTHER)
    text = compose("description", product=Product(), facts=nothing, measured=measured)
    assert text == "Main colour on the photo: navy."


def test_a_merchants_title_is_the_title_and_no_guess_stands_beside_it() -> None:
    product = Product(title="Gold Anchor Bracelet", attributes={"brand": "Acme"})
    given = {"product": product, "facts": Facts(category="milk"), "measured": (WHITE,)}
    assert compose("title", **given) == "Gold Anchor Bracelet"
    assert compose("description", **given) == "Gold Anchor Bracelet by Acme."
    assert compose("seo_title", **given) == "Gold Anchor Bracelet – Acme"
    assert compose("alt_texts", **given) == ("Photo of Gold Anchor Bracelet",)
    assert not {"milk", "white"} & {*compose("tags", **given)}


def test_two_spellings_of_a_colour_are_one_alt_text() -> None:
    product = Product(attributes={"colour": "Gray", "type": "Shorts"})
    grey = (Colour(name="grey", hex="#808080", share=0.8),)
    given = {"product": product, "facts": Facts(category="shorts"), "photos": 2}
    texts = compose("alt_texts", **given, measured=(grey, BLACK))
    assert texts == ("Photo of grey shorts", "Photo of gray shorts (view 2)")


def test_a_photos_colour_is_left_out_where_the_data_names_another() -> None:
    product = Product(title="Runner", attributes={"colour": "black"})
    given = {"product": product, "facts": Facts(category="shoes"), "photos": 2}
    texts = compose("alt_texts", **given, measured=(BLACK, WHITE))
    assert texts == ("Photo of Runner, black", "Photo of Runner")


# ---- every fact once, as people write it ------------------------------------------------


@pytest.mark.parametrize(
    ("language", "name", "value", "sentence"),
    [
        ("en", "weight_g", "300", "Weight: 300 g"),
        ("de", "weight_kg", "0.75", "Gewicht: 0,75 kg"),
        ("fr", "length (cm)", "30", "Longueur : 30 cm"),
        ("es", "screen_size_inch", "15.6", "Tamaño de pantalla: 15,6 pulgadas"),
        ("en", "vitamin_c", "80", "Vitamin c: 80"),  # no degrees
        ("en", "made_in", "Italy", "Country of origin: Italy"),
        ("en", "gender", "F", "For women"),
        ("de", "Geschlecht", "M", "Für Herren"),
        ("fr", "gender", "unisex", "Unisexe"),
        ("it", "gender", "Women, Men", "Per donna e uomo"),
        ("en", "waterproof", "true", "Waterproof"),
        ("de", "is_waterproof", "1", "Wasserdicht"),
        ("es", "waterproof", "no", "Impermeable: no"),
        ("en", "pockets", "1", "Pockets: 1"),
        ("de", "country_of_origin", "CN", "Herkunftsland: China"),
        ("fr", "material", "80% cotton, 20% elastane", None),
        ("de", "material", "Cotton, Zorbex", "Material: Baumwolle, Zorbex"),
        ("en", "Farbe", "schwarz", "Colour: black"),
        ("en", "color", "Gray", "Colour: Gray"),
        ("de", "color", "Galaxy Blue", "Farbe: Galaxy Blue"),
        ("it", "careInstructions", "Lavare a mano.", "Cura: Lavare a mano"),
        ("de", "pa_material", "Leather", "Material: Leder"),
        ("en", "custom.fabric", '["Wool", "Silk"]', "Material: Wool, Silk"),
        ("en", "category", "Men > Tops > Tees", "Category: Tees"),
        ("en", "fabric", "<b>Wool</b> &amp; silk", "Material: Wool & silk"),
        ("en", "plant_type", "Succulent", "Plant type: Succulent"),
        ("de", "thread type", "fine", "Thread type: fine"),  # nobody's word but the shop's
        ("en", "vendor", "Acme", "Brand: Acme"),
        ("en", "material", "100% COTTON", "Material: 100% cotton"),
        ("en", "type", "TOWEL", "Type: towel"),
        ("en", "material", "MDF", "Material: MDF"),
        ("en", "colour", "BLK", "Colour: black"),
        ("es", "colour", "natural", "Color: natural"),
        ("de", "colour", "Sage", "Farbe: salbeigrün"),
        ("en", "material", "<span class='x'>Wool</span>, silk", "Material: Wool, silk"),
        ("en", "care", "<p>Wash <i>cold</i>.</p><p>Dry.</p>", "Care: Wash cold. Dry"),
        ("en", "sizes", "S,M,XL", "Size: S, M, XL"),
        ("de", "storage", "128 GB", "Speicherplatz: 128 GB"),
        ("de", "storage", "Cool and dry", "Aufbewahrung: Cool and dry"),
        ("de", "bpa_free", "true", "BPA free: ja"),
        ("fr", "category", "Home & Garden", "Catégorie : maison et jardin"),
        ("it", "department", "Women", "Per donna"),
        ("de", "category", "Apparel", "Kategorie: Bekleidung"),
        ("en", "category", "Apparel", "Category: Apparel"),
        ("es", "neckline", "crew neck", "Escote: redondo"),
        ("it", "sleeveLength", "Long sleeve", "Lunghezza maniche: lunghe"),
        ("en", "handle_material", "wood", "Handle material: wood"),
        ("en", "active ingredient", "zinc", "Active ingredient: zinc"),
        ("en", "energy_rating", "A", "Energy class: A"),
        ("en", "bullet_1", "holds 300 ml", "Holds 300 ml"),
        ("de", "Feature 2", "spülmaschinenfest", "Spülmaschinenfest"),
        ("fr", "material_2", "wool", "Matière : laine"),
        ("en", "FRAME SHAPE", "round", "Frame shape: round"),
        ("en", "UV PROTECTION", "UV400", "UV protection: UV400"),
        ("de", "type", "hat, cap", "Art: Kopfbedeckung, Kappe"),
        ("en", "colour", "Multi", "Colour: multicolour"),
        (
            "en",
            "specs",
            "<table><tr><th>Top</th><td>oak</td></tr><tr><td>Leg</td><td>ash</td></tr>",
            "Specs: Top: oak, Leg: ash",
        ),
    ],
)
def test_an_attribute_is_written_as_people_write_it(
    language: str, name: str, value: str, sentence: str | None
) -> None:
    written = written_attribute(name, value, language)
    expected = sentence or "Matière : 80 % coton, 20 % élasthanne"
    assert written is not None and written.sentence == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("price", "12"), ("SKU", "A-1"), ("gtin13", "4006381333931"), ("Preis", "12")),
        *(("stock_quantity", "4"), ("quantity", "4"), ("url", "x"), ("created_at", "x")),
        *(("handle", "red-mug"), ("vendor_code", "V-9"), ("style number", "12345")),
        *(("colour", "#ff0000"), ("Farbe", "7"), ("position", "3"), ("sort_order", "1")),
        *(("image link", "x"), ("tax_class", "x"), ("lieferzeit", "3"), ("id", "7")),
        *(("material", "N/A"), ("brand", "-"), ("fit", "€12"), ("season", "2024-05-01")),
        *(("fit", "0f8fad5b-d9cb-469f-a165-70867728950e"), ("fit", '{"a": 1}')),
        *(("brand", "Generic"), ("Marke", "ohne Marke"), ("material", "Other")),
        *(("brand", "no"), ("style", "x" * 900), ("<b>", "x"), ("", "x")),
    ],
)
def test_the_shops_own_business_and_what_says_nothing_stay_out(
    name: str, value: str
) -> None:
    if name.startswith("gtin"):
        name = "gtin"
    assert written_attribute(name, value, "en") is None


def test_no_fact_is_said_twice_and_none_is_lost() -> None:
    product = Product(
        title="Black leather backpack",
        attributes={
            "colour": "black", "Farbe": "schwarz", "material": "leather",
            "lining": "leather", "size": "M", "brand": "Acme", "care": "Wipe. Dry.",
        },
    )  # fmt: skip
    text = compose("description", product=product, facts=Facts(category="shoes"))
    assert text == (
        "Black leather backpack by Acme. Size: M. Lining: leather. Care: Wipe. Dry."
    )


def test_a_unit_of_its_own_stands_with_its_number_and_a_bare_one_goes() -> None:
    product = Product(
        title="Kettle",
        attributes={
            "weight": "300", "weight_unit": "g", "height": "12", "Höhe (cm)": "12",
            "length_unit": "cm",
        },
    )  # fmt: skip
    text = compose("description", product=product, facts=Facts(category="kettle"))
    assert text == "Kettle. Height: 12 cm. Weight: 300 g."
    texts = {"description": text}
    given = {"product": product, "facts": Facts(category="kettle"), "measured": ()}
    assert check(texts, **given, language="en", prompts=()).texts == texts


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Acme Galaxy A5 Awesome Violet Smartphone"),
        ("de", "Acme Galaxy A5 Smartphone in Awesome Violet"),
        ("fr", "Smartphone Acme Galaxy A5 coloris Awesome Violet"),
        ("es", "Smartphone Acme Galaxy A5 color Awesome Violet"),
        ("it", "Smartphone Acme Galaxy A5 colore Awesome Violet"),
    ],
)
def test_a_title_has_the_model_and_a_colour_in_the_shops_words(
    language: str, title: str
) -> None:
    attributes = {"brand": "Acme", "model": "Galaxy A5", "colour": "Awesome Violet"}
    product = Product(attributes={**attributes, "type": "smartphone"})
    facts = Facts(category="phone")
    assert compose("title", product=product, facts=facts, language=language) == title


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"brand": "Acme Phones", "model": "Acme Phones X1"}, "Acme Phones X1 Phone"),
        ({"brand": "Acme", "model": "12345"}, "Acme Phone"),
        ({"brand": "Acme", "model": "10 x 20"}, "Acme Phone"),
        ({"brand": "Acme", "model": "the one that folds"}, "Acme Phone"),
        ({"brand": "12345", "model": "A very long name of a model of ours"}, "Phone"),
        ({"colour": "CN"}, "Phone"),
    ],
)
def test_only_what_is_a_name_stands_in_a_title(data: dict[str, str], title: str) -> None:
    product = Product(attributes=data)
    assert compose("title", product=product, facts=Facts(category="phone")) == title


def test_a_kind_that_no_table_has_is_not_lost_and_no_other_things_name_is_used() -> None:
    product = Product(attributes={"brand": "Acme", "type": "gin"})
    given = {"product": product, "facts": Facts(category="spirits"), "language": "de"}
    assert compose("title", **given) == "Acme Spirituose"
    assert compose("description", **given) == "Spirituose von Acme. Art: gin."


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"type": "kitchen"}, "Acme Produkt, weiß"),
        ({"type": "widget"}, "Acme widget, weiß"),
        ({"subcategory": "grooming", "category": "beauty"}, "Acme Produkt, weiß"),
        ({"subcategory": "shirt", "category": "apparel"}, "Acme Hemd, weiß"),
        ({"category": "Men/Tops/Jackets"}, "Acme Jacke, weiß"),
        ({"category": "Electronics/Computers"}, "Acme Produkt, weiß"),  # a cable
        ({"category": "Home & Garden/Furniture"}, "Acme Produkt, weiß"),
        ({"category": "Computers", "type": "laptop"}, "Acme Laptop, weiß"),
        ({"category": "Computers", "type": "computer"}, "Acme Computer, weiß"),
    ],
)
def test_a_part_of_a_shop_is_no_name_of_a_thing(data: dict[str, str], title: str) -> None:
    product = Product(attributes={"brand": "Acme", **data})
    kind = settled_kind(product, Facts(category=OTHER), "de").kind
    given = {"product": product, "facts": Facts(category=kind), "measured": (WHITE,)}
    assert compose("title", **given, language="de") == title
    tags = compose("tags", **given, language="de")
    assert len({tag.casefold() for tag in tags}) == len(tags)


@pytest.mark.parametrize(
    ("colour", "kind", "text"),
    [
        *(("white", "mug", "Photo of a white mug"), ("olive", "hat", "an olive hat")),
        *(("Ultra Violet", "hat", "an Ultra Violet hat"), ("", "milk", "Photo of milk")),
        *(("Unicorn Pink", "hat", "a Unicorn Pink hat"), ("Euro Blue", "hat", "a Euro")),
    ],
)
def test_an_english_caption_has_its_article(colour: str, kind: str, text: str) -> None:
    product = Product(attributes={"colour": colour})
    [alt] = compose("alt_texts", product=product, facts=Facts(category=kind))
    assert text in alt


def test_the_merchants_own_description_may_be_html() -> None:
    own = (
        "<p>This is a <b>soft</b> scarf, made for the cold.</p><ul><li>Made by us</li></ul>"
    )
    product = Product(title="<h1>Nice &amp; warm</h1>", description=own)
    given = {"product": product, "facts": Facts(category="scarf"), "measured": ()}
    texts = {name: compose(name, **given) for name in ("title", "description")}
    assert texts["title"] == "Nice & warm"
    assert texts["description"] == "This is a soft scarf, made for the cold. Made by us."
    checked = check(texts, **given, language="en", prompts=())
    assert checked.texts == texts
    assert {e.status for e in checked.evidence["description"]} == {"vouched"}


def test_a_long_title_is_cut_where_it_stands_beside_other_words() -> None:
    product = Product(title="The very long title of a thing " * 12)
    for text in compose("bullets", product=product, facts=Facts(category="tent")):
        assert len(text) <= 140


def test_the_merchants_own_description_is_kept_in_its_language() -> None:
    own = "The bag is made for the city. It costs €12. See www.shop.example."
    product = Product(title="City bag", description=own, attributes={"size": "M"})
    facts = Facts(category="bag")
    text = compose("description", product=product, facts=facts)
    assert text == "The bag is made for the city.\nSize: M."
    german = compose("description", product=product, facts=facts, language="de")
    assert german == "City bag. Größe: M."


@pytest.mark.parametrize("row", [r for r in word_tables.product_types() if not r.is_group])
def test_every_product_type_has_a_noun_of_the_same_name(row: ProductType) -> None:
    for language in COPY_LANGUAGES[1:]:
        listed = noun(row.name, language)
        assert listed and listed.name.casefold() == row.names[language].casefold()
        assert listed.gender or listed.number == "many" or " o" in listed.name


def test_every_finer_kind_has_a_noun() -> None:
    for row in word_tables.kinds():
        for language in COPY_LANGUAGES:
            listed = noun(row.name, language)
            assert listed is not None, row.name
            is_either = any(f" {word} " in listed.name for word in ("o", "ou"))
            assert listed.gender or listed.number == "many" or language == "en" or is_either


def test_every_measured_shade_has_its_forms() -> None:
    for shade in word_tables.colours().shades:
        row = shade_forms(shade.name)
        assert row is not None, shade.name
        for language in COPY_LANGUAGES[1:]:
            assert len(row.forms[language]) in (1, 4)
