"""Invented products to practise on: a kind, attributes as merchants write them, a title.

Brands, codes and many words are put together from letters and pieces of words, so that
copying is learned and not a list.
"""

import random
import re
import string
from functools import cache
from pydoc_data.topics import topics

from productdesc.records import Product

from ..split import KINDS as LABELS
from ..split import OTHER

# The photo sets' labels in words that a shopper reads.
NAMES = {"outwear": "outerwear", "cultured-dairy": "cultured dairy"}
CATEGORIES = tuple(NAMES.get(label, label) for label in LABELS)


def _words(text: str) -> list[str]:
    """The words between bars and line ends."""
    return [word.strip() for word in text.replace("\n", "|").split("|") if word.strip()]


_NOUNS = {
    "dress": "Dress|Maxi Dress|Summer Dress|Midi Dress|Wrap Dress",
    "hat": "Hat|Cap|Beanie|Winter Hat|Baseball Cap|Bucket Hat",
    "longsleeve": "Longsleeve|Long Sleeve Tee|Longsleeve Top|Long Sleeves|Sweater|Hoodie",
    "outerwear": "Jacket|Coat|Parka|Windbreaker|Rain Jacket|Outerwear|Blazer",
    "pants": "Pants|Jeans|Trousers|Chinos|Slim Jeans|Joggers|Leggings",
    "shirt": "Shirt|Oxford Shirt|Linen Shirt|Flannel Shirt|Striped Shirt|Blouse",
    "shoes": "Shoes|Sneakers|Running Shoes|Boots|Trainers|Loafers|Running Shoe|Sandals",
    "shorts": "Shorts|Denim Shorts|Cargo Shorts|Board Shorts|Gym Shorts",
    "skirt": "Skirt|Mini Skirt|Pleated Skirt|Midi Skirt|Denim Skirt",
    "t-shirt": "T-Shirt|Tee|Graphic Tee|Crew Neck T-Shirt|Basic Tee|V-Neck T-Shirt",
    "cultured dairy": "Yoghurt|Yogurt|Sour Cream|Vanilla Yoghurt|Natural Yoghurt|Soyghurt",
    "fruit": "Apple|Apples|Pears|Lemon|Melon|Mango|Bananas|Grapes|Fruit|Oranges|Plum",
    "juice": "Juice|Apple Juice|Orange Juice|Grapefruit Juice|Berry Juice|Mango Juice",
    "milk": "Milk|Whole Milk|Oat Milk|Soy Milk|Low Fat Milk|Organic Milk",
    "vegetable": "Carrots|Potatoes|Tomatoes|Peppers|Cucumber|Onion|Broccoli|Leek",
    OTHER: "Backpack|Sofa|Camera|Desk Lamp|Water Bottle|Watch|Coffee Mug|Headphones|"
    "Chair|Tote Bag|Wallet|Yoga Mat|Speaker|Lipstick|Ring|Notebook|Phone Case|Tent|"
    "Guitar|Vase|Keyboard|Tripod|Necklace|Candle|Blender|Cushion|Football|Puzzle|"
    "Skipping Rope|Laptop",
}
NOUNS = {kind: tuple(nouns.split("|")) for kind, nouns in _NOUNS.items()}

