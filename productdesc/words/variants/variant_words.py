"""Words of variants as typed, frozen tables, by language; what each says is in the file.

They say something of products with variants alone, so they are not in `word_tables.digest`,
which is part of every product's key. To add a word: one entry in `variants.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ..tokens import forms_of

__all__ = ["counted_nouns", "phrases_of", "range_frame", "single_words"]


@cache
def phrases_of(group: str, language: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of a group in a language, in normal form; English where it has none."""
    return _listed(_tables()[group], language)


@cache
def single_words(group: str, language: str) -> frozenset[str]:
    """Those phrases of a group that are one word."""
    return frozenset(p[0] for p in phrases_of(group, language) if len(p) == 1)


@cache
def counted_nouns(key: str, language: str) -> frozenset[str]:
    """What copy calls several values of an option: "colours"; of `any`: "versions"."""
    rows = _tables()["counted"]
    listed = _listed(rows[key], language) if key in rows else ()
    return frozenset(phrase[0] for phrase in listed)


def range_frame(key: str, language: str) -> str:
    """The sentence for all values of an option; "" where it has none of its own."""
    row: Mapping[str, str] = _tables()["range"].get(key, {})
    return row.get(language, row.get("en", ""))


def _listed(row: Mapping[str, str], language: str) -> tuple[tuple[str, ...], ...]:
    phrases = row.get(language, row["en"]).split(", ")
    return tuple(forms for phrase in phrases if (forms := forms_of(phrase)))


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("variants.toml").read_text("utf-8"))
