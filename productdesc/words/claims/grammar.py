"""Grammar words: the closed classes that a cut must know, by language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ..tokens import FormSet

__all__ = ["Grammar", "grammar", "own_words"]


class Grammar(NamedTuple):
    """The closed classes of one language, in normal form."""

    determiners: FormSet
    subjects: FormSet
    prepositions: FormSet
    joiners: FormSet
    subordinators: FormSet
    verbs: FormSet
    degrees: FormSet
    things: FormSet
    marks: FormSet

    def is_function_word(self, form: str) -> bool:
        """Whether a word is of a closed class, degrees aside."""
        return any(form in words for words in self[:-3])


@cache
def grammar(language: str) -> Grammar:
    """The grammar words of a language; those of English where it has no table."""
    rows = _table()
    words = {
        name: FormSet(" ".join(row.get(language, row["en"]).split()))
        for name, row in rows.items()
    }
    return Grammar(**words)


@cache
def own_words(language: str) -> frozenset[str]:
    """Grammar words as they are written that stand in the table of no other language."""
    words: dict[str, set[str]] = {}
    for name, rows in _table().items():
        if name not in ("things", "marks"):
            for code, listed in rows.items():
                words.setdefault(code, set()).update(listed.split())
    others = (some for code, some in words.items() if code != language)
    return frozenset(words.get(language, set())).difference(*others)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "grammar.toml").read_text("utf-8"))
