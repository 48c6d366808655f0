"""Fifty lies among fifty true claims, in the prose of five products.

A lie is the words that must not survive as a claim: they are taken out under `code`, or,
where `outcome` is "inferred", stay and are marked so. Where a lie stands inside a true
sentence, `left` is what must be left of it. A truth must come back byte for byte.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from productdesc.records import Colour, Facts, Product, Seen


class Case(NamedTuple):
    """One product: what is known of it, in one photo's worth of facts."""

    product: Product
    facts: Facts
    measured: tuple[tuple[Colour, ...], ...]


class Lie(NamedTuple):
    """One false claim: its sentence, the false words, the rule, what becomes of it."""

    case: str
    text: str
    words: str
    code: str
    left: str = ""
    outcome: Literal["removed", "inferred"] = "removed"


NAVY, WHITE = Colour(name="navy", hex="#14204a", share=0.7), "#ffffff"
CASES = {
    "shoes": Case(
        Product(
            title="Vendora canvas low-top shoes",
            attributes={
                "brand": "Vendora",
                "colour": "navy",
                "material": "80% cotton, 20% polyester",
                "size": "42",
                "weight": "0.5 kg",
                "eyelets": "12",
                "origin": "Portugal",
            },
        ),
        Facts(category="shoes", attributes={"pattern": Seen(value="solid")}),
        ((NAVY, Colour(name="white", hex=WHITE, share=0.2)),),
    ),
    "jacket": Case(
        Product(
            title="Fjellrev rain jacket",
            attributes={
                "Brand": "Fjellrev",
                "waterproof": "yes",
                "certification": "OEKO-TEX Standard 100",
                "lining": "recycled polyester",
                "pockets": 4,
                "length_cm": 76,
                "warranty": "2 years",
            },
            description="Made in Norway. The best seller of our rain range.",
        ),
        Facts(category="outerwear", attributes={"pattern": Seen(value="solid")}),
        ((Colour(name="yellow", hex="#f4d81e", share=0.9),),),
    ),
    "juice": Case(
        Product(
            title="Solrik orange juice",
            attributes={
                "brand": "Solrik",
                "volume": "1 l",
                "organic": "yes",
                "price": "€2.49",
                "gtin": "7310865004703",
            },
        ),
        Facts(category="juice", text=("SOLRIK", "NO ADDED SUGAR")),
        ((Colour(name="orange", hex="#f08020", share=0.6),),),
    ),
    "lamp": Case(
        Product(
            title="Table lamp LUMO 3",
            attributes={
                "colour": "black",
                "material": "brass and oak",
                "height": "45 cm",
                "width": "20 cm",
                "power": "40 W",
                "model": "LM-3045",
                "Pack": "2 pieces",
            },
        ),
        Facts(category="lamp"),
        ((Colour(name="black", hex="#16161a", share=0.8),),),
    ),
    "shirt": Case(
        Product(
            title="Striped shirt",
            attributes={"colour": "white/blue", "size": ["S", "M", "L"], "vegan": "no"},
        ),
        Facts(
            category="shirt",
            attributes={
                "pattern": Seen(value="striped"),
                "sleeve": Seen(value="long sleeves"),
            },
        ),
        (
            (
                Colour(name="white", hex=WHITE, share=0.6),
                Colour(name="light blue", hex="#a4cce8", share=0.3),
            ),
        ),
    ),
}

