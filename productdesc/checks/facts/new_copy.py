"""New copy as an index: what it says, for comparing the merchant's old text with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from ...colours import colour_families
from ...records import Facts, Product
from ...taxonomy import OTHER
from ...words.colour_forms import shade_named
from ...words.colour_names import ANY
from ...words.kind_names import KIND_LANGUAGES, are_related, kind_at
from ...words.stems import stems
from ...words.tokens import forms_of_text, tokenize
from ..claims.sources import SourceIndex, index_sources
from ..policy import LIMITS
from ..prose.language import TESTED, Judged
from ..prose.sentences import sentences

__all__ = ["NewCopy", "names_of"]


@dataclass(frozen=True)
class NewCopy:
    """What readers of a product's page find: its title, its texts, its attributes."""

    title: str
    texts: Sequence[str]
    attributes: Mapping[str, str]
    language: str

    @cached_property
    def index(self) -> SourceIndex:
        """The copy as a source: whoever repeats a claim of it is vouched for."""
        copy = Product(
            title=self.title,
            description="\n".join(self.texts),
            attributes=self.attributes,
        )
        return index_sources(copy, Facts(category=OTHER), (), self.language)

    def read_as(self, old: str) -> SourceIndex:
        """The index, to compare a text in the language that it is clearly written in."""
        own = self.index.own_words()
        other = Judged((old,), self.index.language, own, LIMITS).other_language(old)
        return replace(self.index, language=other) if other in TESTED else self.index

    @cached_property
    def units(self) -> tuple[frozenset[str], ...]:
        """The words of each sentence and each attribute, with their stems."""
        return tuple(map(names_of, self._units()))

    def _units(self) -> Iterator[str]:
        yield self.title
        for name, value in self.attributes.items():
            yield f"{name.replace('_', ' ')} {value}"
        for text in self.texts:
            for start, end in sentences(text):
                yield text[start:end]

    def writes(self, words: str) -> bool:
        """Whether these words stand in it as they are written, in any letter case."""
        return words.casefold() in self._written

    @cached_property
    def _written(self) -> str:
        return "\n".join(self._units()).casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the copy, with their stems."""
        return frozenset().union(*self.units)

    def names_kind(self, kinds: Set[str]) -> bool:
        """Whether it names one of these kinds of product, in any language."""
        return are_related(kinds, self._kinds)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        named: set[str] = set()
        for source in self.index.sources:
            for at in range(len(source.words)):
                for language in KIND_LANGUAGES:
                    if name := kind_at(source.text, source.words, at, language):
                        named |= name.kinds
        return frozenset(named)

    def names_colour(self, phrase: str, language: str) -> bool:
        """Whether it names this colour, by its shade and in any language.

        Of a colour that is no listed shade, such as "petrol", its family counts.
        """
        shades = _shades(phrase, language)
        if shades:
            return shades <= self._shades
        families = set(colour_families(phrase, language=language))
        return bool(families) and families <= self._families

    @cached_property
    def _shades(self) -> frozenset[str]:
        texts = (source.text for source in self.index.sources)
        return frozenset().union(*(_shades(text, self.language) for text in texts))

    @cached_property
    def _families(self) -> frozenset[str]:
        languages = (self.language, ANY)
        return frozenset(
            family
            for source in self.index.sources
            for language in languages
            for family in colour_families(source.text, language=language)
        )


def names_of(text: str) -> frozenset[str]:
    """The words of a text, and what other forms of them share."""
    forms = forms_of_text(text)
    return frozenset(forms).union(*map(stems, forms))


_LONGEST_SHADE = 3  # words: "light sky blue"


def _shades(text: str, language: str) -> frozenset[str]:
    """The listed shades that a text names, the longest name at each place."""
    words = tokenize(text)
    found: set[str] = set()
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST_SHADE, len(words) - at), 0, -1):
            name = text[words[at].start : words[at + size - 1].end]
            if shade := shade_named(name, language):
                found.add(shade.name)
                break
        else:
            size = 1
        at += size
    return frozenset(found)
