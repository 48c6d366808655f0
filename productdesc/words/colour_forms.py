"""Colour forms: each shade as an adjective, in every form that a noun asks for.

Rows are in `colour_forms.toml`, which says what each column means.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ..text.fold import fold

__all__ = [
    "FORM_LANGUAGES",
    "ShadeForms",
    "is_colour_code",
    "shade_forms",
    "shade_named",
    "shade_words",
]

FORM_LANGUAGES = ("en", "de", "fr", "es", "it")


@dataclass(frozen=True, slots=True)
class ShadeForms:
    """A colour as an adjective: its English name, and its forms by language.

    Forms of French, Spanish and Italian are masculine, feminine, and both plurals; those of
    German are its stem alone, which takes endings where `declines`. A merchant may mean
    another by a name that is `measured_only`.
    """

    name: str
    forms: Mapping[str, tuple[str, ...]]
    declines: bool
    measured_only: bool

    def base(self, language: str) -> str:
        """The colour as a label's value: "schwarz", "noir"; English where none is known."""
        return self.forms.get(language, (self.name,))[0]

    def spellings(self, language: str) -> tuple[str, ...]:
        """Every form of the colour in a language, with the endings of German."""
        forms = self.forms.get(language, ())
        if language == "de" and self.declines:
            return tuple(forms[0] + ending for ending in _ENDINGS)
        return forms


def shade_forms(name: str) -> ShadeForms | None:
    """The row of a shade by its English name, as pixels are measured."""
    return _shades().get(name)


def shade_named(word: str, language: str = "en") -> ShadeForms | None:
    """The shade that a shop's word names, in any of its forms and any language, if listed.

    Of a word that two languages have, the one of `language` is meant.
    """
    key = _plain(word)
    for code in dict.fromkeys((language, *FORM_LANGUAGES)):
        if name := _shade_names().get(code, {}).get(key):
            row = _shades()[name]
            return None if row.measured_only else row
    return None


def is_colour_code(word: str) -> bool:
    """Whether it is what machines call a colour, and copy never: "BLK"."""
    return _plain(word) in _codes()


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for row in _rows().values() for code in row.get("codes", ()))


def shade_words(language: str) -> Iterator[tuple[str, str]]:
    """Each form of each shade in a language, and the shade's English name."""
    if language in FORM_LANGUAGES:
        for row in _shades().values():
            yield from ((form, row.name) for form in row.spellings(language))


_ENDINGS = ("", "e", "er", "es", "en", "em")


@cache
def _shades() -> Mapping[str, ShadeForms]:
    return {name: _shade(name, row) for name, row in _rows().items()}


@cache
def _rows() -> dict[str, Any]:
    return tomllib.loads(
        files(__package__).joinpath("colour_forms.toml").read_text("utf-8")
    )


def _shade(name: str, row: Mapping[str, Any]) -> ShadeForms:
    forms = {code: tuple(row[code].split("/")) for code in ("fr", "es", "it")}
    german = row["de"].removesuffix("+")
    return ShadeForms(
        name,
        MappingProxyType({"en": (name,), "de": (german,), **forms}),
        row["de"].endswith("+"),
        row.get("measured_only", False),
    )


@cache
def _shade_names() -> Mapping[str, Mapping[str, str]]:
    """Language -> what it calls a colour, folded -> the shade's English name."""
    found: dict[str, dict[str, str]] = {code: {} for code in FORM_LANGUAGES}
    for code, names in found.items():
        for form, name in shade_words(code):
            names.setdefault(_plain(form), name)
    for name, row in _rows().items():
        for word in (*row.get("words", ()), *row.get("codes", ())):
            for names in found.values():
                names.setdefault(_plain(word), name)
    return found


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())
