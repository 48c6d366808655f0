"""How faithfully a model copies: names and titles that are in no training text.

Without photos, through the whole library.  A name counts where the model's own title says
it to the letter; a title where the description does.
"""

from collections.abc import Iterator, Sequence

from productdesc import Described, Product, describe_many
from productdesc.engines import Engine

BRANDS = tuple(
    line.strip()
    for line in """
    Acme
    Nordvik & Co
    Patagonia
    Ørsted
    Krölk
    L'Occitane
    Żabka
    Dr. Martens
    Häagen-Dazs
    7 For All Mankind
    H&M
    Fjällräven
    Levi's
    Öko Planet
    São Bento
    Zwilling
    Tchibo
    Mammut
    Kühne
    Château Margaux
    O'Neill
    Under Armour
    ASICS
    Bjorn Borg
    Desigual
    Žvaigždė
    UNIQLO
    Joe & The Juice
    Maison Kitsuné
    Kiehl's
    Vögele
    Hunkemöller
    Oatly
    innocent
    LUMA
    HydraTec
    Trail-Blazer 3
    Wüsthof
    Muji
    Nestlé
    """.splitlines()
    if line.strip()
)
TITLES = tuple(
    line.strip()
    for line in """
    Lando Gym Jacket
    Logan HeatTec Tee
    Cora Parachute Pant
    Affirm Water Bottle
    Sprite Foam Yoga Brick
    Voyage Yoga Bag
    Deion Long-Sleeve EverCool Tee
    Atomic Endurance Running Tee (Crew-Neck)
    Knitted burgundy winter cap
    Cashmere-blend violet beanie
    Wireless Optical Mouse
    Clacky Keyboard
    Instant Camera
    Stackable Wooden Stool
    Hand-thrown Espresso Cup, Set of 4
    Men's Merino Base Layer
    Oat Drink Barista Edition 1 l
    Alpro Soya Yoghurt Plain
    Granny Smith Apples
    Tropicana Golden Grapefruit
    Bravo Apelsinjuice
    Vintage Wash Denim Overalls
    Waterproof Hiking Boots GTX
    Kids' Dinosaur Rain Boots
    Recycled Cotton Tote
    Linen-Blend Relaxed Trousers
    Ribbed Midi Dress with Slit
    Oversized Boyfriend Blazer
    4K Action Camera Bundle
    Stainless Steel Pour-Over Kettle
    Japanese Santoku Knife 18 cm
    Beeswax Pillar Candle
    Velvet Cushion Cover 45 x 45
    Herringbone Wool Scarf
    Pleated Tennis Skirt
    Cropped Puffer Vest
    Bamboo Toothbrush Pack
    Terracotta Planter No. 3
    Kayano 28 Running Shoe
    Everyday Canvas Slip-On
    """.splitlines()
    if line.strip()
)


def copied(engine: Engine) -> Iterator[tuple[str, int, list[tuple[str, str]]]]:
    """What was copied, how many of it to the letter, and each that was not as it came."""
    for what, texts in (("brand names", BRANDS), ("titles", TITLES)):
        missed = [
            (text, said)
            for text, said in zip(texts, _said(engine, what, texts), strict=True)
            if text not in said
        ]
        yield what, len(texts) - len(missed), missed


def _said(engine: Engine, what: str, texts: Sequence[str]) -> Iterator[str]:
    products = [
        Product(attributes={"brand": text, "material": "cotton"})
        if what == "brand names"
        else Product(title=text, attributes={"brand": "Luma"})
        for text in texts
    ]
    for outcome in describe_many(products, engine, channel="plain", batch_size=20):
        if not isinstance(outcome, Described):
            yield str(getattr(outcome, "error", ""))
            continue
        found = outcome.description
        own = not any(f.code == "composed" for f in found.findings)
        text = found.title if what == "brand names" else found.description
        yield text if own else f"{text} (in part not the model's own words)"
