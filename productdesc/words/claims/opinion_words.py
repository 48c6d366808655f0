"""Words of opinion, of grammar and of copy as typed, frozen rows, by language.

`claims/opinion.toml` explains its classes; `checks/prose/opinion.py` says what each does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = ["OpinionRow", "opinion_rows"]

_CLASSES = frozenset(
    {
        *(
            "function",
            "opinion",
            "suggestion",
            "general",
            "noun",
            "alone",
            "dated",
            "figurative",
        ),
        *(
            "light",
            "verb",
            "subject",
            "pairing",
            "partner",
            "with",
            "link",
            "label",
            "negation",
        ),
        *("comparison", "than", "article", "copula", "from", "good", "for", "elision"),
        "asserts",
    }
)


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """Words and phrases of one class, with all their endings, and where they are from."""

    what: str
    word_class: str
    source: str
    words: tuple[str, ...]


@cache
def opinion_rows() -> Mapping[str, tuple[OpinionRow, ...]]:
    """The rows by language; a class or source that the file lacks is an error."""
    text = files(__package__).joinpath("opinion.toml").read_text("utf-8")
    data = tomllib.loads(text)
    sources = data.pop("sources")
    return MappingProxyType(
        {code: tuple(_row(row, sources) for row in rows) for code, rows in data.items()}
    )


def _row(row: Mapping[str, Any], sources: Mapping[str, str]) -> OpinionRow:
    unknown = row.keys() - {"what", "class", "source", "words", "phrases", "endings"}
    if unknown or row["class"] not in _CLASSES:
        raise TypeError(f"opinion.toml: {row['what']}: {unknown or row['class']}")
    endings = ["" if ending == "-" else ending for ending in row.get("endings", ["-"])]
    words = [word + end for word in row.get("words", "").split() for end in endings]
    words += filter(None, (part.strip() for part in row.get("phrases", "").split(",")))
    return OpinionRow(row["what"], row["class"], sources[row["source"]], tuple(words))
