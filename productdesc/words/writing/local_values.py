"""Local values: an attribute's value as it is said in the language of the copy.

What is said in that language already stays letter by letter, and so do codes, names, and
what no table has: an attribute is data, which other programs read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from ...text.fold import fold
from ..claims.claim_tables import unit_rows
from .copy_tables import copy_language, has_tables, label_row, unit, value_rows
from .written_values import parts_of, written_value

__all__ = ["local_value"]

_GROUPS = frozenset({
    "age_group", "closure", "colour", "country", "fit", "gender", "material", "neckline",
    "pattern", "season", "sleeve_length",
})  # fmt: skip
"""Of `values.toml`: those of words. A kind of product is a field of its own."""

_CODES = frozenset({
    "male", "female", "unisex", "newborn", "infant", "toddler", "kids", "adult",
})  # fmt: skip
"""Words of the schemas of Google and schema.org, which programs compare."""

_SHORTEST_WORD = 4
"""Letters of a word that is no code of a country, of a gender, or for yes and no."""


@lru_cache(maxsize=1024)
def local_value(name: str, value: str, language: str) -> str:
    """A value of the attribute `name` in `language`: "leather" is "Leder", "0.5 l" "0,5 l".

    As it is where the language has no tables, and where it may be read in two ways.
    """
    if not has_tables(language):
        return value
    code = copy_language(language)
    row = label_row(name.replace("_", " "))
    if row and row.values in _GROUPS and not _has_code(row.values, value):
        written = written_value(row, value.strip(), code)
        if fold(written) != fold(value):
            return written
    yes_no = value_rows("yes_no").get(fold(value))
    if yes_no and fold(value) in ("yes", *_words_for(yes_no.key)):
        return value if fold(yes_no.texts[code]) == fold(value) else yes_no.texts[code]
    if any(c.isalpha() for c in _QUANTITY.sub("", value).replace("x", "")):
        return value  # words of some language stand beside the numbers
    return _QUANTITY.sub(lambda match: _measured(match, code), value)


def _has_code(group: str, value: str) -> bool:
    parts = parts_of(value)
    if group in ("gender", "age_group"):
        return any(fold(part) in _CODES or len(part) < _SHORTEST_WORD for part in parts)
    return group == "country" and any(len(part) < _SHORTEST_WORD for part in parts)


def _words_for(key: str) -> frozenset[str]:
    """Yes or no as people write it, in each language."""
    row = next(row for row in value_rows("yes_no").values() if row.key == key)
    return frozenset(map(fold, row.texts.values()))


# ---- numbers and their units ------------------------------------------------------------

_ONE = r"\d{1,9}(?:[.,]\d{1,4})?"
_QUANTITY = re.compile(
    rf"(?<![\w.,])({_ONE}(?:\s?[x×–-]\s?{_ONE}){{0,3}})(\s?-?)([^\W\d_]+|%)(?!\w)"
)
_NUMBER = re.compile(_ONE)
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_THOUSAND = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _measured(match: re.Match[str], code: str) -> str:
    numbers, space, word = match.groups()
    forms = _unit_named(fold(word))
    if forms is None:
        return match[0]
    if not any(_THOUSAND.fullmatch(one) for one in _NUMBER.findall(numbers)):
        numbers = _COMMA.sub(".", numbers) if code == "en" else _POINT.sub(",", numbers)
    if word == "%":
        return f"{numbers}{space if code in ('en', 'it') else ' '}%"
    written = forms.written(word, code)
    if written == word:
        return f"{numbers}{space}{word}"
    if numbers == "1" and not forms.is_sign(written):
        written = forms.of_one(written, code)
    return f"{numbers}{space.replace('-', ' ') or ' '}{written.strip()}"


class _UnitForms(NamedTuple):
    """How a unit is written behind a number, by language, its signs, and its words."""

    texts: Mapping[str, str]
    signs: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    def is_sign(self, word: str) -> bool:
        return fold(word) in map(fold, self.signs)

    def written(self, word: str, code: str) -> str:
        """The unit in a language: as it is where it is a word or a sign of it."""
        own = self.texts.get(code, "")
        if fold(word) in _with_plurals(self.words.get(code, ())):
            return word
        if self.is_sign(word) and (code == "en" or not own or fold(own) == fold(word)):
            return word
        return own or word

    def of_one(self, plural: str, code: str) -> str:
        """The word for one of it: the shortest that begins as the plural does."""
        own = [w for w in self.words.get(code, ()) if fold(w)[:2] == fold(plural)[:2]]
        shortest = min(own, key=len, default=plural)
        return shortest.capitalize() if plural[:1].isupper() else shortest


@cache
def _unit_named(word: str) -> _UnitForms | None:
    """The unit that a word of any language is."""
    for row in unit_rows():
        if not any(word in _with_plurals(some) for some in row.words.values()):
            continue
        signs = row.words.get("all", ())
        names = (*signs, *row.words.get("en", ()))
        texts = next((found for one in names if (found := unit(one))), {})
        return _UnitForms(texts, signs, row.words)
    return None


def _with_plurals(words: Iterable[str]) -> frozenset[str]:
    folded = frozenset(map(fold, words))
    return folded | {f"{one}s" for one in folded if len(one) >= _SHORTEST_PLURAL}


_SHORTEST_PLURAL = 2
