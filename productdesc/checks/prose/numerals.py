"""Numbers in prose: digits with any separators, fractions, and number words.

"2.000" is two or two thousand, as its language has it; nobody says which language a
merchant's data is in, so both readings count. Number words are read by `text2num`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from text_to_num import text2num

from ...words.claims.claim_phrases import function_forms
from ...words.claims.claim_tables import CLAIM_LANGUAGES, function_words
from ...words.tokens import Token, forms_of, linked, same_at

__all__ = ["Number", "half_behind", "numbers_at"]


class Number(NamedTuple):
    """A number up to word `last`, in each value that it can be read as.

    `is_count`: it can count things; "2.0" and "half" cannot. `is_doubtful`: a word that is
    a number only before what it counts ("one", "neuf").
    """

    values: tuple[float, ...]
    last: int
    is_count: bool = True
    is_doubtful: bool = False


def numbers_at(
    text: str, found: Sequence[Token], at: int, language: str
) -> tuple[Number, ...]:
    """The numbers that word `at` begins, the longest first: "2 500" is one or two."""
    word = found[at]
    if word.is_number:
        return _digits(text, found, at)
    if word.form in _FRACTIONS:
        return (Number((_FRACTIONS[word.form],), at, is_count=False),)
    number = _words(text, found, at, language)
    return (number,) if number else ()


# ---- digits ------------------------------------------------------------------------------

# "½" folds to "1⁄2"
_FRACTIONS = {
    unicodedata.normalize("NFKC", sign): unicodedata.numeric(sign)
    for sign in "½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
}
_GROUP_GAPS = {" ", "\u00a0", "\u2009", "\u202f", "'", "’"}
_MAX_GROUPS = 4


def _digits(text: str, found: Sequence[Token], at: int) -> tuple[Number, ...]:
    written = _written(text, found[at])
    mixed = _with_fraction(text, found, at)
    if mixed:
        return (mixed,)
    values = _readings(written)
    if not values:
        return ()
    alone = Number(values, at, is_count=any(value.is_integer() for value in values))
    if _is_decimal(written):
        alone = alone._replace(is_count=False)
    grouped = _grouped(text, found, at)
    return (grouped, alone) if grouped else (alone,)


def _written(text: str, word: Token) -> str:
    return unicodedata.normalize("NFKC", text[word.start : word.end])


def _is_decimal(written: str) -> bool:
    """Whether it can only be a measured number: "2.0", "1,5"."""
    return bool(re.search(r"[.,]\d{1,2}$|[.,]\d{4,}$", written)) or "/" in written


_GROUPS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


@lru_cache(maxsize=4096)
def _readings(written: str) -> tuple[float, ...]:
    """The values of digits as written; none if they are no plain number ("1.2.3")."""
    if "/" in written:
        above, _, below = written.partition("/")
        if not (above.isdecimal() and below.isdecimal()) or not int(below):
            return ()
        return (int(above) / int(below),) if len(written) < _MAX_DIGITS else ()
    if len(written) > _MAX_DIGITS:
        return ()
    marks = [c for c in written if c in ".,"]
    if not marks:
        return (float(written),)
    groups = _GROUPS.fullmatch(written)
    last = marks[-1]
    other = "," if last == "." else "."
    is_decimal = marks.count(last) == 1
    if is_decimal and other in marks:
        whole_part, _, _ = written.rpartition(last)
        is_decimal = bool(_GROUPS.fullmatch(whole_part))
    decimal = float(written.replace(other, "").replace(last, ".")) if is_decimal else None
    whole = float(re.sub("[.,]", "", written)) if groups and written[0] != "0" else None
    return tuple(value for value in (decimal, whole) if value is not None)


_MAX_DIGITS = 30


def _with_fraction(text: str, found: Sequence[Token], at: int) -> Number | None:
    """ "1 1/2", "1½": a number and a fraction of one."""
    written = _written(text, found[at])
    if at + 1 >= len(found) or not written.isdecimal() or len(written) > _MAX_DIGITS:
        return None
    following = found[at + 1]
    gap = text[found[at].end : following.start]
    if gap not in ("", " ", "\u00a0", "\u202f", "-"):
        return None
    part = _FRACTIONS.get(following.form)
    if part is None and following.is_number and gap and "/" in following.form:
        above, _, below = following.form.partition("/")
        is_proper = len(above) == 1 and 0 < len(below) < 3 and int(above) < int(below)
        part = int(above) / int(below) if is_proper else None
    return Number((int(written) + part,), at + 1, is_count=False) if part else None


def _grouped(text: str, found: Sequence[Token], at: int) -> Number | None:
    """ "2 500", "2'000,5": groups of three digits, apart."""
    digits = _written(text, found[at])
    if not re.fullmatch(r"[1-9]\d{0,2}", digits):
        return None
    last = at
    while last + 1 < len(found) and last - at < _MAX_GROUPS:
        following = found[last + 1]
        group = _written(text, following)
        gap = text[found[last].end : following.start]
        if gap not in _GROUP_GAPS or not re.fullmatch(r"\d{3}(?:[.,]\d+)?", group):
            break
        digits += group
        last += 1
        if not group.isdecimal():
            break
    if last == at or len(digits) > _MAX_DIGITS:
        return None
    value = float(digits.replace(",", "."))
    return Number((value,), last, is_count=value.is_integer())


# ---- words -------------------------------------------------------------------------------

_MAX_WORDS = 8  # "two thousand five hundred and twenty-two" has seven
_PARTS = (
    ("one_and_a_half", 1.5), ("three_quarters", 0.75), ("half", 0.5), ("quarter", 0.25),
    ("third", 1 / 3),
)  # fmt: skip


def _words(text: str, found: Sequence[Token], at: int, language: str) -> Number | None:
    if language not in CLAIM_LANGUAGES:
        return None
    part = _part(text, found, at, language)
    if part:
        return part
    whole = _whole(text, found, at, language)
    if whole is None:
        return None
    value, last = whole
    dozen = last + 1
    if dozen < len(found) and found[dozen].form in function_forms("dozen", language):
        return Number((value * 12,), dozen)
    half = half_behind(text, found, last, language)
    if half > last:
        return Number((value + 0.5,), half, is_count=False)
    is_doubtful = at == last and found[at].form in function_forms(
        "doubtful_numbers", language
    )
    return Number((value,), last, value.is_integer(), is_doubtful)


def _part(text: str, found: Sequence[Token], at: int, language: str) -> Number | None:
    """A half, a quarter, a dozen; what it is of follows."""
    dozens = function_forms("dozen", language)
    if found[at].form in dozens:
        return Number((12.0,), at)
    for forms, value in _parts(language).get(found[at].form, ()):
        if same_at(text, found, at, forms):
            last = at + len(forms) - 1
            if value == 0.5 and last + 1 < len(found) and found[last + 1].form in dozens:
                return Number((6.0,), last + 1)
            return Number((value,), last, is_count=False, is_doubtful=True)
    return None


@cache
def _parts(language: str) -> Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]:
    """First word -> the words of a part of one and its value, longest first."""
    index: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for name, value in _PARTS:
        for entry in function_words()[name].get(language, ()):
            forms = forms_of(entry)
            index.setdefault(forms[0], []).append((forms, value))
    return {
        first: tuple(sorted(some, key=lambda part: -len(part[0])))
        for first, some in index.items()
    }


def half_behind(text: str, found: Sequence[Token], last: int, language: str) -> int:
    """The last word of "and a half" behind word `last`, or `last`."""
    if last + 1 >= len(found) or not linked(text, found[last], found[last + 1]):
        return last
    for entry in function_words()["and_a_half"].get(language, ()):
        forms = forms_of(entry)
        if same_at(text, found, last + 1, forms):
            return last + len(forms)
    return last


def _whole(
    text: str, found: Sequence[Token], at: int, language: str
) -> tuple[float, int] | None:
    """The longest run of words that is a number, and its last word."""
    best: tuple[float, int] | None = None
    words: list[str] = []
    for last in range(at, min(at + _MAX_WORDS, len(found))):
        word = found[last]
        if word.is_number or (last > at and not linked(text, found[last - 1], word)):
            break
        words.append(_written(text, word).casefold())
        value = _parse(" ".join(words), language)
        if value is not None:
            best = value, last
        elif best is None or last - best[1] > 1:
            break  # "twenty and": with one word that joins it may still become a number
    return best


@lru_cache(maxsize=8192)
def _parse(words: str, language: str) -> float | None:
    if words in function_words()["articles"].get(language, ()):
        return 1.0
    half = words.removesuffix("einhalb") if language == "de" else words
    try:  # "zweieinhalb"
        return float(text2num(half, language)) + (0.5 if half != words else 0.0)
    except ValueError:
        return None
