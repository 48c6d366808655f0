"""Colour names: their reference values, their families, and the words shops use for them.

To add a colour: one row in `SHADES`. To add a shop's word: one entry in `WORDS`.
Pure tables and functions; measuring pixels is `photos/measured_colour.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from .records import Colour

__all__ = [
    "FAMILIES",
    "SHADES",
    "WORDS",
    "Shade",
    "colour_families",
    "colour_family",
    "colours_agree",
]

FAMILIES = (
    *("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple"),
    *("pink", "brown", "beige", "multicolour"),
)
"""Two names of one family never contradict each other; "multicolour" is not measured."""


class Shade(NamedTuple):
    """One colour name.

    `near`: families that a shop may honestly use for it, so that neither word disproves
    the other. `hexes`: sRGB as photographed under studio light, several where a name
    spans a range; they were chosen by eye and by half of a catalogue, see
    `docs/photo-quality.md`.
    """

    name: str
    family: str
    near: tuple[str, ...]
    hexes: tuple[str, ...]


SHADES = (
    Shade("black", "black", (), ("#000000", "#161618", "#262627", "#343435")),
    Shade("charcoal", "grey", ("black",), ("#494a4c", "#545557")),
    Shade("grey", "grey", (), ("#626366", "#808285", "#9c9ea1", "#8a8f96")),
    Shade("light grey", "grey", ("white",), ("#b8babc", "#cdced0")),
    Shade("white", "white", ("grey",), ("#ffffff", "#f0f0f0", "#e4e4e4")),
    Shade("cream", "white", ("beige", "yellow"), ("#f5eedd", "#efe6cf")),
    Shade("beige", "beige", ("brown", "white"), ("#dccbb0", "#c9b79c", "#e0cfc0")),
    Shade("taupe", "brown", ("beige", "grey"), ("#8f8072", "#a39485")),
    Shade("tan", "brown", ("beige", "orange"), ("#b98f62", "#c39b72", "#a87a5c")),
    Shade("brown", "brown", (), ("#7a4f2c", "#5d3d26", "#8b5a36", "#6a4a3a", "#94664a")),
    Shade("dark brown", "brown", ("black",), ("#3a281e", "#2c1e17")),
    Shade("burgundy", "red", ("purple", "brown"), ("#5a1522", "#701c2c", "#4a1a20")),
    Shade("red", "red", (), ("#c81e2a", "#e02020", "#a81c24", "#d8382e")),
    Shade("coral", "orange", ("pink", "red"), ("#f0745c", "#ff7f60")),
    Shade("orange", "orange", (), ("#f08020", "#e8641c", "#ff9a3c", "#d8601e")),
    Shade("rust", "orange", ("brown", "red"), ("#a8502a", "#b4481e")),
    Shade("peach", "orange", ("pink", "beige"), ("#f8c4a0", "#f4b08c")),
    Shade("yellow", "yellow", (), ("#f4d81e", "#fae650", "#e8cc30", "#f6ee90")),
    Shade("mustard", "yellow", ("brown", "orange"), ("#c89a24", "#b48a1e")),
    Shade("olive", "green", ("brown", "yellow"), ("#6a6a32", "#56582e", "#82804a")),
    Shade(
        "green",
        "green",
        (),
        ("#2e8b3c", "#4ca64c", "#1f6b38", "#7ab648", "#4a9c78", "#14785c"),
    ),
    Shade("lime", "green", ("yellow",), ("#b4dc28", "#c8e850", "#a0cc30")),
    Shade("dark green", "green", ("black",), ("#16402a", "#1e3a2c", "#0c5040")),
    Shade("mint", "green", ("blue",), ("#a8e0c4", "#8cd4b4", "#64c0a0")),
    Shade("teal", "blue", ("green",), ("#127a80", "#1e8c92", "#0e5c64")),
    Shade("turquoise", "blue", ("green",), ("#30b8c0", "#58ccd0")),
    Shade("light blue", "blue", (), ("#a4cce8", "#84b4dc", "#b4d0e4")),
    Shade("blue", "blue", (), ("#2060c0", "#1e80d0", "#3c74b4", "#1a4aa0", "#5080b0")),
    Shade("royal blue", "blue", ("purple",), ("#0a20c8", "#1428a0", "#2a2f78", "#2414a0")),
    Shade("slate", "blue", ("grey",), ("#5a6c80", "#46566a")),
    Shade("navy", "blue", (), ("#14204a", "#1c2c54", "#1e2a44", "#243a66")),
    Shade("purple", "purple", (), ("#6a3a94", "#4a3488", "#3c2470", "#8450a8", "#5e3a6e")),
    Shade("lavender", "purple", ("blue", "pink"), ("#b4a0d4", "#9c8cc4")),
    Shade("plum", "purple", ("red",), ("#5a2048", "#6c2c58", "#984078")),
    Shade("magenta", "pink", ("purple", "red"), ("#c8207c", "#d83890")),
    Shade("pink", "pink", (), ("#f0a0b8", "#e87ca0", "#f8c8d4", "#e85c88")),
)

_SHADE_NAMES = {shade.name: shade for shade in SHADES}

WORDS: dict[str, dict[str, str]] = {
    # Language -> family -> shop words beside the names in SHADES. American and British
    # spellings both. English is always understood; another language when it is named.
    "en": {
        "black": "jet onyx ebony noir raven obsidian",
        "grey": "gray silver graphite gunmetal ash anthracite pewter smoke steel stone"
        " platinum chrome nickel titanium cement concrete lead greyish grayish",
        "white": "ivory off-white offwhite snow eggshell pearl alabaster chalk ecru"
        " porcelain bone vanilla",
        "red": "maroon crimson scarlet ruby cherry wine oxblood cranberry brick cardinal"
        " bordeaux garnet tomato reddish merlot claret vermilion carmine",
        "orange": "tangerine apricot salmon pumpkin amber terracotta copper papaya"
        " persimmon melon",
        "yellow": "gold golden lemon canary sunflower honey brass blond blonde saffron"
        " maize banana",
        "green": "emerald forest sage khaki-green moss hunter jade pistachio avocado pine"
        " chartreuse fern loden army seafoam olivegreen",
        "blue": "aqua cyan azure cobalt indigo royal denim sky cerulean sapphire"
        " petrol peacock marine midnight ocean aquamarine periwinkle cornflower ink bluish",
        "purple": "violet lilac mauve aubergine eggplant amethyst grape orchid mulberry"
        " heliotrope",
        "pink": "rose fuchsia blush rose-gold raspberry bubblegum flamingo hot-pink"
        " watermelon cerise dusty-rose",
        "brown": "chocolate coffee camel chestnut cognac espresso walnut mahogany mocha"
        " bronze caramel cinnamon cocoa umber sepia hazel toffee oak sienna",
        "beige": "khaki sand nude oatmeal champagne buff fawn natural linen biscuit"
        " mushroom stone-beige ecru-beige wheat putty greige",
        "multicolour": "multicolor multicoloured multicolored multi multi-colour"
        " multi-color multi-coloured multi-colored rainbow assorted tie-dye"
        " colour-block color-block colour-blocked color-blocked patterned camo camouflage"
        " various",
    },
    "de": {
        "black": "schwarz schwarze schwarzer schwarzes",
        "grey": "grau graue grauer graues anthrazit silber silbern silberfarben",
        "white": "weiß weiss weiße weisse weißer weißes creme cremeweiß elfenbein",
        "red": "rot rote roter rotes weinrot dunkelrot bordeaux",
        "orange": "koralle lachs",
        "yellow": "gelb gelbe gelber gelbes golden goldfarben senf senfgelb",
        "green": "grün grüne grüner grünes dunkelgrün hellgrün oliv olivgrün petrolgrün",
        "blue": "blau blaue blauer blaues dunkelblau hellblau marineblau türkis petrol",
        "purple": "lila violett flieder aubergine",
        "pink": "rosa pinke altrosa",
        "brown": "braun braune brauner braunes dunkelbraun hellbraun cognac",
        "beige": "sand sandfarben natur",
        "multicolour": "bunt mehrfarbig gemustert",
    },
    "fr": {
        "black": "noir noire noirs noires",
        "grey": "gris grise grises argent argenté anthracite",
        "white": "blanc blanche blancs blanches ivoire crème écru",
        "red": "rouge rouges bordeaux",
        "orange": "orangé corail saumon",
        "yellow": "jaune jaunes doré dorée moutarde",
        "green": "vert verte verts vertes kaki olive",
        "blue": "bleu bleue bleus bleues marine bleu-marine turquoise ciel",
        "purple": "violet violette mauve prune lilas",
        "pink": "rose roses fuchsia",
        "brown": "marron brun brune chocolat",
        "beige": "sable",
        "multicolour": "multicolore bariolé",
    },
    "es": {
        "black": "negro negra negros negras",
        "grey": "gris grises plata plateado plateada antracita",
        "white": "blanco blanca blancos blancas crema marfil",
        "red": "rojo roja rojos rojas granate burdeos",
        "orange": "naranja coral salmón",
        "yellow": "amarillo amarilla dorado dorada mostaza",
        "green": "verde verdes oliva caqui",
        "blue": "azul azules marino azul-marino turquesa celeste",
        "purple": "morado morada violeta lila púrpura",
        "pink": "rosa rosas fucsia",
        "brown": "marrón marrones café castaño",
        "beige": "arena",
        "multicolour": "multicolor estampado",
    },
}

_MODIFIERS = (  # words that leave the family as it is, before or after it
    "dark light bright deep pale pastel neon soft dusty heather heathered melange marl"
    " matte matt glossy metallic washed faded vintage classic solid warm cool medium mid"
    " colour color coloured colored tone toned shade very pure true rich muted vivid"
    " dunkel hell fonce clair claro clara oscuro oscura"
)
_THINGS = (  # colours as a whole value, but other things inside a sentence
    "ash smoke steel stone platinum chrome nickel titanium cement concrete lead pearl"
    " snow alabaster chalk porcelain bone vanilla ruby cherry wine cranberry brick"
    " cardinal tomato apricot salmon pumpkin amber copper papaya melon gold lemon canary"
    " sunflower honey brass maize banana forest sage moss hunter jade pistachio avocado"
    " pine fern army royal denim sky sapphire peacock marine midnight ocean ink grape"
    " orchid rose blush raspberry flamingo watermelon chocolate coffee chestnut espresso"
    " walnut mahogany mocha bronze caramel cinnamon cocoa hazel toffee oak sand nude"
    " champagne natural linen biscuit mushroom wheat putty various patterned assorted"
    " multi rust tan mint peach coral plum lime olive mustard lavender cream silver"
    " natur sable ciel cafe arena plata marron gemustert estampado petrol emerald"
)
_SEPARATORS = re.compile(r"[/,;&+|]|\b(?:and|with|und|mit|et|avec|y|con)\b")
_NEAR_WORDS: dict[str, tuple[str, ...]] = {
    # Words that are honestly used for more than their own family.
    "silver": ("white",),
    "stone": ("beige",),
    "ivory": ("beige", "yellow"),
    "ecru": ("beige",),
    "maroon": ("brown", "purple"),
    "wine": ("purple",),
    "brick": ("orange", "brown"),
    "salmon": ("pink",),
    "copper": ("brown",),
    "gold": ("brown", "beige"),
    "golden": ("brown", "beige"),
    "khaki": ("green", "brown"),
    "aqua": ("green",),
    "indigo": ("purple",),
    "petrol": ("green",),
    "denim": ("grey", "black"),
    "midnight": ("black",),
    "mauve": ("pink",),
    "rose gold": ("orange", "beige"),
    "camel": ("beige", "orange"),
    "champagne": ("yellow", "white"),
    "greige": ("grey",),
    "bronze": ("orange",),
}


class Agreement(NamedTuple):
    """When a stated colour is upheld or contradicted by what was measured (shares)."""

    min_seen: float = 0.12  # a second colour of the product counts from here
    min_dominant: float = 0.45  # below it the photo is too mixed to contradict anybody


AGREEMENT = Agreement()


def colour_family(word: str, *, language: str = "en") -> str | None:
    """The family of one colour value ("Navy", "heather gray"), or None if it is no colour.

    Case, accents, hyphens and spellings do not count. Words before the colour are
    allowed ("Galaxy Blue"), words after it only if they modify it ("red heather");
    several families in one value ("black/white") are "multicolour".
    """
    families = {_family_of_part(part, language) for part in _parts(word)} - {None}
    if len(families) > 1:
        return "multicolour"
    return next(iter(families), None)


def colour_families(text: str, *, language: str = "en") -> tuple[str, ...]:
    """Every family that `text` names, in order, each once; prose is allowed.

    Words that are things as well ("stone", "rose") count only where nothing but
    modifiers stands beside them.
    """
    found: dict[str, None] = {}
    for part in _parts(text):
        words = part.split()
        meant = [w for w in words if w not in _MODIFIER_SET]
        whole = _lookup(" ".join(meant), language)
        if whole:
            found[whole] = None
            continue
        at = 0
        while at < len(words):
            size, family = _name_at(words[at : at + 3], language)
            if family and not (size == 1 and words[at] in _THING_SET):
                found[family] = None
            at += size
    return tuple(found)


def _name_at(words: Sequence[str], language: str) -> tuple[int, str | None]:
    """Length of the longest colour name at the start of `words`, and its family."""
    for size in range(len(words), 0, -1):
        family = _lookup(" ".join(words[:size]), language)
        if family:
            return size, family
    return 1, None


def colours_agree(
    stated: str, measured: Sequence[Colour], *, language: str = "en"
) -> bool | None:
    """Whether the measured colours bear out a stated one; None when they cannot tell.

    False only when one measured colour clearly leads and neither it nor any other that
    counts could honestly be called what was stated. `measured` has its largest first.
    """
    families = set(colour_families(stated, language=language))
    seen = [c for c in measured if c.share >= AGREEMENT.min_seen or c is measured[0]]
    shades = [_SHADE_NAMES[c.name] for c in seen if c.name in _SHADE_NAMES]
    if not families or not shades:
        return None
    if "multicolour" in families:
        return True if len({s.family for s in shades}) > 1 else None
    if any(shade.family in families for shade in shades):
        return True
    near = families | _near(stated, language)
    if any(near & {shade.family, *shade.near} for shade in shades):
        return None
    return False if measured[0].share >= AGREEMENT.min_dominant else None


def _near(stated: str, language: str) -> set[str]:
    words = {w for part in _parts(stated) for w in (part, *part.split())}
    near = {f for w in words for f in _NEAR_WORDS.get(w, ())}
    return near | {f for w in words if w in _SHADE_NAMES for f in _SHADE_NAMES[w].near}


def _parts(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text[:10_000].casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    parts = _SEPARATORS.split(plain.replace("multi-col", "multicol"))
    return [p for p in (re.sub(r"[\W_]+", " ", part).strip() for part in parts) if p]


def _family_of_part(part: str, language: str) -> str | None:
    words = part.split()
    while len(words) > 1 and words[-1] in _MODIFIER_SET:
        words.pop()
    for size in (3, 2, 1):
        family = _lookup(" ".join(words[-size:]), language)
        if family:
            return family
    return None


def _lookup(phrase: str, language: str) -> str | None:
    tables = [_FAMILY_OF["en"]]
    code = language.split("-")[0].casefold()
    if code != "en" and code in _FAMILY_OF:
        tables.insert(0, _FAMILY_OF[code])
    for table in tables:
        for form in (phrase, phrase.removesuffix("ish"), phrase.removesuffix("s")):
            if form in table:
                return table[form]
    return None


def _fold_tables() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for code, families in WORDS.items():
        table = {shade.name: shade.family for shade in SHADES} if code == "en" else {}
        if code == "en":
            table |= {family: family for family in FAMILIES}
        for family, words in families.items():
            for word in words.split():
                table |= {folded: family for folded in _parts(word)}
        tables[code] = table
    return tables


_FAMILY_OF = _fold_tables()
_MODIFIER_SET = frozenset(_MODIFIERS.split())
_THING_SET = frozenset(_THINGS.split())
