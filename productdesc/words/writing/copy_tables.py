"""Copy tables as typed, frozen rows: labels, values, units and frames.

What each column means stands at the head of its file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ...text.fold import fold
from ..tokens import forms_of

__all__ = [
    "COPY_LANGUAGES",
    "Frames",
    "LabelRow",
    "ValueRow",
    "copy_language",
    "frames",
    "has_tables",
    "is_nothing",
    "is_own_business",
    "label_row",
    "read_table",
    "spell_label",
    "unit",
    "value_rows",
]

COPY_LANGUAGES = ("en", "de", "fr", "es", "it")
"""Languages that have all of these tables: rules can write copy in them."""


def copy_language(language: str) -> str:
    """The language whose tables serve this one: its own, else English."""
    code = language.split("-")[0].casefold()
    return code if code in COPY_LANGUAGES else "en"


def has_tables(language: str) -> bool:
    """Whether rules can write copy in a language: "de-AT" as "de"."""
    return language.split("-")[0].casefold() in COPY_LANGUAGES


# ---- attributes -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What an attribute is called, by language; see `labels.toml`."""

    key: str
    labels: Mapping[str, str]
    values: str
    names: bool
    place: int
    in_bytes: str = ""
    has_sentences: bool = False
    nothing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A value by language, and everything that shops write for it; see `values.toml`."""

    key: str
    texts: Mapping[str, str]
    alone: bool


def label_row(name: str) -> LabelRow | None:
    """The row of an attribute by a name of it in any language, if listed."""
    return _labels().get(forms_of(name))


@cache
def _labels() -> Mapping[tuple[str, ...], LabelRow]:
    found: dict[tuple[str, ...], LabelRow] = {}
    rows = read_table("labels.toml")
    named = {key: _label(key, row, place) for place, (key, row) in enumerate(rows.items())}
    for key, row in named.items():
        others = _attribute_names().get(key, ())
        for name in (key.replace("_", " "), row.labels["en"], *rows[key].get("also", ())):
            found[forms_of(name)] = row
        for name in others:
            found.setdefault(forms_of(name), row)
    for row in named.values():
        for name in row.labels.values():
            found.setdefault(forms_of(name), row)
    found.pop((), None)
    return found


def _label(key: str, row: Mapping[str, Any], place: int) -> LabelRow:
    labels = MappingProxyType({code: row[code] for code in COPY_LANGUAGES})
    return LabelRow(
        key,
        labels,
        values=row.get("values", ""),
        names=row.get("names", False),
        place=place,
        in_bytes=row.get("in_bytes", ""),
        has_sentences=row.get("sentences", False),
        nothing=frozenset(map(fold, row.get("nothing", ()))),
    )


def _attribute_names() -> Mapping[str, list[str]]:
    text = files("productdesc.words").joinpath("attribute_names.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def value_rows(group: str) -> Mapping[str, ValueRow]:
    """What shops write for the values of a group, folded -> the row of each."""
    rows = read_table("values.toml").get(group, {})
    found: dict[str, ValueRow] = {}
    for key, row in rows.items():
        texts = MappingProxyType({code: row[code] for code in COPY_LANGUAGES})
        value = ValueRow(key, texts, row.get("alone", False))
        for name in (key.replace("_", " "), *texts.values(), *row.get("also", ())):
            found.setdefault(fold(name), value)
    return found


@cache
def unit(word: str) -> Mapping[str, str] | None:
    """How a unit is written behind a number, by language, if the word is one."""
    for key, row in read_table("units.toml").items():
        if word.casefold() in (key, *row.get("also", ())):
            return {code: row.get(code, row["en"]) for code in COPY_LANGUAGES}
    return None


def spell_label(words: str) -> str:
    """A label in the shop's words, with a capital and acronyms as they are written."""
    words = words.lower() if words.isupper() and len(words) > _MAX_ACRONYM else words
    text = " ".join(_acronyms().get(word.casefold(), word) for word in words.split())
    return text if text.split()[0] in _acronyms().values() else text[:1].upper() + text[1:]


_MAX_ACRONYM = 4  # letters


@cache
def _acronyms() -> Mapping[str, str]:
    return {name.casefold(): name for name in read_table("acronyms.toml")["names"].split()}


def is_nothing(value: str) -> bool:
    """Whether a value says nothing of a product, whatever it is the value of."""
    return fold(value) in _nothing()


@cache
def _nothing() -> frozenset[str]:
    return frozenset(map(fold, read_table("own_business.toml")["nothing"].split(", ")))


def is_own_business(name: str) -> bool:
    """Whether an attribute is the shop's own, by its name, and none of the product."""
    forms = forms_of(name)
    words, phrases, others = _business()
    return forms in phrases or (forms not in others and not words.isdisjoint(forms))


@cache
def _business() -> tuple[frozenset[str], frozenset[Any], frozenset[Any]]:
    data = read_table("own_business.toml")
    words = frozenset(form for word in data["words"].split() for form in forms_of(word))
    phrases, others = (
        frozenset(forms_of(" ".join(phrase.split())) for phrase in data[key].split(","))
        for key in ("phrases", "not_these")
    )
    return words, phrases, others


# ---- frames -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frames:
    """The words that composed copy has of its own, in one language; see `frames.toml`."""

    title: str
    by: str
    colour_as: str
    two_colours: str
    colon: str
    shows: str
    main_colour: str
    seen_colour: str
    photo_of: str
    view: str
    product: str
    product_label: str
    details: str
    details_of: str
    photo_bullet: str
    no_details: str
    for_whom: str
    list_and: str


@cache
def frames(language: str) -> Frames:
    """The frames of a language; those of English where it has none."""
    row = dict(read_table("frames.toml")[copy_language(language)])
    return Frames(for_whom=row.pop("for"), **row)


@cache
def read_table(name: str) -> dict[str, Any]:
    """One of the tables here, as it stands in its file."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))
