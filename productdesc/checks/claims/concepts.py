"""What a merchant's data names, by rows of the tables: "Baumwolle" vouches for "cotton"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from ...words.attribute_key import attribute_key
from ...words.claims.claim_phrases import Sense, function_forms, is_row
from ...words.tokens import Token, tokenize
from ..prose.negation import sense_at
from ..prose.phrases import Concept, concepts_at
from .source_texts import Source

__all__ = ["ConceptIndex", "named_at"]


class ConceptIndex:
    """Who names which row of the tables, and in what sense; read on first use."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def source_of(self, ids: Iterable[str], sense: Sense | None) -> Source | None:
        """The first text that names one of these rows in this sense (None: in any)."""
        senses: tuple[Sense, ...] = (sense,) if sense else ("is", "not", "like")
        for one in ids:
            for meant in senses:
                source = self._named.get(_thing(one, meant))
                if source:
                    return source
        return None

    def whole_at(self, number: int, at: int) -> tuple[int, Concept] | None:
        """The longest name that a word of a text is part of, and the word it begins at.

        "safe" is part of "dishwasher safe", "velluto" of "velluto a coste".
        """
        return self._read[1].get((number, at))

    @property
    def _named(self) -> Mapping[tuple[str, Sense], Source]:
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[_Named, Mapping[tuple[int, int], tuple[int, Concept]]]:
        """Who names what, and the longest name that each word of each text is part of."""
        named: _Named = {}
        wholes: dict[tuple[int, int], tuple[int, Concept]] = {}
        for number, source in enumerate(self._sources):
            states = _states(source)
            after = 0
            for at in range(len(source.words)):
                concepts = tuple(concepts_at(source.text, source.words, at))
                if at < after or not concepts:
                    continue  # part of a longer name
                for concept in concepts:
                    if concept.only_in in ("", states):
                        sense = _sense(source, at, concept)
                        for one in concept.ids:
                            named.setdefault(_thing(one, sense), source)
                after = at + concepts[0].size
                for word in range(at, after):
                    wholes[number, word] = at, concepts[0]
            _add_label(named, source)
        return named, wholes


_Named = dict[tuple[str, Sense], Source]


def _sense(source: Source, at: int, concept: Concept) -> Sense:
    if concept.sense != "is":
        return concept.sense
    return sense_at(source.text, source.words, at, at + concept.size - 1)


def named_at(text: str, words: Sequence[Token], at: int) -> frozenset[str]:
    """The rows that word `at` begins to name, in any language."""
    return frozenset().union(*(c.ids for c in concepts_at(text, words, at)))


def _add_label(named: _Named, source: Source) -> None:
    """What an attribute's name and a country's code say: `waterproof: yes`, `pays: FR`."""
    label = source.label
    found = tokenize(label)
    for at in range(len(found)):
        for concept in concepts_at(label, found, at):
            if not concept.only_in:
                sense: Sense = "not" if source.is_denied else concept.sense
                for one in concept.ids:
                    named.setdefault(_thing(one, sense), source)
    code = source.text.strip()
    is_code = len(code) == 2 and code.isupper() and is_row(f"origin.{code}")
    if is_code and function_forms("country_labels") & set(source.key):
        named.setdefault((f"origin.{code}", "is"), source)


def _states(source: Source) -> str:
    """Whether an attribute says what colour the product has, or what it is made of."""
    if not source.key:
        return ""
    name = attribute_key(source.label)
    if "colour" in (name, attribute_key(source.key[-1])):
        return "colour"
    in_key = function_forms("material_labels") & set(source.key)
    return "material" if in_key or name == "material" else ""


def _thing(one: str, sense: Sense) -> tuple[str, Sense]:
    """A row in a sense; an imitation that has a row of its own is that row."""
    table, _, key = one.partition(".")
    imitation = f"{table}.faux_{key}"
    return (imitation, "is") if sense == "like" and is_row(imitation) else (one, sense)