_ADJECTIVES = _words("""
    Classic|Urban|Alpine|Coastal|Everyday|Vintage|Modern|Light|Active|Royal|Nordic|Studio
    Summer|Winter|Junior|Daily|Old Town|Harbour|Prime|Essential|Soft|Bold|Little|Grand
""")
_MATERIALS = _words("""
    cotton|100% cotton|organic cotton|wool|merino wool|linen|polyester|leather|suede
    denim|silk|nylon|viscose|95% cotton, 5% elastane|recycled polyester|canvas|steel
    stainless steel|oak|glass|ceramic|bamboo|80% wool, 20% nylon|rubber|mesh|fleece
""")
_COLOURS = _words("""
    black|white|navy|red|blue|green|grey|beige|brown|pink|purple|yellow|orange|olive|teal
    burgundy|cream|charcoal|ivory|silver|gold|khaki|Midnight Blue|Forest Green|Off White
    Dusty Rose|rust|mint|Black|White|Red|Navy Blue|turquoise|tan|light blue|dark green
""")
_PLACES = _words("""
    Portugal|Italy|Spain|Turkey|Sweden|India|Japan|France|Poland|Vietnam
""")
_CARE = _words("""
    machine wash|hand wash only|machine wash at 30 degrees|dry clean|wipe clean
    do not tumble dry|keep refrigerated|store in a cool place
""")
_SIZES = _words("""
    XS|S|M|L|XL|XXL|38|42|One size|EU 41|32/34|500 ml|1 l|250 g|10 x 20 cm|2 kg
""")
_FITS = _words("""
    regular|slim|relaxed|oversized|loose|straight|tailored|cropped
""")
_EXTRA: dict[str, tuple[str, ...]] = {
    "sleeve": ("short", "long", "sleeveless", "3/4"),
    "neckline": ("crew neck", "V-neck", "round", "high neck"),
    "closure": ("zip", "buttons", "laces", "velcro", "elastic"),
    "season": ("summer", "winter", "all year", "spring"),
    "gender": ("women", "men", "unisex", "kids"),
    "pattern": ("striped", "solid", "checked", "floral", "dotted", "printed"),
    "sole": ("rubber", "EVA foam", "leather"),
    "collection": ("Spring 2024", "Autumn", "Core", "Winter 2019"),
    "style": ("casual", "sporty", "formal", "boho"),
    "lining": ("fleece", "none", "polyester", "silk"),
    "length": ("knee length", "short", "long", "90 cm"),
    "flavour": ("vanilla", "strawberry", "natural", "blueberry"),
    "certificate": ("GOTS", "Fairtrade", "EU Organic", "OEKO-TEX"),
    "warranty": ("2 years", "12 months", "5 years"),
    "type": ("basic", "premium", "outdoor", "everyday"),
    "capacity": ("20 l", "1.5 l", "64 GB"),
    "pack": ("2 pieces", "6 x 1 l", "single"),
    "price": ("19.99", "109.00", "7.5", "1299"),
    "sku": ("AB-1029", "0042-X", "TS/77"),
}
# Never said in the copy: they change, or mean nothing to a shopper.
SILENT = ("price", "sku", "gtin", "mpn", "id", "url", "ean", "barcode", "cost", "stock")
_SHORT = ("Dr.", "St.", "Mr.", "The", "Le", "El", "La", "No.")
_PROSE = _words("""
    the|a|and|of|with|for|in|to|you|your|is|this|that|it|on|from|made|soft|cotton|fabric
    comfort|style|perfect|day|every|keeps|warm|dry|light|easy|wear|look|great|office|home
    kitchen|garden|sport|run|walk|summer|winter|travel|pocket|pockets|zip|waist|sleeve
    fit|relaxed|classic|modern|design|quality|durable|water|resistant|leather|steel|glass
    wood|hand|machine|wash|best|new|colour|blue|black|white|green|red|size|small|large
    long|short|fresh|taste|sweet|juice|organic|natural|healthy|power|battery|screen|fast
    sound|lens|photo|strap|bag|carry|bottle|can|will|not|more|than|one|two|all|our|most
    when|feature|features|ideal|active|training|workout|gym|yoga|moisture|wicking|stretch
    panel
""")


