"""Quantities: numbers with their units, so that 0.5 kg and 500 g are the same claim.

To add a unit: one row in `words/claims/unit.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ...words.claims.claim_phrases import function_forms, listed_forms
from ...words.claims.grammar import grammar
from ...words.claims.units import Unit, is_unit, roles, unit_after, unit_of, units
from ...words.tokens import Token, linked, same_at
from .numerals import Number, half_behind, numbers_at

__all__ = ["Quantity", "Unit", "is_chain", "is_unit", "quantities_at", "roles", "unit_of"]


class Quantity(NamedTuple):
    """A number, its unit if it has one, and the words `first` to `last` that say it.

    `values`: each value that the number can be read as. `is_count`: it can count things.
    `end`: the last word of the range or chain that it begins, "six" of "two to six".
    """

    values: tuple[float, ...]
    unit: Unit | None
    first: int
    last: int
    is_count: bool = True
    end: int = 0

    @property
    def amounts(self) -> tuple[tuple[str, str], ...]:
        """Equal for equal amounts: dimension and value in its base unit.

        A bare number equals no measured one.
        """
        unit = self.unit or _BARE
        return tuple((unit.dimension, f"{v * unit.factor:.7g}") for v in self.values)


_BARE = Unit("", "", "number", 1.0)
_MAX_CHAIN = 3  # sides of a thing


def quantities_at(
    text: str, found: Sequence[Token], at: int, language: str, *, is_data: bool = False
) -> tuple[Quantity, ...]:
    """The quantities whose number begins at word `at`, the likeliest first.

    Number words are read in `language`; units too, but in all languages `is_data`.

    Understands "€ 20", "20 EUR", "12cm", "12-inch", "2 500 mm", "half a litre", "due ore e
    mezza", and "30 x 40 cm" (a chain takes the unit of its end). None if it is no number.
    """
    tongue = "" if is_data else language
    some = (
        _measured(text, found, at, number, language, tongue)
        for number in numbers_at(text, found, at, language)
    )
    return tuple(quantity for quantity in some if quantity)


def _measured(
    text: str, found: Sequence[Token], at: int, number: Number, language: str, tongue: str
) -> Quantity | None:
    before = found[at - 1] if at else None
    if before and linked(text, before, found[at]):
        money = units("").get(before.form, ())
        if money and money[0][1].code == "price" and len(money[0][0]) == 1:
            return Quantity(number.values, money[0][1], at - 1, number.last, False)
    end, is_side = number.last, False
    for _ in range(_MAX_CHAIN):
        following = _chained(text, found, end)
        sides = numbers_at(text, found, following, language) if following else ()
        if not sides:
            break
        end, is_side = sides[0].last, True
    size, unit = unit_after(text, found, end, tongue)
    if unit is None and number.is_doubtful:
        over = _over_of(found, end)
        size, unit = unit_after(text, found, over, tongue)
        size += over - end
    if unit is None:
        is_part = number.is_count and _counts(text, found, at, language)
        if number.is_doubtful and not is_part:
            return None
        return Quantity(number.values, None, at, number.last, number.is_count, end)
    if _is_article(found, at, language) and unit.key not in _article_units():
        return None
    last = number.last if is_side else end + size
    values = number.values
    if not is_side:
        values, last = _with_half(text, found, last, values, language)
        values, last = _with_smaller(text, found, last, values, unit, language)
    if unit.dimension in ("temperature", "fahrenheit") and _is_minus(text, found, at):
        values = tuple(-value for value in values)
    return Quantity(values, unit, at, last, number.is_count)


def _with_smaller(
    text: str,
    found: Sequence[Token],
    last: int,
    values: tuple[float, ...],
    unit: Unit,
    language: str,
) -> tuple[tuple[float, ...], int]:
    """ "6 euro e 20", "un chilo e cento grammi", "1 m 50": the rest in a smaller unit."""
    at = last + 1
    if at < len(found) and found[at].form in grammar(language).joiners:
        at += 1
    if at >= len(found) or not linked(text, found[at - 1], found[at]):
        return values, last
    for rest in numbers_at(text, found, at, language):
        size, smaller = unit_after(text, found, rest.last, language)
        if smaller and smaller.dimension == unit.dimension and smaller.factor < unit.factor:
            share = smaller.factor / unit.factor
        elif smaller and smaller.key == "cent" and unit.code == "price":
            share = 0.01
        elif smaller is None and unit.key in _HUNDREDTHS and rest.values[0] < 100:
            share, size = 0.01, 0
        else:
            continue
        return tuple(v + rest.values[0] * share for v in values), rest.last + size
    return values, last


_HUNDREDTHS = ("metre", "euro", "dollar", "pound_sterling")
"""Units after which a bare number is so many hundredths: "1 m 50", "6 euro e 20"."""


def _over_of(found: Sequence[Token], end: int) -> int:
    """ "half a litre", "mezzo di litro", "un quart d'heure": the words before the unit."""
    while end + 1 < len(found) and _is_of(found[end + 1].form):
        end += 1
    return end


def _is_of(form: str) -> bool:
    return form in function_forms("of_a")


def _counts(text: str, found: Sequence[Token], at: int, language: str) -> bool:
    """Whether a doubtful number ("one", "neuf") stands before a part that shops count."""
    if at + 1 >= len(found) or _is_article(found, at, language):
        return False
    parts = listed_forms("part", language).get(found[at + 1].form, ())
    return any(same_at(text, found, at + 1, forms) for forms in parts)


def _is_article(found: Sequence[Token], at: int, language: str) -> bool:
    return found[at].form in function_forms("articles", language)


@cache
def _article_units() -> frozenset[str]:
    return function_forms("article_units")


def _with_half(
    text: str,
    found: Sequence[Token],
    last: int,
    values: tuple[float, ...],
    language: str,
) -> tuple[tuple[float, ...], int]:
    """ "deux heures et demie", "dos horas y media": the half behind the unit."""
    end = half_behind(text, found, last, language)
    return (tuple(v + 0.5 for v in values), end) if end > last else (values, last)


def _is_minus(text: str, found: Sequence[Token], at: int) -> bool:
    head = text[max(0, found[at].start - 2) : found[at].start]
    if head[-1:] in ("-", "−", "–") and not head[:-1].strip().isalnum():
        return True
    return bool(at) and found[at - 1].form in function_forms("minus")


# ---- chains ------------------------------------------------------------------------------


def is_chain(text: str, found: Sequence[Token], at: int) -> int | None:
    """The number that stands after "x", "by" or "×" behind word `at`, as in 30 x 40."""
    for number in (at + 1, at + 2):
        if number < len(found) and found[number].is_number:
            between = found[at + 1 : number]
            gap = text[found[at].end : found[number].start]
            if between and between[0].form in function_forms("times"):
                joined = linked(text, found[at], between[0])
                return (
                    number if joined and linked(text, between[0], found[number]) else None
                )
            return number if not between and gap.strip() in ("×", "*") else None
    return None


def _chained(text: str, found: Sequence[Token], at: int) -> int | None:
    """The next number of a chain or a range, both of which have one unit at their end."""
    number = is_chain(text, found, at)
    if number is not None:
        return number
    if at + 1 < len(found) and found[at + 1].is_number:
        return at + 1 if text[found[at].end : found[at + 1].start] in ("-", "–") else None
    if at + 2 < len(found) and found[at + 1].form in function_forms("range"):
        near = (found[at : at + 2], found[at + 1 : at + 3])
        return at + 2 if all(linked(text, *two) for two in near) else None
    return None
