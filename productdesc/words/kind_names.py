"""Kind names in text: which kinds of product a word names, and how kinds are related.

Pure word look-up in `kinds.toml` and in the English words of `product_types.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from ..text.fold import fold
from .tokens import Token, forms_of, linked
from .word_tables import Kind, kinds, product_types

__all__ = [
    "KIND_LANGUAGES",
    "KindName",
    "are_related",
    "kind_at",
    "kinds_above",
    "plurals_of",
]

KIND_LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
"""Languages that kinds have words in."""


class KindName(NamedTuple):
    """The kinds that some words name, and how many words.

    `is_part`: the word is one for a detail of other things as well ("belt").
    """

    size: int
    kinds: frozenset[str]
    is_part: bool = False


def kind_at(
    text: str, found: Sequence[Token], at: int, language: str = "en"
) -> KindName | None:
    """The kind that the words from `at` on name in a language, or None; the longest name.

    A name in German or Dutch may be the end of a compound: "Sommerkleid" is a dress.
    """
    names = _names(language)
    forms = [found[at].form.rpartition("'")[2]]  # "l'écharpe"
    ahead = found[at : at + names.longest]
    for before, word in pairwise(ahead):
        if not linked(text, before, word):
            break
        forms.append(word.form)
    for size in range(len(forms), 0, -1):
        if name := names.by_forms.get(tuple(forms[:size])):
            if size == 1 and not _is_written_so(text, found[at], names):
                continue
            if language in _CAPITALS and not _is_noun(text, found[at + size - 1]):
                continue
            return name._replace(size=size)
    return _compound(text, found[at], names) if language in _COMPOUNDS else None


def kinds_above(kind: str) -> frozenset[str]:
    """The kind and all that it is one of: a mug is drinkware and tableware."""
    return _above().get(kind, frozenset((kind,)))


def are_related(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a kind of the one is one of the other, or may be: ring and jewellery."""
    theirs = frozenset(others)
    above_theirs = frozenset[str]().union(*map(kinds_above, theirs))
    return any(kind in above_theirs or kinds_above(kind) & theirs for kind in some)


_COMPOUNDS = ("de", "nl")
_CAPITALS = ("de",)
_SHORT = 4  # letters of a word that its accent alone tells from another
_MIN_BEFORE = 3  # letters of a compound before the name in it


def _compound(text: str, word: Token, names: _Names) -> KindName | None:
    written = fold(text[word.start : word.end])
    for start in range(_MIN_BEFORE, len(written) - 1):
        if (name := names.by_end.get(written[start:])) and _is_noun(text, word):
            return name
    return None


def _is_noun(text: str, word: Token) -> bool:
    """Whether a word has a noun's capital; tags and search words have none at all."""
    return text[word.start].isupper() or text.islower()


def _is_written_so(text: str, word: Token, names: _Names) -> bool:
    """Whether a word stands as it must to be a kind: "glasses", "thé"."""
    form = word.form.rpartition("'")[2]
    written = text[word.start : word.end].casefold().replace("’", "'").rpartition("'")[2]
    return form not in names.only or written in names.only[form]


class _Names(NamedTuple):
    """The names of one language: whole, as ends of compounds, and those written just so.

    `only`: form -> spellings, where another one is a word for something else: a plural, or
    a short word whose accent tells it apart ("thé" and "the").
    """

    by_forms: Mapping[tuple[str, ...], KindName]
    by_end: Mapping[str, KindName]
    only: Mapping[str, frozenset[str]]
    longest: int


@cache
def _names(language: str) -> _Names:
    whole: dict[tuple[str, ...], KindName] = {}
    ends: dict[str, KindName] = {}
    only: dict[str, frozenset[str]] = {}
    for row in _rows():
        if language == "en":
            for word in row.plural_only:
                [form] = forms_of(word)
                only[form] = only.get(form, frozenset()) | {word}
        for word in row.words.get(language, ()):
            is_part = row.is_part is True or (
                row.is_part is not False and word in row.is_part
            )
            name = KindName(1, frozenset((row.name,)), is_part)
            bare = word.removeprefix("*")
            if bare != word:
                end = fold(bare)
                ends[end] = _joined(ends.get(end), name)
            if len(bare) <= _SHORT and not bare.isascii():
                only[fold(bare)] = frozenset((bare, f"{bare}s"))
            for one in (bare, *plurals_of(bare, language)):
                forms = forms_of(one)
                whole[forms] = _joined(whole.get(forms), name)
    return _Names(whole, ends, only, max(map(len, whole), default=1))


def _joined(before: KindName | None, name: KindName) -> KindName:
    """Of a word of several rows: it may mean each, and is a detail if it may be one."""
    if before is None:
        return name
    return KindName(1, before.kinds | name.kinds, before.is_part or name.is_part)


@cache
def _rows() -> tuple[Kind, ...]:
    """The rows of both tables; a type's English words are in that of the types."""
    english = {
        row.name: (row.name, *row.aliases, *row.synonyms)
        for row in product_types()
        if row.synonyms is not None
    }
    rows = {row.name: row for row in kinds()}
    for name, words in english.items():
        row = rows.get(name, Kind(name, {}))
        listed = tuple(dict.fromkeys((*words, *row.words.get("en", ()))))
        rows[name] = row._replace(words={**row.words, "en": listed})
    return tuple(rows.values())


@cache
def _above() -> Mapping[str, frozenset[str]]:
    parents = {row.name: row.is_a for row in kinds()}

    def above(name: str) -> frozenset[str]:
        return frozenset((name,)).union(*map(above, parents.get(name, ())))

    return {name: above(name) for name in parents}


def plurals_of(word: str, language: str) -> Iterable[str]:
    """The plurals that `singular` does not undo, of the word that takes them."""
    first, _, rest = word.partition(" ")
    rest = f" {rest}" if rest else ""
    if language == "de" and word.endswith(("e", "er", "el")):
        return (f"{word}n",)
    if language == "es" and first[-1:] not in "aeiou":
        stem = first[:-1] + "c" if first.endswith("z") else first
        return (f"{stem}es{rest}",)
    if language == "it":
        return tuple(f"{plural}{rest}" for plural in _italian(first))
    return ()


def _italian(word: str) -> tuple[str, ...]:
    for ending, plurals in _ITALIAN.items():
        if word.endswith(ending):
            return tuple(word.removesuffix(ending) + plural for plural in plurals)
    return ()


# Endings of the singular -> of the plural, the longest first (Serianni, Grammatica III).
_ITALIAN: Mapping[str, tuple[str, ...]] = {
    "cia": ("cie", "ce"), "gia": ("gie", "ge"), "ca": ("che",), "ga": ("ghe",),
    "co": ("chi", "ci"), "go": ("ghi", "gi"), "io": ("i", "ii"), "a": ("e", "i"),
    "o": ("i", "a"), "e": ("i",),
}  # fmt: skip
