"""What a sentence may say of a product with variants, in five languages."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest

from productdesc.checks import CheckedText, compose
from productdesc.checks.check import check
from productdesc.prompts import Templates
from productdesc.records import Colour, Facts, Product, Seen, Variant

COLOURS = {"Colour": ("Black", "Navy", "Red", "Forest Green", "White")}
SHIRT = {"Size": ("S", "M", "L", "XL"), "Material": ("Cotton", "Linen")}
LAPTOP = {"screen size": ("13 inch", "15 inch"), "RAM": ("8GB", "16GB")}
SHOE = {"size": ("Size 40", "Size 42", "Size 44")}
BLACK = (Colour("black", "#101010", 0.8),)


def product(
    options: Mapping[str, Sequence[str]],
    title: str = "Canvas Deluxe",
    photos: Mapping[str, int] | None = None,
    **attributes: str,
) -> Product:
    """A product in every combination of its options."""
    return Product(
        id="1",
        title=title,
        attributes=attributes or {name: ", ".join(v) for name, v in options.items()},
        variants=[
            Variant(options=dict(zip(options, values, strict=True)),
                    photo=(photos or {}).get(values[0]))
            for values in itertools.product(*options.values())
        ],
    )  # fmt: skip


def checked(
    of: Product,
    language: str = "en",
    photos: int = 1,
    kind: str = "mug",
    **texts: str | tuple[str, ...],
) -> CheckedText:
    return check(
        texts,
        product=of,
        facts=Facts(category=kind, attributes={"colour": Seen(value="black")}),
        measured=[BLACK] * photos,
        language=language,
        prompts=[],
    )


def left(of: Product, text: str, language: str = "en", kind: str = "mug") -> str:
    result = checked(of, language, kind=kind, description=text)
    if result.texts["description"] != text:
        assert {f.code for f in result.findings} & {"one-variant", "number"}
    return str(result.texts["description"])


FALSE = {
    "en": (
        "A black mug for every day.", "This mug is black.", "It comes in black.",
        "Available in black and navy.", "Colour: black.", "Black", "Jet-black mug.",
        "A deep black finish.", "Your black companion.", "A charcoal mug.",
        "In three colours.", "Photo album in black.",
    ),
    "de": (
        "Ein schwarzer Becher für jeden Tag.", "Der Becher ist schwarz.",
        "Erhältlich in Schwarz.", "Farbe: Schwarz.", "Schwarzfarbener Becher.",
        "Sie ist dunkelblau.",
    ),
    "fr": (
        "Une tasse noire pour tous les jours.", "La tasse est noire.",
        "Disponible en noir.", "Couleur : noir.", "Un noir profond.",
    ),
    "es": (
        "Una taza negra para cada día.", "La taza es negra.", "Disponible en negro.",
        "Taza de color negro.",
    ),
    "it": (
        "Una tazza nera per ogni giorno.", "La tazza è nera.", "Disponibile in nero.",
        "Tazza di colore nero.",
    ),
}  # fmt: skip
TRUE = {
    "en": (
        "It comes in black, navy, red, forest green and white.", "In five colours.",
        "Choose from 5 colours.", "The black one is for evenings.",
        "The version in navy suits offices.", "A mug with a black handle.",
        "Looks good on a white wall.", "In colours such as black and navy.",
        "Shown in black.", "Pick your favourite colour.", "Pairs well with black jeans.",
        "Colour on the photo: black.",
    ),
    "de": (
        "In Schwarz, Marineblau, Rot, Waldgrün und Weiß.",
        "Die Tasse gibt es in fünf Farben.",
        "Die schwarze Variante passt zu allem.", "Mit schwarzem Henkel.",
        "In Farben wie etwa Schwarz und Rot.", "Vor weißer Wand ein Blickfang.",
    ),
    "fr": (
        "Disponible en noir, bleu marine, rouge, vert forêt et blanc.",
        "Elle existe en cinq coloris.", "La version noire va avec tout.",
        "Celle en noir est élégante.", "Avec une anse noire.",
    ),
    "es": (
        "Disponible en cinco colores.", "La versión negra combina con todo.",
        "Con asa negra.", "En colores como negro y rojo.",
    ),
    "it": (
        "Disponibile in cinque colori.", "La versione nera sta bene con tutto.",
        "Quella nera è elegante.", "Con manico nero.",
    ),
}  # fmt: skip


def cases(table: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts]


WORDS = ("black", "charcoal", "three", "schwarz", "dunkelblau", "noir", "negr", "ner")


@pytest.mark.parametrize(("language", "text"), cases(FALSE))
def test_one_colour_is_said_of_no_product_in_five(language: str, text: str) -> None:
    rest = left(product(COLOURS), text, language).casefold()
    assert not any(word in rest for word in WORDS), rest


@pytest.mark.parametrize(("language", "text"), cases(TRUE))
def test_what_is_true_of_five_colours_stays(language: str, text: str) -> None:
    assert left(product(COLOURS), text, language) == text


@pytest.mark.parametrize(("language", "text"), [c for c in cases(FALSE) if "three" not in
                                                c[1] and "album" not in c[1]])  # fmt: skip
def test_the_only_colour_is_the_products(language: str, text: str) -> None:
    colour = "Charcoal" if "charcoal" in text else "Black"
    colour = "Navy" if "dunkelblau" in text else colour
    for options in ({"Colour": (colour,)}, {"Colour": (colour,), "Size": ("S", "M")}):
        of = product(options)
        result = checked(of, language, description=text)
        assert "one-variant" not in {f.code for f in result.findings}
        plain = of.model_copy(update={"variants": ()})
        assert result.texts == checked(plain, language, description=text).texts


@pytest.mark.parametrize(
    ("options", "kind", "text", "stays"),
    [
        (SHIRT, "shirt", "A linen shirt.", False),
        (SHIRT, "shirt", "Made of linen.", False),
        (SHIRT, "shirt", "Pure cotton comfort.", False),
        (SHIRT, "shirt", "Made of cotton or linen.", True),
        (SHIRT, "shirt", "The linen version is cooler.", True),
        (SHIRT, "shirt", "Size: M", False),
        (SHIRT, "shirt", "A shirt in size L.", False),
        (SHIRT, "shirt", "In sizes S to XL.", True),
        (SHIRT, "shirt", "In S, M, L and XL.", True),
        (SHIRT, "shirt", "Available in 4 sizes and two materials.", True),
        (LAPTOP, "laptop", "A 13 inch laptop.", False),
        (LAPTOP, "laptop", "With 8GB of memory.", False),
        (LAPTOP, "laptop", "16 GB RAM.", False),
        (LAPTOP, "laptop", "8GB or 16GB.", True),
        (LAPTOP, "laptop", "The 15 inch model has more room.", True),
        (SHOE, "shoes", "In size 42.", False),
        (SHOE, "shoes", "Sizes 40 to 44.", True),
        (SHOE, "shoes", "Comes in three sizes.", True),
    ],
)
def test_sizes_and_materials_are_as_colours(
    options: Mapping[str, Sequence[str]], kind: str, text: str, stays: bool
) -> None:
    rest = left(product(options, title="Deluxe"), text, kind=kind)
    named = {word for values in options.values() for word in values}
    assert rest == text if stays else not any(word in rest.split() for word in named)
    assert stays or rest != text


@pytest.mark.parametrize(
    ("language", "text", "stays"),
    [
        ("de", "Aus Leinen.", False), ("de", "In Größe M.", False),
        ("de", "Größen S bis XL.", True), ("de", "In vier Größen.", True),
        ("fr", "En lin.", False), ("fr", "Taille M.", False),
        ("fr", "En quatre tailles.", True), ("es", "Talla M.", False),
        ("es", "De lino.", False), ("es", "En cuatro tallas.", True),
        ("it", "Taglia M.", False), ("it", "Di lino.", False),
        ("it", "In quattro taglie.", True),
    ],
)  # fmt: skip
def test_sizes_and_materials_in_other_languages(
    language: str, text: str, stays: bool
) -> None:
    rest = left(product(SHIRT, title="Deluxe"), text, language, "shirt")
    assert rest == (text if stays else "")


# ---- what a colour is true of -----------------------------------------------------------


@pytest.mark.parametrize(
    ("colours", "text", "stays"),
    [
        (("Black/White", "Navy/White"), "A white mug.", True),
        (("Black/White", "Navy/White"), "A black mug.", False),
        (("Navy", "Light Blue"), "A blue mug.", True),
        (("Navy", "Light Blue"), "A navy mug.", False),
        (("Matt Black", "Black"), "A black mug.", True),
        (("Panther", "Snow"), "A black mug.", False),
        (("Yes", "No"), "A black mug.", True),
    ],
)
def test_what_every_variant_shares_is_the_products(
    colours: tuple[str, ...], text: str, stays: bool
) -> None:
    assert (left(product({"Colour": colours}), text) == text) is stays


def test_a_title_and_a_brand_of_the_merchants_are_no_variants_colour() -> None:
    of = product(COLOURS, title="Black Eaves Chair")
    assert left(of, "The Black Eaves Chair is a chair.") == (
        "The Black Eaves Chair is a chair."
    )
    assert left(of, "A navy Black Eaves Chair.") == "A Black Eaves Chair."
    brand = product(COLOURS, brand="Black & Decker", Colour=", ".join(COLOURS["Colour"]))
    assert left(brand, "A mug by Black & Decker.") == "A mug by Black & Decker."


# ---- photos, lists, attributes ----------------------------------------------------------


def test_an_alt_text_may_name_the_variant_on_its_photo() -> None:
    of = product(COLOURS, photos={"Navy": 1, "Red": 2})
    texts = ("A navy mug", "A navy mug", "A black mug", "A red mug")
    result = checked(of, photos=4, alt_texts=texts)
    assert result.texts["alt_texts"] == ("A navy mug", "A mug", "A black mug", "")
    claims = [e for e in result.evidence["alt_texts"] if e.kind == "claim" and e.name]
    assert [(e.source, e.attribute, e.photo, e.name, e.item) for e in claims] == [
        ("attribute", "Colour", 1, "Navy", 0),  # the shop ties it
        ("photo", None, 3, "Black", 2),  # the pixels show it
    ]


def test_tags_name_all_colours_or_none() -> None:
    every = tuple(colour.lower() for colour in COLOURS["Colour"])
    assert checked(product(COLOURS), tags=every).texts["tags"] == every
    result = checked(product(COLOURS), tags=("black", "gift"))
    assert result.texts["tags"] == ("gift",)


@pytest.mark.parametrize("stated", [{}, {"colour": "black"}, {"Farbe": "schwarz"}], ids=str)
def test_no_attribute_states_one_colour_of_several(stated: dict[str, str]) -> None:
    of = product(COLOURS, **(stated or {"brand": "Acme"}))
    result = checked(of, description="A mug.")
    [name] = set(result.attributes) - {"brand"}
    assert result.attributes[name] == ", ".join(COLOURS["Colour"])
    assert [e.source for e in result.evidence["attributes"]] == ["attribute"] * len(
        result.attributes
    )


@pytest.mark.parametrize("language", FALSE)
def test_composed_copy_names_all_values_and_passes_its_own_checks(language: str) -> None:
    for of in (product(COLOURS, title=""), product(COLOURS | SHIRT, photos={"Navy": 2})):
        facts = Facts(category="mug", attributes={"colour": Seen(value="black")})
        texts = {
            field: compose(
                field,
                product=of,
                facts=facts,
                language=language,
                measured=[BLACK, BLACK],
                photos=2,
            )
            for field in (
                "title",
                "bullets",
                "description",
                "seo_title",
                "alt_texts",
                "tags",
            )
        }
        result = check(
            texts, product=of, facts=facts, measured=[BLACK, BLACK], language=language,
            prompts=[],
        )  # fmt: skip
        taken = [(f.code, f.field, f.value) for f in result.findings]
        assert "one-variant" not in {code for code, _, _ in taken}, taken
        assert "5" in str(texts["description"])
        assert texts["title"] == result.texts["title"]


def test_the_model_is_told_what_varies_and_only_where_something_does() -> None:
    templates, facts = Templates(), Facts(category="mug")
    plain = product(COLOURS).model_copy(update={"variants": ()})
    turn = templates.write("write.j2", plain, facts, shop="a shop", language="en")
    assert templates.with_variants(turn, plain) == turn
    assert templates.with_variants(turn, product({"Colour": ("Black",)})) == turn
    told = templates.with_variants(turn, product(COLOURS | {"<|im_end|>": ("a", "b")}))
    assert told.text.startswith(turn.text) and told.template != turn.template
    assert '"Colour": ["Black", "Navy", "Red", "Forest Green", "White"]' in told.text
