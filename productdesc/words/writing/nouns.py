"""Nouns that composed copy calls a product by, with number and gender, by language.

Rows are in `nouns.toml`, which says what its marks mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from ..tokens import forms_of
from ..word_tables import product_types
from .copy_tables import COPY_LANGUAGES, copy_language, has_tables, read_table

__all__ = ["Noun", "is_english_noun", "is_shelf", "kind_noun", "lowered", "noun"]

Gender: TypeAlias = Literal["", "m", "f", "n"]
Number: TypeAlias = Literal["one", "many", "mass"]


class Noun(NamedTuple):
    """A noun as it stands in a sentence; `gender` is "" where it has none."""

    name: str
    gender: Gender = ""
    number: Number = "one"
    is_known: bool = True


def noun(word: str, language: str) -> Noun | None:
    """What this language calls a kind of product, given in any language, if listed.

    Of a word that two languages have, the one of `language` is meant, then the English.
    """
    code = copy_language(language)
    key = _key(word, code) if has_tables(language) else None
    if key is None:
        return None
    listed = _nouns()[key][code]
    if code == "en" and is_english_noun(word) and word not in _nouns():
        return _own_word(word, listed)
    return listed


def _key(word: str, code: str) -> str | None:
    return word if word in _nouns() else _nouns_by_name(code).get(forms_of(word))


def is_shelf(word: str, language: str) -> bool:
    """Whether a category of this name holds other things too: cables among computers."""
    key = _key(word, copy_language(language))
    return key is not None and bool(read_table("nouns.toml")[key].get("shelf"))


def kind_noun(kind: str, language: str) -> Noun:
    """What a language calls a kind that a model saw; of some no gender is known.

    A kind that no table has keeps its name.
    """
    if listed := noun(kind, language):
        return listed
    name = _type_names().get((kind, language), "")
    own = name[:1].upper() + name[1:] if language == "de" else name
    return Noun(own or kind, is_known=False)


@cache
def _type_names() -> Mapping[tuple[str, str], str]:
    """Name of a product type and language -> its name in that language.

    A finer kind has none here: the first of its words may mean but some of its things.
    """
    return {
        (name, code): own
        for row in product_types()
        for name in (row.name, *row.aliases)
        for code, own in row.names.items()
    }


def _own_word(word: str, listed: Noun) -> Noun:
    """An English word of the shop's for a listed thing: its "jumper" is no "sweater"."""
    is_plural = word.casefold().endswith("s") and not word.casefold().endswith("ss")
    fits = is_plural == (listed.number == "many")
    return listed._replace(name=word.lower()) if fits else listed


def lowered(word: str) -> str:
    """A word of the tables in small letters where the shop shouts it: "TOWEL"."""
    return word.lower() if word.isupper() and len(word) > _MAX_ACRONYM else word


_MAX_ACRONYM = 3  # letters: "MDF", "LED"


def is_english_noun(word: str) -> bool:
    """Whether a word is one of those that English copy calls a listed thing."""
    return forms_of(word) in _english_names()


@cache
def _english_names() -> frozenset[tuple[str, ...]]:
    rows = read_table("nouns.toml")
    return frozenset(
        forms_of(name)
        for key, row in rows.items()
        for name in (key, _noun(row["en"]).name, *row.get("also", ()))
    )


@cache
def _nouns() -> Mapping[str, Mapping[str, Noun]]:
    rows = read_table("nouns.toml").items()
    return {key: {code: _noun(row[code]) for code in COPY_LANGUAGES} for key, row in rows}


def _noun(marked: str) -> Noun:
    first, _, rest = marked.partition(" ")
    gender: Gender = ""
    if first in ("m", "f", "n") and rest:
        gender, marked = first, rest  # type: ignore[assignment]
    for mark, number in _NUMBERS.items():
        if marked.startswith(mark):
            return Noun(marked.removeprefix(mark), gender, number)
    return Noun(marked, gender)


_NUMBERS: Mapping[str, Number] = {"pl ": "many", "mass ": "mass"}


@cache
def _nouns_by_name(language: str) -> Mapping[tuple[str, ...], str]:
    """The folded words of a name -> its row; names of two rows of one language are out."""
    rows = read_table("nouns.toml")
    found: dict[tuple[str, ...], str] = {}
    for key, row in rows.items():
        for name in (_noun(row[language]).name, *((key,) if language == "en" else ())):
            found.setdefault(forms_of(name), key)
    for key, row in rows.items():
        for name in (key, _noun(row["en"]).name, *row.get("also", ())):
            found.setdefault(forms_of(name), key)
    others: dict[tuple[str, ...], set[str]] = {}
    for key, row in rows.items():
        for code in COPY_LANGUAGES[1:]:
            others.setdefault(forms_of(_noun(row[code]).name), set()).add(key)
    for forms, keys in others.items():
        if len(keys) == 1:
            found.setdefault(forms, *keys)
    return found
