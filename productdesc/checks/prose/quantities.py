"""Quantities: numbers with their units, so that 0.5 kg and 500 g are the same claim.

To add a unit: one row in _UNIT_TABLE.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ...words.tokens import Token, form_of, linked

__all__ = ["MONEY", "Quantity", "Unit", "is_chain", "quantity_at", "roles", "units"]


class Unit(NamedTuple):
    """What a unit measures, its claim's code in the policy, its size in the base unit."""

    dimension: str
    code: str
    factor: float


# fmt: off
_UNIT_TABLE: tuple[tuple[str, str, float, str], ...] = (
    # dimension, code, factor to the first of its dimension, words
    ("length", "size", 1.0, "mm millimetre millimeter"),
    ("length", "size", 10.0, "cm centimetre centimeter zentimeter centimètre centímetro"),
    ("length", "size", 1000.0, "m metre meter mètre metro"),
    ("length", "size", 1e6, "km kilometre kilometer"),
    ("length", "size", 25.4, "inch inches in ″ \" ” zoll pouce pulgada"),
    ("length", "size", 304.8, "ft foot feet"),
    ("mass", "weight", 1.0, "g gram gramme grams gramm gramo"),
    ("mass", "weight", 0.001, "mg milligram"),
    ("mass", "weight", 1000.0, "kg kilo kilogram kilogramm"),
    ("mass", "weight", 453.59237, "lb pound"),
    ("mass", "weight", 28.349523125, "oz ounce"),
    ("fabric weight", "weight", 1.0, "gsm"),
    ("fibre weight", "weight", 1.0, "denier den"),
    ("volume", "size", 1.0, "ml millilitre milliliter"),
    ("volume", "size", 10.0, "cl"),
    ("volume", "size", 1000.0, "l litre liter ltr"),
    ("share", "percentage", 1.0, "% percent prozent"),
    ("EUR", "price", 1.0, "€ eur euro"),
    ("USD", "price", 1.0, "$ usd dollar"),
    ("GBP", "price", 1.0, "£ gbp quid"),
    ("JPY", "price", 1.0, "¥ yen jpy"),
    ("cent", "price", 1.0, "cent"),
    ("power", "number", 1.0, "w watt"),
    ("power", "number", 1000.0, "kw"),
    ("voltage", "number", 1.0, "v volt"),
    ("charge", "number", 1.0, "mah"),
    ("frequency", "number", 1.0, "hz hertz"),
    ("frequency", "number", 1e9, "ghz"),
    ("data", "number", 1.0, "mb megabyte"),
    ("data", "number", 1000.0, "gb gigabyte"),
    ("data", "number", 1e6, "tb terabyte"),
    ("temperature", "number", 1.0, "°c celsius"),
    ("degrees", "number", 1.0, "° degree"),
    ("pixels", "number", 1.0, "mp megapixel"),
    ("purity", "material", 1.0, "k karat carat ct"),
    ("time", "number", 1.0, "hour hr"),
    ("time", "number", 24.0, "day"),
    ("time", "number", 168.0, "week"),
    ("months", "number", 1.0, "month"),
    ("months", "number", 12.0, "year"),
)
# fmt: on
MONEY = frozenset(d for d, code, _, _ in _UNIT_TABLE if code == "price")

# Which side of a thing a number measures: "30 cm wide" is not what "length: 30 cm" says.
_ROLE_WORDS: Mapping[str, str] = {
    "width": "wide width breit breite largeur ancho w",
    "height": "high tall height hoch höhe hauteur alto altura h",
    "length": "long length lang länge longueur largo longitud",
    "depth": "deep depth tief tiefe profondeur fondo d",
    "diameter": "diameter durchmesser diamètre diámetro",
    "thickness": "thick thickness dicke épaisseur grosor",
    "age": "old age",
}
_AMBIGUOUS_UNITS = {"in", "m", "l", "k", "v", "w", "g"}  # words or sizes when set apart


_MAX_CHAIN = 6  # words: three sides


@cache
def units() -> Mapping[str, Unit]:
    """Units by the normal form of their words."""
    return {
        form_of(word): Unit(dimension, code, factor)
        for dimension, code, factor, names in _UNIT_TABLE
        for word in names.split()
    }


@cache
def roles() -> Mapping[str, str]:
    """Sides of a thing by the normal form of their words: "width" by "wide"."""
    return {
        form_of(word): role
        for role, listed in _ROLE_WORDS.items()
        for word in listed.split()
    }


class Quantity(NamedTuple):
    """A number, its unit if it has one, and the words `first` to `last` that say it."""

    value: float
    unit: Unit | None
    first: int
    last: int

    @property
    def amount(self) -> tuple[str, str]:
        """Equal for equal amounts: dimension and value in its base unit.

        A bare number equals no measured one.
        """
        if self.unit is None:
            return "", f"{self.value:.7g}"
        return self.unit.dimension, f"{self.value * self.unit.factor:.7g}"


def quantity_at(text: str, found: Sequence[Token], at: int) -> Quantity | None:
    """The quantity whose number is word `at`, or None if that is no plain number.

    Understands "€ 20", "20 EUR", "12cm", "12-inch", and "30 x 40 cm" (a chain takes the
    unit of its end).
    """
    value = _value(found[at].form)
    if value is None or not found[at].is_number:
        return None
    before = found[at - 1] if at else None
    if before and linked(text, before, found[at]):
        unit = units().get(before.form)
        if unit and unit.dimension in MONEY:
            return Quantity(value, unit, at - 1, at)
    end = at
    while end < at + _MAX_CHAIN and is_chain(text, found, end):
        end += 2
    unit = _unit_after(text, found, end)
    if unit is None:
        return Quantity(value, None, at, at)
    return Quantity(value, unit, at, at + 1 if end == at else at)


def _unit_after(text: str, found: Sequence[Token], at: int) -> Unit | None:
    if at + 1 >= len(found) or not linked(text, found[at], found[at + 1]):
        return None
    word = found[at + 1]
    unit = units().get(word.form)
    if word.form in ('"', "”") and not _is_inches(text, found[at]):
        return None
    if unit and word.form in _AMBIGUOUS_UNITS and word.start > found[at].end:
        written = text[word.start : word.end]
        follows = found[at + 2] if at + 2 < len(found) else None
        if word.form == "in" and follows and linked(text, word, follows):
            return unit if follows.form in roles() else None
        if word.form == "m" and written == "M":
            return None
    return unit


def _is_inches(text: str, number: Token) -> bool:
    """A quote mark after a number means inches unless it closes a quotation."""
    head = re.sub(r'\d"', "", text[max(0, number.start - 80) : number.start])
    return head.count('"') % 2 == 0 and head.count("“") <= head.count("”")


def is_chain(text: str, found: Sequence[Token], at: int) -> bool:
    """Whether "x NUMBER" follows, as in 30 x 40."""
    if at + 2 >= len(found):
        return False
    times, number = found[at + 1], found[at + 2]
    return (
        times.form in ("x", "by")
        and number.is_number
        and linked(text, found[at], times)
        and linked(text, times, number)
    )


@lru_cache(maxsize=4096)
def _value(form: str) -> float | None:
    above, _, below = form.partition("/")
    try:
        value = float(above) / float(below) if below else float(form)
    except (ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None
