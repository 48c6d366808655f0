"""Units: what a word behind a number measures, and which side of a thing is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from ..tokens import Token, forms_of, linked, same_at
from .claim_phrases import function_forms, listed_forms
from .claim_tables import CLAIM_LANGUAGES, unit_rows

__all__ = ["Unit", "is_unit", "roles", "unit_after", "unit_of", "units"]


class Unit(NamedTuple):
    """What a unit measures, its claim's code in the policy, its size in the base unit."""

    key: str
    dimension: str
    code: str
    factor: float


_SIDES = ("width", "height", "length", "depth", "diameter", "thickness", "age")


_CARATS = frozenset(map(str, range(8, 25)))
_CAPITAL = {"a", "v", "w", "go", "to"}
_SMALL = {"m", "l", "t", "h", "er", "d"}
"""Units that are words or sizes as well: set apart, how one is written counts."""


@cache
def units(language: str) -> Mapping[str, tuple[tuple[tuple[str, ...], Unit], ...]]:
    """First word -> words and unit, longest first; "": of all languages."""
    index: dict[str, dict[tuple[str, ...], Unit]] = {}
    tongues = ("all", "en", language) if language in CLAIM_LANGUAGES else _ALL
    for row in unit_rows():
        unit = Unit(row.key, row.dimension, row.code, row.factor)
        for tongue in tongues:
            for entry in row.words.get(tongue, ()):
                forms = forms_of(f"1{entry}")[1:] if len(entry) == 1 else forms_of(entry)
                index.setdefault(forms[0], {}).setdefault(forms, unit)
    return {
        first: tuple(sorted(some.items(), key=lambda entry: -len(entry[0])))
        for first, some in index.items()
    }


_ALL = ("all", *CLAIM_LANGUAGES)


def unit_of(form: str) -> Unit | None:
    """The unit that a single word is, in any language."""
    some = units("").get(form, ())
    return next((unit for forms, unit in some if len(forms) == 1), None)


def is_unit(form: str) -> bool:
    """Whether a word is a unit in any language."""
    return unit_of(form) is not None


def unit_after(
    text: str, found: Sequence[Token], at: int, language: str
) -> tuple[int, Unit | None]:
    """How many words after word `at` are its unit, and which; 0 if none."""
    if at + 1 >= len(found) or not linked(text, found[at], found[at + 1]):
        return 0, None
    word = found[at + 1]
    for forms, unit in units(language).get(word.form, ()):
        if same_at(text, found, at + 1, forms) and (
            len(forms) > 1 or _is_meant(text, found, at)
        ):
            return len(forms), unit
    return 0, None


def _is_meant(text: str, found: Sequence[Token], at: int) -> bool:
    """Whether a word after a number is its unit, not a word or a size beside it."""
    word = found[at + 1]
    if word.form in ('"', "”"):
        return _is_inches(text, found[at])
    if word.form == "k":
        return found[at].form in _CARATS  # "4K" is no gold
    if word.start == found[at].end:
        return True
    if word.form == "in":
        follows = found[at + 2] if at + 2 < len(found) else None
        return not follows or not linked(text, word, follows) or follows.form in roles()
    if word.form in _CAPITAL:
        return text[word.start].isupper()
    if word.form in _SMALL:
        return text[word.start].islower()
    names = listed_forms("not_claims", "en").get(word.form, ())  # "2 bar stools"
    return not any(same_at(text, found, at + 1, forms) for forms in names)


def _is_inches(text: str, number: Token) -> bool:
    """A quote mark after a number means inches unless it closes a quotation."""
    head = re.sub(r'\d"', "", text[max(0, number.start - 80) : number.start])
    return head.count('"') % 2 == 0 and head.count("“") <= head.count("”")


@cache
def roles() -> Mapping[str, frozenset[str]]:
    """Sides of a thing by the normal form of their words: "width" by "wide".

    One word can be several: "largo" is long in Spanish and wide in Italian.
    """
    sides: dict[str, frozenset[str]] = {}
    for side in _SIDES:
        for form in function_forms(side):
            sides[form] = sides.get(form, frozenset()) | {side}
    return sides
