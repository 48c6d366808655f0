"""Colour claims in prose: which words name one, and whether data and photos bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ...colours import colour_families, colours_agree, values_differ
from ...records import Colour
from ...taxonomy.product_type import food_types
from ...words.colour_names import ANY, colour_in
from ...words.tokens import FormSet, form_of, linked
from .coloured_thing import (
    COLOUR_NAMES,
    COLOURED,
    IN_WORDS,
    SHADE_WORDS,
    SaidOf,
    said_of,
)
from .kind_claims import kind_name_at
from .sentence import Sentence
from .sources import SourceIndex
from .stance import is_idiom, words_of

__all__ = ["COLOUR_NAMES", "ColourClaim", "colour_claim_at", "merchant_colour"]

_SHADES_BEHIND = FormSet(  # where a colour stands behind its noun, its shade does too
    "foncé foncée clair claire vif vive pâle pastel oscuro oscura claro clara intenso"
    " intensa scuro scura scuri scure chiaro chiara chiari chiare acceso accesa"
)


class ColourClaim(NamedTuple):
    """A colour named by the words up to `last`, and what bears it out, if anything.

    `is_false`: it is said of the product, and its data or photos contradict it.
    """

    last: int
    attribute: str | None
    photo: int | None
    is_false: bool


def colour_claim_at(s: Sentence, at: int) -> ColourClaim | None:
    """The colour that begins at word `at`, or None."""
    found, known = s.words, s.known
    first = at
    size = _size_of_name(s, at)
    if not size and found[at].form in SHADE_WORDS and at + 1 < len(found):
        first = at + 1 if linked(s.text, found[at], found[at + 1]) else at
        size = _size_of_name(s, first)
    if not size or is_idiom(found, first, known.language):
        return None
    last = first + size - 1
    while last + 1 < len(found) and linked(s.text, found[last], found[last + 1]):
        goes_on = _is_colour(s, last + 1) and kind_name_at(s, last + 1) is None
        if not goes_on and found[last + 1].form not in _SHADES_BEHIND:
            break
        last += 1
    phrase = s.text[found[at].start : found[last].end]
    forms = tuple(w.form for w in found[at : last + 1])
    source = known.vouches_for(forms)
    if source:
        return ColourClaim(last, source.name, None, False)
    if attribute := _stated_abroad(phrase, known):
        return ColourClaim(last, attribute, None, False)
    photo = _photo_showing(phrase, known)
    thing = said_of(s, at, last)
    false = thing is not None and _is_contradicted(phrase, known, photo, thing)
    return ColourClaim(last, None, photo, false)


def merchant_colour(known: SourceIndex) -> tuple[str, str] | None:
    """Name and value of the merchant's attribute that states the product's colour."""
    details = words_of("details", "en") | words_of("details", known.language)
    for source in known.sources:
        if source.key and source.key[-1] in COLOUR_NAMES and not details & set(source.key):
            return source.name, source.text
    return None


def _size_of_name(s: Sentence, at: int) -> int:
    """How many words name a colour there, 0 where none: "off-white" is two."""
    for size in (3, 2):
        words = s.words[at : at + size]
        is_one = len(words) == size and all(
            linked(s.text, left, right) for left, right in pairwise(words)
        )
        name = s.text[words[0].start : words[-1].end]
        if is_one and colour_in(name, language=s.known.language)[0]:
            return size
    return int(_is_colour(s, at))


def _is_colour(s: Sentence, at: int) -> bool:
    """Whether a word of a sentence is a colour: "ruby" only where nothing else is meant."""
    word, language = s.words[at], s.known.language
    family, is_thing = colour_in(s.text[word.start : word.end], language=language)
    if family is None:
        return False
    if not is_thing:
        return not _is_scent(s, at)
    if len(s.words) == 1:
        return False  # "Rose" may be a flower; as a value it is looked up elsewhere
    before = s.words[at - 1] if at else None
    after = s.words[at + 1] if at + 1 < len(s.words) else None
    if before and before.form in COLOUR_NAMES:
        return True
    if after and linked(s.text, word, after):
        return after.form in words_of("whole", language) | COLOURED
    return bool(before and before.form in IN_WORDS and linked(s.text, before, word))


def _is_scent(s: Sentence, at: int) -> bool:
    """ "Eau de rose", "jus d'orange": what a plain colour is as well, where it is that."""
    word = s.text[s.words[at].start : s.words[at].end]
    if not at or not colour_in(word)[1]:
        return False
    of = words_of("of_what", s.known.language) | {"a", "al", "alla", "aux", "la"}
    return s.words[at - 1].form in of - {"en"}


def _stated_abroad(phrase: str, known: SourceIndex) -> str | None:
    """The attribute that states the colour in another language: "schwarz" for black."""
    stated = merchant_colour(known)
    if stated is None or colour_families(stated[1], language=known.language):
        return None
    theirs = colour_families(stated[1], language=ANY)
    mine = colour_families(phrase, language=known.language)
    return stated[0] if len(mine) == 1 and mine == theirs and " " not in phrase else None


def _photo_showing(phrase: str, known: SourceIndex) -> int | None:
    """The first photo whose measured colours bear the phrase out, or where it was seen."""
    for number, colours in enumerate(known.measured, start=1):
        if colours and colours_agree(phrase, colours, language=known.language):
            return number
    for name, seen in known.facts.attributes.items():
        if form_of(name) not in COLOUR_NAMES or seen.photo > len(known.measured):
            continue
        same = set(colour_families(seen.value)) & set(
            colour_families(phrase, language=known.language)
        )
        colours = known.measured[seen.photo - 1]
        if same and colours_agree(phrase, colours, language=known.language) is not False:
            return seen.photo
    return None


# ---- whether data and photos contradict it -------------------------------------------


def _is_contradicted(
    phrase: str, known: SourceIndex, photo: int | None, thing: SaidOf
) -> bool:
    """Whether the merchant's colour, or else every photo, is clearly another one.

    Of a noun that is not known to be the product's: only where both are.
    """
    own = known.kinds
    if own.seen & food_types() or own.stated.kinds & food_types():
        return False  # orange juice, plum yogurt
    if photo is not None and not _leads(phrase, known.measured[photo - 1], known.language):
        return False  # a smaller colour of the product, as on its laces
    stated = merchant_colour(known)
    languages = (known.language, ANY)
    differs = values_differ(phrase, stated[1], languages=languages) if stated else None
    if thing == "any":
        return bool(differs) and photo is None and _differs_on_photos(phrase, known)
    if differs is not None:
        return differs
    return photo is None and _differs_on_photos(phrase, known)


def _differs_on_photos(phrase: str, known: SourceIndex) -> bool:
    answers = [
        colours_agree(phrase, colours, language=known.language)
        for colours in known.measured
        if colours
    ]
    return bool(answers) and all(answer is False for answer in answers)


def _leads(phrase: str, colours: Sequence[Colour], language: str) -> bool:
    """Whether the phrase names the largest of the measured colours."""
    return bool(colours) and colours_agree(phrase, colours[:1], language=language) is True
