"""The product's colours: those that the data states, else the one that was seen."""

from __future__ import annotations

from collections.abc import Sequence

from ...colours import colour_families, colour_family, colours_agree
from ...records import Colour, Facts
from ...words import word_tables
from ...words.colour_forms import ShadeForms, shade_forms, shade_named
from ...words.tokens import form_of
from ...words.writing.copy_tables import copy_language, frames, has_tables
from ...words.writing.noun_phrases import Shades
from ...words.writing.written_attribute import WrittenAttribute
from ..claims.colour_claims import COLOUR_NAMES

__all__ = ["leading_colour", "names_a_colour", "seen_colour", "stated_colours"]

_MIN_SHARE = 0.35  # of a measured colour that is called the product's, as in conflicts
_MAX_COLOUR = 30  # characters of a colour in a shop's words that a name takes up
_MAX_COLOUR_WORDS = 4
_MIN_COLOUR = 3  # characters; fewer are a code that no table has


def stated_colours(written: Sequence[WrittenAttribute], code: str) -> Shades:
    """The merchant's colours where a name can hold them: one or two."""
    text = next((fact.value for fact in written if fact.key == "colour"), "")
    parts = [part.strip() for part in text.replace("/", ",").split(",") if part.strip()]
    is_name = len(text) <= _MAX_COLOUR and len(text.split()) <= _MAX_COLOUR_WORDS
    is_name = is_name and not any(c.isdigit() for c in text) and len(text) >= _MIN_COLOUR
    if not parts or len(parts) > 2 or not is_name:
        return ""
    if copy_language(code) == "en":
        names = [part.lower() if shade_named(part) else part for part in parts]
        return frames(code).two_colours.format(*names) if len(names) == 2 else names[0]
    shades = [shade for part in parts if (shade := shade_named(part, code))]
    return tuple(shades) if len(shades) == len(parts) else parts[0] * (len(parts) == 1)


def seen_colour(facts: Facts, measured: Sequence[Sequence[Colour]], code: str) -> Shades:
    """The colour that the model saw where the pixels allow it, else the measured one."""
    for name, seen in facts.attributes.items():
        if form_of(name) not in COLOUR_NAMES or not 0 < seen.photo <= len(measured):
            continue
        shade = shade_forms(seen.value) or shade_named(seen.value)
        if shade and colours_agree(seen.value, measured[seen.photo - 1]) is not False:
            return (shade,)
    leading = filter(None, (leading_colour(one, (), code) for one in measured))
    shade = next(leading, None)
    if shade is None or has_tables(code):
        return (shade,) if shade else ()
    return _family_name(shade.name, code)


def _family_name(shade: str, code: str) -> str:
    """What a language without forms calls the family of a shade, else its English name."""
    rows = {row.name: row.names for row in word_tables.colours().families}
    return rows.get(colour_family(shade) or "", {}).get(code, shade)


def names_a_colour(title: str, code: str) -> bool:
    """Whether a title may name a colour, also by a word for a thing: "gold", "rose"."""
    return any(colour_family(word, language=code) for word in title.split())


def leading_colour(
    colours: Sequence[Colour], written: Sequence[WrittenAttribute], code: str
) -> ShadeForms | None:
    """The colour that leads on a photo, unless the data clearly names another."""
    if not colours or colours[0].share < _MIN_SHARE:
        return None
    stated = next((fact.value for fact in written if fact.key == "colour"), "")
    families = set(colour_families(stated, language=code)) if stated else set()
    leading = colours[0].name
    if stated and not families & {*colour_families(leading), "multicolour"}:
        return None
    return shade_forms(leading)
