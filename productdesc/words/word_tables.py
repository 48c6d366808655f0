"""The word tables as typed, frozen rows; each file is read and checked on first use.

A key that no row may have, or a missing one, is a `TypeError`: the tables are ours.
To add a table: a TOML file here, a row's class, and a cached function that reads it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ..text.fold import fold

__all__ = [
    "ColourFamily",
    "ColourTable",
    "ContactTable",
    "Kind",
    "ProductType",
    "Shade",
    "ShopWord",
    "attribute_names",
    "colours",
    "contact",
    "digest",
    "elisions",
    "kinds",
    "letter_sizes",
    "plurals",
    "product_types",
    "shop_words",
    "spellings",
    "stance_words",
]

LANGUAGES = ("de", "fr", "es", "it", "nl")
"""Beside English, which is the name of each row."""


@dataclass(frozen=True, slots=True)
class ProductType:
    """One product type: its English name, its names by language, what shops call it.

    `synonyms` is None where the type is known in copy only as a synonym of others.
    """

    name: str
    names: Mapping[str, str]
    synonyms: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()
    taxonomy: str = ""
    taxonomy_alone: str = ""
    is_food: bool = False
    is_group: bool = False


class Kind(NamedTuple):
    """One kind of product as copy names it, as `kinds.toml` explains it."""

    name: str
    words: Mapping[str, tuple[str, ...]]
    is_a: tuple[str, ...] = ()
    is_part: bool | frozenset[str] = False
    plural_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopWord:
    """A word of shops for no product type of ours, and the published taxonomies' words."""

    name: str
    taxonomy: str


@dataclass(frozen=True, slots=True)
class ColourFamily:
    """One colour family: its names by language, and the words of shops by language."""

    name: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


class Shade(NamedTuple):
    """One colour name that pixels are measured as, with its sRGB values.

    `near`: families that a shop may honestly use for it, so that neither word disproves
    the other.
    """

    name: str
    family: str
    near: tuple[str, ...]
    hexes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColourTable:
    """Everything in `colours.toml`; what each part is for stands there."""

    families: tuple[ColourFamily, ...]
    shades: tuple[Shade, ...]
    modifiers: frozenset[str]
    things: frozenset[str]
    joiners: tuple[str, ...]
    plain: Mapping[str, tuple[str, ...]]
    german_bases: frozenset[str]
    german_before: frozenset[str]
    near_words: Mapping[str, tuple[str, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContactTable:
    """What makes "label.ending" an address; what each part is for stands in the file."""

    always: frozenset[str]
    hosts: frozenset[str]
    words: frozenset[str]
    files_and_units: frozenset[str]
    short_words: Mapping[str, frozenset[str]]


@cache
def contact() -> ContactTable:
    """Endings of addresses that are words too, and those that are not."""
    data = _read("contact.toml")
    short = {code: frozenset(words) for code, words in data.pop("short_words").items()}
    rest = {name: frozenset(words) for name, words in data.items()}
    return ContactTable(**rest, short_words=MappingProxyType(short))


@cache
def product_types() -> tuple[ProductType, ...]:
    """All product types and groups of them, in the order of the table."""
    return tuple(
        _row(ProductType, row) for row in _read("product_types.toml")["product_types"]
    )


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds that copy and titles name, in the order of the table."""
    return tuple(_kind(name, dict(row)) for name, row in _read("kinds.toml").items())


def _kind(name: str, row: dict[str, Any]) -> Kind:
    words = {c: tuple(row.pop(c)) for c in ("en", *LANGUAGES) if c in row}
    is_part = row.pop("is_part", False)
    return Kind(
        name,
        MappingProxyType(words),
        is_part=is_part if isinstance(is_part, bool) else frozenset(is_part),
        **{key: tuple(value) for key, value in row.items()},
    )


@cache
def stance_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Words by class and language that say what a kind or a colour is said of."""
    return MappingProxyType(
        {part: _lists(row) for part, row in _read("stance.toml").items()}
    )


@cache
def shop_words() -> tuple[ShopWord, ...]:
    """Words of shops for what is no product type of ours."""
    return tuple(ShopWord(**row) for row in _read("product_types.toml")["shop_words"])


@cache
def colours() -> ColourTable:
    """The colour families, the shades, and the words that modify or resemble them."""
    data = _read("colours.toml")
    families = (
        _row(ColourFamily, row | {"words": _lists(row["words"])})
        for row in data.pop("families")
    )
    shades = (
        Shade(row["name"], row["family"], tuple(row.get("near", ())), tuple(row["hexes"]))
        for row in data.pop("shades")
    )
    return ColourTable(
        families=tuple(families),
        shades=tuple(shades),
        modifiers=frozenset(data.pop("modifiers")),
        things=frozenset(data.pop("things")),
        joiners=tuple(data.pop("joiners")),
        plain=_lists(data.pop("plain")),
        german_bases=frozenset(map(fold, data.pop("german_bases"))),
        german_before=frozenset(map(fold, data.pop("german_before"))),
        near_words=_lists(data.pop("near_words")),
        **data,
    )


@cache
def plurals() -> Mapping[str, str]:
    """Plurals that their ending does not tell, and singulars that look like plurals."""
    data = _read("plurals.toml")
    found = {one: one for one in (*data["ends_in_s"], *data["ends_in_ie"])}
    found |= {one + "es": one for one in data["ends_in_s"]}
    found |= {one[:-2] + "y": one for one in data["ends_in_ie"]}  # "hoody", "smoothy"
    for key in ("ends_in_ie", "ends_in_i_or_u", "keeps_e"):
        found |= {one + "s": one for one in data[key]}
    found |= {one.rstrip("e")[:-1] + "ves": one for one in data["ends_in_f"]}
    return MappingProxyType(found | data["irregular"])


@cache
def spellings() -> Mapping[str, str]:
    """Variant spellings and the one that is compared."""
    return MappingProxyType(_read("spellings.toml"))


@cache
def elisions() -> Mapping[str, str]:
    """What stands before an apostrophe, folded, and the whole word that it stands for."""
    return MappingProxyType(_read("elisions.toml"))


@cache
def letter_sizes() -> frozenset[str]:
    """Clothing sizes by letter, in capitals."""
    return frozenset(_read("sizes.toml")["letters"])


@cache
def attribute_names() -> Mapping[str, str]:
    """Names of attributes, folded, and the one under which they are compared."""
    rows = _read("attribute_names.toml").items()
    return MappingProxyType({fold(name): key for key, names in rows for name in names})


@cache
def digest(folder: Path | None = None) -> str:
    """SHA-256, in hex, of all the tables as they are; `folder`: of those in another.

    Without those of `catalog_words`, which say how a file is read, not how it is described.
    """
    tables = hashlib.sha256()
    lies_in = folder or files(__package__)
    for part in (lies_in, lies_in / "claims", lies_in / "writing"):
        if not part.is_dir():
            continue
        for path in sorted(part.iterdir(), key=lambda path: path.name):
            if path.name.endswith(".toml"):
                tables.update(f"{path.name}\0{path.read_text('utf-8')}\0".encode())
    return tables.hexdigest()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))


def _row(of: type[Any], row: Mapping[str, Any]) -> Any:
    """A row whose languages are gathered under `names`, and whose lists are tuples."""
    values = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in row.items()
        if key not in LANGUAGES
    }
    names = {code: row[code] for code in LANGUAGES if code in row}
    return of(names=MappingProxyType(names), **values)


def _lists(table: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(some) for key, some in table.items()})