# fmt: off
LIES: tuple[Lie, ...] = (
    # ---- material
    Lie("shoes", "These shoes are made of leather.", "leather", "material"),
    Lie("shoes", "A merino wool lining sits inside.", "merino wool", "material",
        "A lining sits inside."),
    Lie("shoes", "The upper holds 90 % cotton.", "90 %", "percentage"),
    Lie("shirt", "A silk shirt with a small collar.", "silk", "material",
        "A shirt with a small collar."),
    Lie("shirt", "Cut from 100% linen for hot days.", "100% linen", "percentage"),
    Lie("lamp", "The foot is marble.", "marble", "material"),
    Lie("jacket", "The shell is gore-tex.", "gore-tex", "material"),
    Lie("shirt", "A ribbed knit cuff closes the sleeve.", "knit", "texture",
        outcome="inferred"),
    # ---- size, weight, other numbers
    Lie("shoes", "They come in size 44.", "size 44", "size"),
    Lie("shoes", "The pair weighs 300 g.", "300 g", "weight"),
    Lie("shoes", "Laces run through 14 eyelets.", "14", "number"),
    Lie("jacket", "The back is 90 cm long.", "90 cm", "size"),
    Lie("jacket", "It has six pockets.", "six", "number"),
    Lie("jacket", "A lightweight jacket for the hills.", "lightweight", "weight",
        "A jacket for the hills."),
    Lie("juice", "The carton holds 1.5 litres.", "1.5 litres", "size"),
    Lie("lamp", "It stands 45 cm wide on the desk.", "45 cm wide", "size"),
    Lie("lamp", "The bulb draws 60 W at most.", "60 W", "number"),
    Lie("shirt", "Choose it in XXL for a loose fit.", "XXL", "size"),
    Lie("lamp", "Sold as a set of three lamps.", "three", "number"),
    # ---- price, identifiers
    Lie("juice", "Yours for €1.99 a carton.", "€1.99", "price"),
    Lie("shoes", "They cost 59.90 dollars.", "59.90 dollars", "price"),
    Lie("lamp", "Order number LX-9000.", "LX-9000", "identifier"),
    Lie("juice", "The code reads 4006381333931.", "4006381333931", "identifier"),
    # ---- origin
    Lie("shoes", "White laces finish shoes made in Italy.", "Italy", "origin"),
    Lie("jacket", "A Swiss zip runs up the front.", "Swiss", "origin",
        "A zip runs up the front."),
    Lie("lamp", "Each lamp is handmade in Denmark.", "handmade", "origin"),
    Lie("juice", "Pressed from Spanish oranges.", "Spanish", "origin",
        "Pressed from oranges."),
    # ---- certification, safety, environment, health
    Lie("shoes", "Certified by OEKO-TEX, they are gentle on skin.", "OEKO-TEX",
        "certification"),
    Lie("lamp", "The lamp carries the CE mark.", "CE mark", "certification"),
    Lie("juice", "An FDA approved drink for breakfast.", "FDA", "certification",
        "A drink for breakfast."),
    Lie("shirt", "The dyes are non-toxic.", "non-toxic", "safety"),
    Lie("shoes", "An eco-friendly choice for the city.", "eco-friendly", "environment",
        "A choice for the city."),
    Lie("shirt", "Woven from organic yarn.", "organic", "organic", "Woven from yarn."),
    Lie("shirt", "It is a vegan shirt.", "vegan", "health"),
    Lie("juice", "Rich in vitamin C, it wakes you up.", "vitamin", "health"),
    Lie("shoes", "The fabric is hypoallergenic.", "hypoallergenic", "health"),
    # ---- brand and other names
    Lie("shoes", "A pair by Nike with a flat sole.", "Nike", "brand"),
    Lie("lamp", "A classic Philips lamp for the desk.", "Philips", "brand",
        "A classic lamp for the desk."),
    Lie("shirt", "A soft Zorbex shirt for summer.", "Zorbex", "name",
        "A soft shirt for summer."),
    Lie("jacket", "Inspired by the Patrol Team.", "Patrol Team", "name"),
    # ---- colour
    Lie("shoes", "Red shoes with a rubber toe.", "Red", "colour",
        "Shoes with a rubber toe."),
    Lie("jacket", "A purple jacket with a hood.", "purple", "colour",
        "A jacket with a hood."),
    Lie("lamp", "Its colour is green.", "green", "colour"),
    Lie("shoes", "The heel has an orange tab.", "orange", "colour", outcome="inferred"),
    # ---- promises and promotion
    Lie("shoes", "The shoes are waterproof and soft.", "waterproof", "performance"),
    Lie("jacket", "Backed by a lifetime guarantee.", "lifetime", "guarantee"),
    Lie("shirt", "The best shirt you can wear.", "best", "superlative"),
    Lie("shoes", "Now 20 % off with free shipping.", "20 % off", "promotion"),
    Lie("juice", "A drink for children.", "for children", "audience"),
    Lie("jacket", "A durable jacket for the trail.", "durable", "durability",
        outcome="inferred"),
)

TRUTHS: tuple[tuple[str, str], ...] = (
    ("shoes", "Navy shoes with white laces."),
    ("shoes", "Vendora makes them in Portugal."),
    ("shoes", "The upper is 80 % cotton and 20 % polyester."),
    ("shoes", "The pair weighs 500 g."),
    ("shoes", "They are shoes in size 42."),
    ("shoes", "There are 12 eyelets, with a lace through each."),
    ("shoes", "The canvas upper sits on a flat white sole."),
    ("shoes", "Low-top shoes leave the ankle free."),
    ("shoes", "A solid blue tone goes with jeans."),
    ("shoes", "Made in Portugal."),
    ("jacket", "A yellow rain jacket by Fjellrev."),
    ("jacket", "It is waterproof."),
    ("jacket", "The recycled polyester lining is smooth to the touch."),
    ("jacket", "It bears the mark OEKO-TEX Standard 100."),
    ("jacket", "It has 4 pockets, all with a flap."),
    ("jacket", "Four pockets keep small things dry."),
    ("jacket", "The jacket is 76 cm long."),
    ("jacket", "The best seller of our rain range."),
    ("jacket", "The warranty runs for 2 years."),
    ("jacket", "Made in Norway."),
    ("juice", "Solrik orange juice in a carton."),
    ("juice", "The carton holds 1 litre."),
    ("juice", "The carton holds 1000 ml."),
    ("juice", "It is organic."),
    ("juice", "The carton reads “NO ADDED SUGAR”."),
    ("juice", "The price is €2.49."),
    ("juice", "The juice is orange."),
    ("juice", "The barcode is 7310865004703."),
    ("juice", "Shake it well and serve it cold."),
    ("juice", "A carton with a screw cap."),
    ("lamp", "The black table lamp LUMO 3 suits a desk."),
    ("lamp", "It is 45 cm high."),
    ("lamp", "It is 20 cm wide and 45 cm tall."),
    ("lamp", "Brass and oak meet at the foot."),
    ("lamp", "The arm is brass."),
    ("lamp", "It takes a bulb of 40 W."),
    ("lamp", "Ask for model LM-3045."),
    ("lamp", "A pack holds 2 pieces."),
    ("lamp", "The shade points down."),
    ("lamp", "A round foot keeps it upright."),
    ("shirt", "Striped shirt with long sleeves."),
    ("shirt", "White and blue stripes run from collar to hem."),
    ("shirt", "It comes in size M."),
    ("shirt", "The collar folds down over a row of buttons."),
    ("shirt", "Light blue stripes stand on white."),
    ("shirt", "The hem is straight."),
    ("shirt", "Wear it open over a T-shirt on a Sunday in June."),
    ("shirt", "Roll up the sleeves when it gets warm."),
    ("shirt", "There is a button on each cuff."),
    ("shirt", "The shirt is not vegan."),
)
# fmt: on
