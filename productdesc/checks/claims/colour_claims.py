"""Colour claims in prose: which words name one, and whether data and photos bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ...colours import colour_families, colours_agree
from ...records import Colour
from ...taxonomy.product_type import food_types, types_at
from ...words.tokens import FormSet, Token, form_of, linked
from .sources import SourceIndex

__all__ = ["COLOUR_NAMES", "ColourClaim", "colour_claim_at", "merchant_colour"]

COLOUR_NAMES = FormSet("colour farbe couleur kleur colore")
"""Names of the attribute that states the colour (folded)."""

_SHADE_WORDS = FormSet("light dark bright deep pale soft dusty pastel neon")
_REACH = 2  # words between a colour and the product it is said of


class ColourClaim(NamedTuple):
    """A colour named by the words up to `last`, and what bears it out, if anything.

    `is_false`: it is said of the whole product, and its data or photos contradict it.
    """

    last: int
    attribute: str | None
    photo: int | None
    is_false: bool


def colour_claim_at(
    text: str, found: Sequence[Token], at: int, known: SourceIndex
) -> ColourClaim | None:
    """The colour that begins at word `at`, or None."""
    first = at
    if found[at].form in _SHADE_WORDS and at + 1 < len(found):
        first = at + 1 if linked(text, found[at], found[at + 1]) else at
    if not _families(_written(text, found[first]), known.language):
        return None
    last = first
    while (
        last + 1 < len(found)
        and linked(text, found[last], found[last + 1])
        and _families(_written(text, found[last + 1]), known.language)
        and not types_at((found[last + 1].form,), 0)[0]
    ):
        last += 1
    phrase = text[found[at].start : found[last].end]
    forms = tuple(w.form for w in found[at : last + 1])
    source = known.vouches_for(forms)
    if source:
        return ColourClaim(last, source.name, None, False)
    photo = _photo_showing(phrase, known)
    false = _of_product(text, found, at, last) and _is_contradicted(phrase, known, photo)
    return ColourClaim(last, None, photo, false)


def merchant_colour(known: SourceIndex) -> tuple[str, str] | None:
    """Name and value of the merchant's attribute that states the colour."""
    for source in known.sources:
        if source.key and source.key[-1] in COLOUR_NAMES:
            return source.name, source.text
    return None


def _written(text: str, word: Token) -> str:
    return text[word.start : word.end]


@lru_cache(maxsize=4096)
def _families(word: str, language: str) -> tuple[str, ...]:
    """The families a word in a sentence names; words for things as well do not count."""
    return colour_families(f"{word} item", language=language)


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


def _of_product(text: str, found: Sequence[Token], at: int, last: int) -> bool:
    """Whether the colour is said of the product itself, not of laces or a label on it.

    Yes if nothing else is said, if the product's kind follows, or after "in" and "colour".
    """
    if at == 0 and last == len(found) - 1:
        return True
    if at and linked(text, found[at - 1], found[at]):
        before = found[at - 1].form
        if before in COLOUR_NAMES or (before in ("in", "en") and _ends(text, found, last)):
            return True
    forms = tuple(w.form for w in found[last + 1 : last + 2 + _REACH + 2])
    for ahead in range(len(forms)):
        left, right = found[last + ahead], found[last + ahead + 1]
        joined = linked(text, left, right) or text[left.end : right.start] == ", "
        if ahead > _REACH or not joined:
            return False
        if types_at(forms, ahead)[0]:
            return True
        if forms[ahead] in ("with", "for", "on", "at", "mit", "avec", "con"):
            return False
    return False


def _ends(text: str, found: Sequence[Token], last: int) -> bool:
    return last + 1 == len(found) or not linked(text, found[last], found[last + 1])


def _is_contradicted(phrase: str, known: SourceIndex, photo: int | None) -> bool:
    """Whether the merchant's colour, or else every photo, is clearly another one."""
    if known.kinds.seen & food_types():
        return False  # orange juice, plum yogurt
    said = set(colour_families(phrase, language=known.language))
    if photo is not None and not _leads(phrase, known.measured[photo - 1], known.language):
        return False  # a smaller colour of the product, as on its laces
    stated = merchant_colour(known)
    if stated:
        theirs = set(colour_families(stated[1], language=known.language))
        if theirs:
            return not (said & theirs or "multicolour" in said | theirs)
    if photo is not None:
        return False
    answers = [
        colours_agree(phrase, colours, language=known.language)
        for colours in known.measured
        if colours
    ]
    return bool(answers) and all(answer is False for answer in answers)


def _leads(phrase: str, colours: Sequence[Colour], language: str) -> bool:
    """Whether the phrase names the largest of the measured colours."""
    return bool(colours) and colours_agree(phrase, colours[:1], language=language) is True