# Beginnings, middles and ends of made-up syllables.
_ONSETS = _words(
    "b|br|c|cl|d|dr|f|fl|g|gr|h|j|k|kr|l|m|n|p|pl|qu|r|s|sh|st|t|tr|v|w|x|z|th|sk"
)
_VOWELS = _words("a|e|i|o|u|ai|ea|io|ou|y")
_CODAS = ["", "", *_words("n|r|s|l|x|m|k|nd|tt|ck")]
_ACCENTED = {
    **{"a": "àáâãäåąăæ", "c": "çćč", "d": "ďđð", "e": "èéêëęě", "g": "ğ", "i": "ìíîïı"},
    **{"l": "łľ", "n": "ñńň", "o": "òóôõöøőœ", "r": "řŕ", "s": "śšşß", "t": "ťţþ"},
    **{"u": "ùúûüůű", "y": "ýÿ", "z": "źžż"},
}
_SCRIPTS = (
    *((0x410, 0x450), (0x3B1, 0x3CA), (0x4E00, 0x9000), (0x3041, 0x3094)),
    *((0xAC00, 0xD7A4), (0x621, 0x64B), (0x5D0, 0x5EB)),
)


def prose(rng: random.Random) -> str:
    """A description as shops have them: sentences of common and uncommon words."""
    sentences = []
    for _ in range(rng.choice([1, 2, 2, 3, 5])):
        words = [
            rng.choice(_PROSE) if rng.random() < 0.85 else word(rng).lower()
            for _ in range(rng.randrange(5, 16))
        ]
        sentences.append(" ".join(words).capitalize() + rng.choice([".", ".", ".", "!"]))
    return rng.choice([" ", " ", " \u2022 "]).join(sentences)


@cache
def _english() -> tuple[str, ...]:
    """About 3,000 English words: those that Python's own documentation uses."""
    found = re.findall(
        r"(?<![\w`*.<'\"])[A-Za-z][a-z]{2,11}(?![\w`*(.=])", " ".join(topics.values())
    )
    return tuple(sorted({text.lower() for text in found}))


def _syllables(rng: random.Random) -> str:
    parts = [
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
        for _ in range(rng.choice([1, 2, 2, 3]))
    ]
    return "".join(parts)


def _pieces(rng: random.Random) -> str:
    """Pieces of English words: their tokens stand side by side nowhere else."""
    parts = []
    for _ in range(rng.choice([1, 2, 2, 3])):
        text = rng.choice(_english())
        start = rng.randrange(len(text) - 1)
        parts.append(text[start : start + rng.randrange(2, 6)])
    return "".join(parts)


def _foreign(rng: random.Random) -> str:
    """A made-up word with accents, or one of letters that are not Latin."""
    if rng.random() < 0.2:
        low, high = rng.choice(_SCRIPTS)
        return "".join(chr(rng.randrange(low, high)) for _ in range(rng.randrange(2, 6)))
    plain = rng.choice([_syllables, _pieces])(rng)
    return "".join(
        rng.choice(_ACCENTED.get(letter, letter)) if rng.random() < 0.4 else letter
        for letter in plain
    )


def word(rng: random.Random) -> str:
    """A word that is made up or English, easy or hard to say."""
    pick = rng.random()
    if pick < 0.08:
        letters = string.ascii_letters
        return "".join(rng.choice(letters) for _ in range(rng.randrange(3, 8)))
    if pick < 0.2:
        text = _foreign(rng)
    elif pick < 0.5:
        text = _pieces(rng)
    elif pick < 0.75:
        text = rng.choice(_english())
    else:
        text = _syllables(rng)
    text = rng.choice([text.capitalize(), text.capitalize(), text, text.upper()])
    pick = rng.random()
    if pick < 0.06:
        text = f"{text.capitalize()}{_pieces(rng).capitalize()}"
    elif pick < 0.12:
        text = f"{text}-{rng.choice(_english())}"
    elif pick < 0.16:
        text += rng.choice(["\u2122", "\u00ae", "'s", "'", ".", ","])
    elif pick < 0.19:
        text = f"{rng.choice(string.ascii_uppercase)}'{text.capitalize()}"
    return text


