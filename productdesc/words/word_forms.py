"""How words are formed in each language: the rows of `claims/word_forms.toml`, typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ..text.fold import fold

__all__ = ["WordForms", "word_forms"]


@dataclass(frozen=True, slots=True)
class WordForms:
    """The rows of one language, folded; the file says what each is for."""

    endings: tuple[str, ...]
    restored: tuple[str, ...]
    prefixes: tuple[str, ...]
    words: frozenset[str]
    linking: tuple[str, ...] = ()
    min_part: int = 0
    spellings: tuple[tuple[str, str], ...] = ()


@cache
def word_forms() -> Mapping[str, WordForms]:
    """The rows by language code; a key that is no field of a row is a `TypeError`."""
    text = files(__package__).joinpath("claims", "word_forms.toml").read_text("utf-8")
    return MappingProxyType({code: _row(row) for code, row in tomllib.loads(text).items()})


def _row(row: dict[str, Any]) -> WordForms:
    spelt = (pair.split() for pair in row.pop("spellings", ()))
    return WordForms(
        endings=_longest_first(row.pop("endings")),
        restored=("", *row.pop("restored").split()),
        prefixes=_longest_first(row.pop("prefixes")),
        words=frozenset(
            part for word in fold(row.pop("words")).split() for part in word.split("-")
        ),
        linking=tuple(
            "" if link == "-" else link for link in row.pop("linking", "").split()
        ),
        spellings=tuple((ours, theirs) for ours, theirs in spelt),
        **row,
    )


def _longest_first(listed: str) -> tuple[str, ...]:
    return tuple(sorted(set(fold(listed).split()), key=lambda part: (-len(part), part)))
