"""UI labels: every word that a person sees on a page about a product, by language.

    labels = load_labels("de-AT")          # German
    labels["field.title"]                  # Titel
    labels.fill("card.photo", n=2)         # Foto 2

To add a language: one file in `labels/`, with the keys of `en.toml`; or a file of one's
own anywhere, read by `read_labels`. What such a file has not is shown in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

ENGLISH = "en"
_FOLDER = files(__package__) / "labels"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language by dotted key; a key that English has not is a KeyError."""

    language: str
    words: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def __contains__(self, key: str) -> bool:
        return key in self.words

    def fill(self, key: str, **values: object) -> str:
        """The words of a key with their {names} filled in."""
        return self.words[key].format(**values)

    def field(self, name: str) -> str:
        """A field's label; of one that has none, its name with spaces."""
        return self.words.get(f"field.{name}", name.replace("_", " "))

    def decimal(self, number: float) -> str:
        """A number with two places behind the comma or point of the language."""
        return f"{number:.2f}".replace(".", self.words["language.decimal"])


def languages() -> list[str]:
    """The languages that have a file, English first."""
    names = {entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir()}
    return [ENGLISH, *sorted(names - {ENGLISH})]


def load_labels(language: str = ENGLISH) -> Labels:
    """The labels of a language tag such as de or de-AT; English where it has no file."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return _shipped(short if short in languages() else ENGLISH)


def read_labels(path: Path, language: str) -> Labels:
    """Labels of a file of one's own, over the shipped ones of that language.

    Raises `ValueError` for a file that is no TOML, or has a key or {name} too many.
    """
    base = load_labels(language)
    try:
        own = _flat(tomllib.loads(path.read_text("utf-8")))
    except ValueError as e:
        raise ValueError(f"{path}: no file of labels: {e}") from e
    for key, text in own.items():
        if key not in base:
            raise ValueError(f"{path}: {key} is no label; en.toml has those that there are")
        try:
            text.format(**dict.fromkeys(names(base[key]), ""))
        except (KeyError, IndexError, ValueError, AttributeError) as e:
            raise ValueError(
                f"{path}: {key} may have {names(base[key]) or 'no {names}'}, "
                f"and is {text!r}"
            ) from e
    return Labels(language, MappingProxyType({**base.words, **own}))


def names(text: str) -> list[str]:
    """The {names} in a label, sorted."""
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


@cache
def _shipped(language: str) -> Labels:
    own = _flat(tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")))
    words = own if language == ENGLISH else {**_shipped(ENGLISH).words, **own}
    return Labels(language, MappingProxyType(words))


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{key}.")
        elif isinstance(value, str):
            flat[above + key] = value
        else:
            raise ValueError(f"{above}{key} is {value!r}, not a text")
    return flat