def code(rng: random.Random) -> str:
    letters = "".join(
        rng.choice(string.ascii_uppercase) for _ in range(rng.randrange(1, 4))
    )
    digits = "".join(rng.choice(string.digits) for _ in range(rng.randrange(2, 6)))
    return rng.choice(
        [f"{letters}{digits}", f"{letters}-{digits}", digits, f"{digits}{letters}"]
    )


def _raised(text: str) -> str:
    """With a capital first; the others stay, as in O'Neill and HeatTec."""
    return text[:1].upper() + text[1:]


def brand(rng: random.Random) -> str:
    pick = rng.random()
    if pick < 0.12:
        return _foreign(rng).capitalize()
    if pick < 0.6:
        return _raised(word(rng))
    if pick < 0.65:
        return f"{rng.choice(_SHORT)} {word(rng).capitalize()}"
    if pick < 0.9:
        second = rng.choice([_raised(word(rng)), "& Co", "Studio"])
        return f"{_raised(word(rng))} {second}"
    return f"{word(rng)}{rng.choice(['', '-', '.'])}{code(rng)}"


def title(rng: random.Random, kind: str) -> str:
    """A title as merchants write them; a part of them says what the product is."""
    parts = [rng.choice(NOUNS[kind])]
    if rng.random() < 0.35:
        # a word that no list here has: the title is copied, whatever it says
        parts = [word(rng).capitalize()]
    if rng.random() < 0.6:
        own = rng.random() < 0.5
        parts.insert(0, word(rng).capitalize() if own else rng.choice(_ADJECTIVES))
    if rng.random() < 0.5:
        parts.insert(0, word(rng).capitalize())
    if rng.random() < 0.25:
        for _ in range(rng.choice([1, 1, 2, 3])):
            parts.insert(rng.randrange(len(parts) + 1), word(rng).capitalize())
    if rng.random() < 0.3:
        # words that the data or the photo have as well, or that name a kind: copied too
        parts.insert(rng.randrange(len(parts)), _common(rng))
    if rng.random() < 0.15:
        parts.append(code(rng))
    elif rng.random() < 0.05:
        number = rng.randrange(5, 300)
        parts.append(f"{number} x {rng.choice([number, number + 10])}")
    if rng.random() < 0.1:
        # two words that begin alike
        parts.insert(rng.randrange(len(parts) + 1), _like(rng, rng.choice(parts)))
    pick = rng.random()
    if pick < 0.04:
        counted = rng.choice(["No.", "Size", "Pack of", "/"])
        parts.append(f"{counted} {rng.randrange(1, 60)}")
    elif pick < 0.07:
        parts[-1] += f", {rng.choice(['Set of', word(rng)])} {rng.randrange(2, 13)}"
    elif pick < 0.14:
        parts.append(f"- {rng.choice(_COLOURS)}")
    elif pick < 0.22:
        parts.append(_bracket(rng))
    elif pick < 0.27:
        parts.insert(rng.randrange(len(parts)), rng.choice(["&", "with", "/", "in", "for"]))
    text = " ".join(parts)
    return text.lower() if rng.random() < 0.07 else text


def _common(rng: random.Random) -> str:
    """A colour, a material, a kind of product, a fit or a group of wearers."""
    pick = rng.random()
    if pick < 0.5:
        text = rng.choice(_COLOURS)
    elif pick < 0.75:
        text = rng.choice(rng.choice(_MATERIALS).split())
    elif pick < 0.85:
        text = rng.choice(NOUNS[rng.choice(CATEGORIES)])
    else:
        text = rng.choice([*_FITS, "Women's", "Men's", "Kids", "Womens", "Mens"])
    return text if rng.random() < 0.3 else _raised(text.strip(",%"))


