"""Plain words that copy is made of: kinds of product, patterns, places, function words.

To add a synonym of a kind: one word in KIND_WORDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .words import folded

__all__ = [
    "COUNTRIES",
    "DEMONYMS",
    "FOODS",
    "KIND_WORDS",
    "LETTER_SIZES",
    "PATTERN_WORDS",
    "WORD_NUMBERS",
    "kinds_at",
]

# fmt: off
KIND_WORDS: Mapping[str, str] = {
    # kind (as in `taxonomy.KINDS`) or a group of kinds -> what shops call it. A word under
    # several kinds fits each of them, so that none of them is a contradiction.
    "t-shirt": "t-shirt, tshirt, tee, t shirt, top, polo, polo shirt, jersey, shirt",
    "shirt": "shirt, blouse, button-down, button down, polo shirt, top, tunic, flannel"
             " shirt",
    "longsleeve": "longsleeve, long sleeve, long-sleeve, longsleeve shirt, sweater, jumper,"
                  " sweatshirt, hoodie, pullover, cardigan, top, turtleneck, shirt",
    "outerwear": "outerwear, outwear, jacket, coat, parka, blazer, anorak, windbreaker,"
                 " vest,"
                 " gilet, raincoat, hoodie, cardigan, puffer, shell, trench, bomber",
    "tank top": "tank, tank top, camisole, vest, singlet, bra, sports bra, top",
    "dress": "dress, gown, sundress, shirt dress, maxi dress",
    "skirt": "skirt, miniskirt, kilt, skort",
    "pants": "pants, trousers, jeans, leggings, chinos, joggers, tights, slacks,"
             " sweatpants,"
             " capri, cargo pants",
    "shorts": "shorts, short, bermuda, trunks, bermuda shorts",
    "shoes": "shoes, shoe, sneaker, trainer, boots, sandal, loafer, heels, pump, slipper,"
             " footwear, plimsoll, flip-flop, moccasin, clog, high-top, running shoe",
    "hat": "hat, cap, beanie, fedora, bucket hat, headwear, beret, bonnet, baseball cap,"
           " panama hat",
    "socks": "sock, socks, stocking",
    "scarf": "scarf, scarves, shawl",
    "gloves": "glove, gloves, mitten",
    "bag": "bag, handbag, tote, backpack, purse, duffle, satchel, messenger, rucksack,"
           " clutch, wallet",
    "belt": "belt",
    "watch": "watch, wristwatch, smartwatch",
    "jewellery": "jewellery, necklace, ring, bracelet, earring, pendant, brooch",
    "glasses": "sunglasses, eyewear, spectacles",
    "sofa": "sofa, couch, settee, loveseat",
    "chair": "chair, armchair, stool, bench",
    "table": "table, desk, nightstand",
    "bed": "bed, mattress, headboard",
    "lamp": "lamp, lantern, chandelier",
    "camera": "camera, camcorder, tripod, camera lens, lens",
    "computer": "laptop, computer, tablet, keyboard, monitor, notebook computer",
    "phone": "phone, smartphone",
    "headphones": "headphones, earphones, earbuds, headset",
    "fruit": "fruit, apple, banana, pear, orange fruit, oranges, lemon, lime fruit, melon,"
             " mango, kiwi, peach, plum, pomegranate, pineapple, grapefruit, nectarine,"
             " papaya, avocado, satsuma, mandarin, passion fruit, golden delicious, granny"
             " smith",
    "vegetable": "vegetable, tomato, potato, carrot, onion, cucumber, cabbage, pepper,"
                 " leek,"
                 " mushroom, aubergine, asparagus, garlic, ginger, zucchini, courgette,"
                 " beet",
    "juice": "juice, smoothie, nectar, orange juice, apple juice, lemonade",
    "milk": "milk, oat drink, soy drink, oat milk, soy milk, almond milk, soya milk",
    "cultured dairy": "yogurt, sour cream, kefir, quark, soured milk, skyr, cultured dairy,"
                      " cultured-dairy, soyghurt, oatghurt, soygurt, buttermilk",
}

PATTERN_WORDS = (
    "striped, stripe, stripes, checked, check, checkered, plaid, tartan, gingham, dotted,"
    " polka dot, polka dots, floral, printed, print, graphic, camouflage, camo, leopard,"
    " zebra, paisley, herringbone, houndstooth, colour-blocked, colour block, solid,"
    " two-tone, plain, gestreift, kariert, geblümt, rayé, à carreaux, rayas, cuadros"
)

FOODS = frozenset(
    {"fruit", "vegetable", "juice", "milk", "cultured dairy", "snack", "drink", "bakery"}
)
"""Kinds whose names are colours as well: orange, plum, lime, cream, peach."""

LETTER_SIZES = frozenset({"XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL"})

COUNTRIES = (
    "Africa, America, Asia, Argentina, Australia, Austria, Bangladesh, Belgium, Brazil,"
    " Britain, Bulgaria,"
    " Cambodia,"
    " Canada, Chile, China, Colombia, Croatia, Czechia, Denmark, Egypt, England, Ethiopia,"
    " Europe, European Union, Finland, France, Germany, Great Britain, Greece, Hong Kong,"
    " Hungary, Iceland, India, Indonesia, Ireland, Israel, Italy, Japan, Kenya, Korea,"
    " Lithuania, Madagascar, Malaysia, Mexico, Morocco, Nepal, Netherlands, New Zealand,"
    " Norway, Pakistan, Peru, Philippines, Poland, Portugal, Romania, Russia, Scotland,"
    " Serbia,"
    " Singapore, Slovakia, Slovenia, South Africa, Spain, Sri Lanka, Sweden, Switzerland,"
    " Taiwan, Thailand, Tunisia, Turkey, Türkiye, Ukraine, United Kingdom, United States,"
    " Uruguay, USA, UK, EU, U.S.A., Vietnam, Wales, Milan, Paris, Tuscany, Florence,"
    " London,"
    " California, New York, Los Angeles, Deutschland, Italien, Frankreich, Spanien,"
    " Österreich, Schweiz, Türkei, Polen, Allemagne, Italie, Espagne, Suisse, Chine, Japon,"
    " Alemania, Italia, Francia, España, Portugal, Suiza, Japón"
)
DEMONYMS = (
    "American, Argentinian, Australian, Austrian, Belgian, Brazilian, British, Bulgarian,"
    " Canadian, Chilean, Chinese, Colombian, Czech, Danish, Dutch, Egyptian, English,"
    " Ethiopian, European, Finnish, French, German, Greek, Hungarian, Icelandic, Indian,"
    " Indonesian, Irish, Israeli, Italian, Japanese, Kenyan, Korean, Lithuanian, Mexican,"
    " Moroccan, Nepalese, Norwegian, Peruvian, Polish, Portuguese, Romanian, Russian,"
    " Scottish, Serbian, Slovenian, Spanish, Swedish, Swiss, Taiwanese, Thai, Tunisian,"
    " Turkish, Ukrainian, Vietnamese, Welsh, Parisian, Milanese, Tuscan, Californian"
)

WORD_NUMBERS: Mapping[str, Mapping[str, str]] = {
    # "one" is left out everywhere: it is an article or a pronoun far more often.
    "en": {
        "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
        "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
        "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
        "sixty": "60", "hundred": "100", "thousand": "1000", "dozen": "12",
    },
    "de": {
        "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7",
        "acht": "8", "zehn": "10", "zwölf": "12", "zwanzig": "20", "hundert": "100",
    },
    "fr": {
        "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7",
        "huit": "8", "dix": "10", "douze": "12", "vingt": "20", "cent": "100",
    },
    "es": {
        "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7",
        "ocho": "8", "diez": "10", "doce": "12", "veinte": "20", "cien": "100",
    },
}
# fmt: on


def kinds_at(forms: tuple[str, ...], at: int) -> tuple[int, frozenset[str]]:
    """How many words at `at` name a kind of product (0: none), and which kinds."""
    for size in (3, 2, 1):
        kinds = _kind_index().get(forms[at : at + size])
        if kinds and at + size <= len(forms):
            return size, kinds
    return 0, frozenset()


@lru_cache(maxsize=1)
def _kind_index() -> dict[tuple[str, ...], frozenset[str]]:
    index: dict[tuple[str, ...], set[str]] = {}
    for kind, names in KIND_WORDS.items():
        for name in (kind, *names.split(",")):
            index.setdefault(folded(name.strip()), set()).add(kind)
    return {forms: frozenset(kinds) for forms, kinds in index.items()}
