"""Example index: the words of a style's examples, which vouch for nothing.

An example is another product of the shop. What it says may stand in the copy of this one
only where this one's own data or photos say the same; here is what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..style import StyleExample
from ..words.claims.claim_phrases import function_forms
from ..words.claims.grammar import grammar
from ..words.claims.opinion_index import opinion_index, opinion_units
from ..words.claims.units import unit_of
from ..words.dictionary import is_word
from ..words.kind_names import kind_at
from ..words.tokens import FormSet, Token, forms_of_text, linked, tokenize
from .prose.proper_names import is_title_case, name_at
from .prose.sentences import sentences

__all__ = ["NO_EXAMPLES", "ExampleIndex", "example_index"]

RUN = 5
"""Words in a row that are a sentence of the example's, and no coincidence."""

_BEFORE_NAMES = {"de": FormSet("aus von in bei nach durch")}
"""Prepositions of place and maker: a noun without an article behind one is a name, in a
language that gives every noun a capital."""

_MAX_VALUE = 6  # words of a value that copy repeats whole; a longer one is a text


@dataclass(frozen=True, slots=True)
class ExampleIndex:
    """What the examples say, folded; false where there is none.

    texts: every text, value and labelled value. words: those of each example. runs: every
    five words in a row. values: whole values of facts and data, by their first word.
    names: each with whether it must have its capital, as it is a word as well.
    """

    texts: tuple[tuple[str, ...], ...] = ()
    words: tuple[frozenset[str], ...] = ()
    runs: frozenset[tuple[str, ...]] = frozenset()
    values: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    names: Mapping[str, bool] = field(default_factory=dict)
    places: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def holds(self, phrase: Sequence[str]) -> bool:
        """Whether an example says this phrase (folded words), word for word."""
        wanted = tuple(phrase)
        return bool(wanted) and any(
            self.texts[number][at : at + len(wanted)] == wanted
            for number, at in self.places.get(wanted[0], ())
        )

    def runs_in(self, forms: Sequence[str]) -> Iterator[tuple[int, int]]:
        """First and last word of each stretch of at least five words of the examples'."""
        first = last = -1
        for at in range(len(forms) - RUN + 1):
            if tuple(forms[at : at + RUN]) not in self.runs:
                continue
            if first >= 0 and at > last + 1:
                yield first, last
                first = at
            first = at if first < 0 else first
            last = at + RUN - 1
        if first >= 0:
            yield first, last

    def is_name_at(self, text: str, word: Token) -> bool:
        """Whether a word is a name of the examples', by its letter case too."""
        needs_capital = self.names.get(word.form)
        if needs_capital is None:
            return False
        return text[word.start].isupper() or not needs_capital


NO_EXAMPLES = ExampleIndex()


def example_index(examples: Sequence[StyleExample], language: str) -> ExampleIndex:
    """The index of these examples; made once for a set and a language."""
    if not examples:
        return NO_EXAMPLES
    return _index(tuple(one.entries for one in examples), language)


Entries = tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=64)
def _index(examples: tuple[Entries, ...], language: str) -> ExampleIndex:
    texts: list[tuple[str, ...]] = []
    words: list[frozenset[str]] = []
    values: dict[str, set[tuple[str, ...]]] = {}
    names: dict[str, bool] = {}
    for entries in examples:
        begin = len(texts)
        for part, name, text in entries:
            forms = forms_of_text(text)
            texts.append(forms)
            if part == "copy":
                names.update(_names(text, language))
                continue
            label = forms_of_text(name.replace("_", " "))
            texts.append((*label, *forms))
            names.update(_names(text, language))
            for value in (text, *text.split(", ")):
                whole = forms_of_text(value)
                if _tells(value, whole, language):
                    values.setdefault(whole[0], set()).add(whole)
        words.append(frozenset(form for forms in texts[begin:] for form in forms))
    places: dict[str, list[tuple[int, int]]] = {}
    for number, forms in enumerate(texts):
        for at, form in enumerate(forms):
            places.setdefault(form, []).append((number, at))
    return ExampleIndex(
        texts=tuple(texts),
        words=tuple(words),
        runs=frozenset(
            forms[at : at + RUN] for forms in texts for at in range(len(forms) - RUN + 1)
        ),
        values={
            first: tuple(sorted(some, key=lambda one: (-len(one), one)))
            for first, some in values.items()
        },
        names=names,
        places={form: tuple(spots) for form, spots in places.items()},
    )


def _tells(value: str, forms: Sequence[str], language: str) -> bool:
    """Whether a whole value says something: no bare yes, number, or word of taste."""
    if not 0 < len(forms) <= _MAX_VALUE or any(form[0].isdigit() for form in forms):
        return False
    if all(form in function_forms("affirmations") | function_forms("denials")
           for form in forms):  # fmt: skip
        return False
    return any(_asserts(value, word, language) for word in tokenize(value))


def _asserts(text: str, word: Token, language: str) -> bool:
    """Whether a word is neither of grammar nor one of taste or of all copy."""
    if word.end - word.start < 2 or grammar(language).is_function_word(word.form):
        return False
    rows = opinion_index(language)
    units = opinion_units(text[word.start : word.end], [word._replace(
        start=0, end=word.end - word.start)], rows.elided)  # fmt: skip
    return not any(rows.classes_of(unit.key) for unit in units)


def _names(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The names in a text of an example, each with whether it is a word besides."""
    for start, end in sentences(text):
        sentence = text[start:end]
        words = tokenize(sentence)
        all_capital = is_title_case(sentence, words)
        for at in _name_places(sentence, words, language):
            word = words[at]
            written = sentence[word.start : word.end]
            is_known = is_word(written, language)
            if (
                _asserts(sentence, word, language)
                and not (is_known and all_capital)
                and unit_of(word.form) is None
                and not kind_at(sentence, words, at, language)
            ):
                yield word.form, is_known


def _name_places(text: str, words: Sequence[Token], language: str) -> Iterator[int]:
    """Places of the words that may be names by their capitals, or are no words at all."""
    if language not in _BEFORE_NAMES:
        for at in range(len(words)):
            size = name_at(text, words, at)
            yield from range(at, at + size)
    for at, word in enumerate(words):
        written = text[word.start : word.end]
        if word.is_number or not written[:1].isupper():
            continue
        is_named = language in _BEFORE_NAMES and _is_named(text, words, at, language)
        if is_named or not is_word(written, language):
            yield at


def _is_named(text: str, words: Sequence[Token], at: int, language: str) -> bool:
    """ "Von Bergmann", "in Kiel", "Jonas Bergmann": a noun that nothing introduces."""
    if at and words[at - 1].form in _BEFORE_NAMES[language]:
        return True
    return any(
        0 <= beside < len(words)
        and low > 0  # the first word of a sentence has its capital anyway
        and text[words[beside].start].isupper()
        and linked(text, words[low], words[low + 1])
        for beside, low in ((at - 1, at - 1), (at + 1, at))
    )
