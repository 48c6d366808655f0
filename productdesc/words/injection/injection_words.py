"""Rules and phrases of prompt injection, by language, in normal form; see `injection.toml`.

To add a language: one line in each group. To add a rule: a row, and its groups.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ..tokens import forms_of_text

__all__ = ["InjectionRule", "digest", "marks", "misread", "phrases_of", "rules"]

Forms = tuple[str, ...]


class InjectionRule(NamedTuple):
    """One phrase of each group, of one language, within `words` words.

    in_order: the first group's phrase stands first. denied: "do not ..." is none.
    """

    name: str
    groups: tuple[str, ...]
    words: int
    in_order: bool = False
    denied: bool = False


@cache
def rules() -> tuple[InjectionRule, ...]:
    """All rules, in the order of the table."""
    return tuple(
        InjectionRule(name, tuple(row.pop("groups")), **row)
        for name, row in ((name, dict(row)) for name, row in _tables()["rules"].items())
    )


@cache
def phrases_of(group: str) -> Mapping[str, Mapping[str, tuple[Forms, ...]]]:
    """The phrases of a group: by language, then by their first word."""
    return {
        language: _by_first(listed)
        for language, listed in _tables()["groups"][group].items()
    }


@cache
def marks() -> tuple[str, ...]:
    """Pieces of chat formats, as they are written."""
    return tuple(_tables()["marks"]["all"])


@cache
def misread() -> Mapping[str, str]:
    """What a text reader makes of a short word, and the word."""
    return dict(_tables()["misread"])


@cache
def digest() -> str:
    """SHA-256, in hex, of the table as it is."""
    return hashlib.sha256(_text().encode()).hexdigest()


def _by_first(listed: str) -> Mapping[str, tuple[Forms, ...]]:
    index: dict[str, tuple[Forms, ...]] = {}
    for phrase in listed.split(", "):
        forms = forms_of_text(phrase)
        index[forms[0]] = (*index.get(forms[0], ()), forms)
    return index


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_text())


def _text() -> str:
    return files(__package__).joinpath("injection.toml").read_text("utf-8")
