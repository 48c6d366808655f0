"""The tables of claims as typed, frozen rows: what copy can say of a product.

One file of `claims/` a kind of claim, one row a thing that is said: its key is the same in
all languages, so that data in one language can vouch for copy in another. To add a word:
one entry in a row. To add a language: one column. How an entry is written:

    word            the word, whatever its case, accents, hyphens and English plural
    Word            only where the text has a capital ("Turkey", "Samt")
    word~           with the endings of its language: "wasserdicht~", "imperméable~"
    word*  *word    any ending, any beginning: parts of German compounds
    more _ world    any one word between
    =Word  ^word    exactly this case; exactly these accents ("fur", not "für")
    ?word           only in an attribute that states the material: "piel" is skin as well
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = [
    "CLAIM_LANGUAGES",
    "ClaimRow",
    "UnitRow",
    "claim_rows",
    "function_words",
    "unit_rows",
]

CLAIM_LANGUAGES = ("en", "de", "fr", "es", "it")
"""Languages in which every row has its words."""

NOT_CLAIMS = ("not_claims", "pattern", "colour", "part")
"""Tables whose rows claim nothing by themselves; the others are named by their rule."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One thing that copy can say: its key, its rule's code, where its words come from.

    `words`: entries by language, "all" where they are the same in each. `kinds_of`: what it
    is a kind of ("suede" of leather), so that it vouches for that as well. `code` is ""
    where the words claim nothing by themselves.
    """

    key: str
    table: str
    code: str
    source: str
    kinds_of: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        """Table and key: one thing in all languages."""
        return f"{self.table}.{self.key}"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit: what it measures, its rule's code, its size in the base unit, its names."""

    key: str
    dimension: str
    code: str
    factor: float
    source: str
    words: Mapping[str, tuple[str, ...]]


@cache
def claim_rows() -> tuple[ClaimRow, ...]:
    """All rows of all kinds of claims, by table and in the order of each."""
    rows = []
    for name in TABLES:
        code = "" if name in NOT_CLAIMS else name
        for source, key, words in _rows(name):
            above = _entries(words.pop("of", ""))
            kinds_of = tuple(one if "." in one else f"{name}.{one}" for one in above)
            rows.append(ClaimRow(key, name, code, source, kinds_of, _words(words)))
    return tuple(rows)


TABLES = (
    *("not_claims", "material", "texture", "origin", "certification", "safety"),
    *("environment", "organic", "health", "performance", "durability", "guarantee"),
    *("superlative", "promotion", "audience", "wearer", "size", "weight", "brand"),
    *("pattern", "colour", "part"),
)


@cache
def unit_rows() -> tuple[UnitRow, ...]:
    """All units of measure."""
    rows = []
    for group in _read("unit")["groups"]:
        for key, words in group["rows"].items():
            factor = float(words.pop("factor"))
            rows.append(
                UnitRow(
                    key=key,
                    dimension=words.pop("dimension", group["dimension"]),
                    code=group["code"],
                    factor=factor,
                    source=group["source"],
                    words=_words(words),
                )
            )
    return tuple(rows)


@cache
def function_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Words that finding claims needs, by what they do and language."""
    data = _read("function_words")
    return MappingProxyType({name: _words(words) for name, words in data.items()})


def _rows(name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Source, key and words of each row of a table."""
    for group in _read(name)["groups"]:
        for key, words in group["rows"].items():
            yield group["source"], key, words


def _words(row: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    unknown = sorted(set(row) - {"all", *CLAIM_LANGUAGES})
    if unknown:
        raise TypeError(f"a row of claims has the unknown languages {unknown}")
    return MappingProxyType({language: _entries(row[language]) for language in row})


def _entries(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (entry.strip() for entry in listed.split(","))))


def _read(name: str) -> dict[str, Any]:
    path = files(__package__) / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))