def attribute(rng: random.Random) -> tuple[str, str]:
    """One attribute with its value."""
    pick = rng.random()
    if pick < 0.17:
        return "material", rng.choice(_MATERIALS)
    if pick < 0.32:
        return rng.choice(["colour", "color"]), rng.choice(_COLOURS)
    if pick < 0.42:
        return "size", rng.choice(_SIZES)
    if pick < 0.49:
        return "origin", rng.choice(_PLACES)
    if pick < 0.55:
        return "care", rng.choice(_CARE)
    if pick < 0.61:
        return "fit", rng.choice(_FITS)
    if pick < 0.85:
        key = rng.choice(tuple(_EXTRA))
        return key, rng.choice(_EXTRA[key])
    key = rng.choice([word(rng).lower(), f"{word(rng).lower()} {word(rng).lower()}"])
    value = rng.choice(
        [word(rng), code(rng), f"{word(rng)} {word(rng).lower()}", brand(rng)]
    )
    return key, value


def _like(rng: random.Random, text: str) -> str:
    """A value that begins as this text does and goes on in another way."""
    first = text.split()[0]
    if rng.random() < 0.3:
        return f"{first} {word(rng)}"
    return first[: rng.randrange(1, 4)] + _pieces(rng)


def _with_brand(rng: random.Random, name: str, brand: str) -> str:
    """The title with a word more that the brand stands in, alone or in a longer word."""
    first = brand.split()[0]
    if rng.random() < 0.8:
        first += _pieces(rng).capitalize() + rng.choice(["", "", "\u2122", "\u00ae"])
    words = name.split(" ")
    words.insert(rng.randrange(len(words) + 1), first)
    return " ".join(words)


def _bracket(rng: random.Random) -> str:
    text = _raised(word(rng).lower())
    return f"({text}-{rng.choice(_english())})" if rng.random() < 0.4 else f"({text})"


def product(rng: random.Random, kind: str, *, bare: float = 0.2) -> Product:
    """A product of this kind; with the chance `bare` nothing is known but the photo."""
    if rng.random() < bare:
        return Product()
    attributes = dict(attribute(rng) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 5])))
    if rng.random() < 0.6:
        attributes["brand"] = brand(rng)
    for key in tuple(attributes):
        if rng.random() < 0.15:
            # a value of another key's kind, or nonsense: it is copied all the same
            attributes[key] = " ".join(word(rng) for _ in range(rng.choice([1, 1, 2])))
    name = title(rng, kind) if rng.random() < 0.6 else ""
    if name and rng.random() < 0.25:
        # two values that begin alike: the letters do not tell which of them goes on
        attributes[rng.choice(["brand", *attributes])] = _like(rng, name)
    if name and rng.random() < 0.15:
        name = _with_brand(rng, name, attributes.get("brand") or brand(rng))
    about = prose(rng) if rng.random() < 0.25 else ""
    keys = list(attributes)
    rng.shuffle(keys)
    return Product(
        title=name, attributes={k: attributes[k] for k in keys}, description=about
    )


def named(rng: random.Random) -> Product:
    """A product of a long title and a brand that nothing in the lists resembles."""
    words = [
        rng.choice(_ADJECTIVES) if rng.random() < 0.2 else _raised(word(rng))
        for _ in range(rng.choice([1, 2, 2, 3, 3, 4]))
    ]
    noun = rng.choice(NOUNS[rng.choice(tuple(NOUNS))])
    words.append(noun if rng.random() < 0.5 else _raised(word(rng)))
    if rng.random() < 0.25:
        words.insert(rng.randrange(len(words)), _common(rng))
    if rng.random() < 0.3:
        words.insert(rng.randrange(len(words) + 1), _like(rng, rng.choice(words)))
    if rng.random() < 0.2:
        words.append(rng.choice([code(rng), _bracket(rng)]))
    name = " ".join(words)
    pick = rng.random()
    maker = _like(rng, name) if pick < 0.3 else brand(rng)
    if pick > 0.65:
        name = _with_brand(rng, name, maker)
    return Product(title=name, attributes={"brand": maker})
