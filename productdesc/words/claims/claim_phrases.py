"""Phrases of the tables of claims, folded and inflected, and indexes to look them up by.

A claim is looked for in the language of the copy and in English, which shops mix in; what a
merchant's data names is looked for in all languages, since nothing says which one it is in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, NamedTuple

from ..tokens import form_of, forms_of_text, tokenize, without_possessive
from .claim_tables import CLAIM_LANGUAGES, ClaimRow, claim_rows, function_words
from .inflection import inflections

__all__ = [
    "ANY_WORD",
    "ListedPhrase",
    "PhraseIndex",
    "Sense",
    "claim_index",
    "concept_index",
    "entry_phrases",
    "function_forms",
    "inflected",
    "is_other_word",
    "is_row",
    "listed_forms",
    "listed_phrases",
    "phrase_index",
    "with_kinds",
]

Sense = Literal["is", "not", "like"]
"""Whether a thing is said of the product, denied, or only imitated."""

Written = Literal["", "capital", "case", "accents"]


@dataclass(frozen=True, slots=True)
class ListedPhrase:
    """One entry of a table, in one of its forms; `code` is empty where it claims nothing.

    `ids`: the rows that it stands in. `plain`: its words folded, in the number in which
    they are listed. `written`: what else counts of how it is written, and how that is.
    `only_in`: the attribute that it is a value of; it is too common to mean that elsewhere.
    `is_english`: its plural is read by rule; those of other languages are listed.
    """

    forms: tuple[str, ...]
    code: str
    ids: frozenset[str]
    plain: tuple[str, ...]
    written: tuple[Written, str] = ("", "")
    sense: Sense = "is"
    only_in: Literal["", "material", "colour"] = ""
    is_english: bool = True


class PhraseIndex(NamedTuple):
    """Phrases by first word, and beginnings and ends of compounds by their letters."""

    phrases: Mapping[str, tuple[ListedPhrase, ...]]
    heads: Mapping[str, ListedPhrase]
    tails: Mapping[str, ListedPhrase]


# Shorter English words mean other things in other languages: "fur", "man", "men", "eco".
_MIN_BORROWED = 5
ANY_WORD = "_"
"""In a phrase: one word, whichever."""

_NAMES_ONLY = ("pattern", "colour", "part")  # no claims: finders of their own look for them


@cache
def claim_index(language: str) -> PhraseIndex:
    """What is a claim in copy of this language; English for one without words."""
    own = language if language in CLAIM_LANGUAGES else "en"
    listed = []
    for row in claim_rows():
        if row.table in _NAMES_ONLY:
            continue
        for tongue in dict.fromkeys(("all", "en", own)):
            for phrase, part in listed_phrases(row.id, tongue):
                borrowed = tongue == "en" and language != "en"
                if phrase.only_in != "material" and not (
                    borrowed and is_other_word(phrase, own)
                ):
                    listed.append((phrase, part))
    return phrase_index(listed)


@cache
def concept_index() -> PhraseIndex:
    """All that a merchant's data can name, in all languages."""
    return phrase_index(
        [
            entry
            for row in claim_rows()
            for tongue in ("all", *CLAIM_LANGUAGES)
            for entry in listed_phrases(row.id, tongue)
            if entry[0].plain[0] not in function_words()["not_in_data"].get(tongue, ())
        ]
    )


@cache
def listed_forms(table: str, language: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """First word -> the phrases of a table in a language and English, longest first."""
    index: dict[str, set[tuple[str, ...]]] = {}
    for row in claim_rows():
        if row.table == table:
            for tongue in dict.fromkeys(("all", "en", language)):
                for phrase, part in listed_phrases(row.id, tongue):
                    if not part:
                        index.setdefault(phrase.forms[0], set()).add(phrase.forms)
    return {
        first: tuple(sorted(some, key=lambda forms: (-len(forms), forms)))
        for first, some in index.items()
    }


@cache
def function_forms(name: str, language: str = "") -> frozenset[str]:
    """The normal forms of one group of `function_words`: of all languages, or of one."""
    words = function_words()[name]
    tongues = ("all", language) if language else tuple(words)
    return frozenset(form_of(word) for one in tongues for word in words.get(one, ()))


def is_row(row_id: str) -> bool:
    """Whether the tables have a row of this id."""
    return row_id in _rows()


@cache
def with_kinds(ids: frozenset[str]) -> frozenset[str]:
    """The ids, and those of what they are kinds of: "suede" is leather."""
    above = {one for row in ids for one in _rows()[row].kinds_of}
    return ids if above <= ids else with_kinds(ids | above)


@cache
def _rows() -> Mapping[str, ClaimRow]:
    return {row.id: row for row in claim_rows()}


def phrase_index(listed: Sequence[tuple[ListedPhrase, str]]) -> PhraseIndex:
    """Entries by first word or part of compound; one phrase of several rows has all ids."""
    phrases: dict[str, dict[object, ListedPhrase]] = {}
    parts: dict[str, dict[str, ListedPhrase]] = {"head": {}, "tail": {}}
    for phrase, part in listed:
        if part:
            before = parts[part].get(phrase.plain[0])
            parts[part][phrase.plain[0]] = _both(before, phrase)
        else:
            same = phrases.setdefault(phrase.forms[0], {})
            # a plural that is listed is an entry of its own, but in English
            key = phrase.forms, phrase.written, phrase.is_english or phrase.plain
            same[key] = _both(same.get(key), phrase)
    return PhraseIndex(
        {first: tuple(sorted(some.values(), key=_rank)) for first, some in phrases.items()},
        parts["head"],
        parts["tail"],
    )


def _rank(phrase: ListedPhrase) -> tuple[int, bool]:
    """The longest first; of one length, what must be written so ("Suède", not "suède")."""
    return -len(phrase.forms), not phrase.written[0]


def _both(first: ListedPhrase | None, second: ListedPhrase) -> ListedPhrase:
    """One phrase of two rows: what claims nothing stays so, else it names both."""
    if first is None:
        return second
    if not first.ids or not second.ids:
        return second if first.ids else first
    certain = second if first.only_in else first
    is_english = first.is_english or second.is_english
    return replace(certain, ids=first.ids | second.ids, is_english=is_english)


def is_other_word(phrase: ListedPhrase, language: str) -> bool:
    """Whether an English word is a word of the language with another meaning."""
    if len(phrase.forms) > 1 or phrase.written[0]:
        return False
    other = function_words()["not_borrowed"].get(language, ())
    return len(phrase.forms[0]) < _MIN_BORROWED or phrase.plain[0] in other


@cache
def listed_phrases(row_id: str, language: str) -> tuple[tuple[ListedPhrase, str], ...]:
    """The phrases of a row in a language; "head" or "tail" if one is a compound's part."""
    row = _rows()[row_id]
    listed = row.words.get(language, ())
    return tuple(
        itertools.chain.from_iterable(
            entry_phrases(row, entry, language) for entry in listed
        )
    )


def entry_phrases(
    row: ClaimRow, entry: str, language: str
) -> Iterator[tuple[ListedPhrase, str]]:
    """One entry of a row in all its forms; "head" or "tail" if it is a compound's part."""
    mark = entry[0] if entry[0] in "=^?" else ""
    words = entry.removeprefix(mark) if mark else entry
    part = "head" if words.endswith("*") else "tail" if words.startswith("*") else ""
    ids = frozenset[str]() if row.table == "not_claims" else frozenset({row.id})
    for written in inflected(words.strip("*"), language):
        how: tuple[Written, str] = ("capital", "") if written[0].isupper() else ("", "")
        # "primé" is not "prime", nor "récompensé" "récompense"
        is_participle = language == "fr" and written.endswith(("é", "és"))
        if mark == "=":
            how = "case", written
        elif mark == "^" or is_participle:
            how = "accents", written.casefold()
        plain = tuple(map(without_possessive, _words(written)))
        only: Literal["", "material", "colour"] = "material" if mark == "?" else ""
        yield (
            ListedPhrase(
                forms=_forms(written),
                code=row.code,
                ids=ids,
                plain=plain,
                written=how,
                only_in="colour" if row.table == "colour" else only,
                is_english=language == "en",
            ),
            part,
        )


def _words(written: str) -> list[str]:
    """The words of an entry, ANY_WORD among them."""
    if written.isalpha():  # nearly all: no need to take them apart
        return [written]
    parts = (written[word.start : word.end] for word in tokenize(written))
    return list(parts) if ANY_WORD not in written else written.split(" ")


def _forms(written: str) -> tuple[str, ...]:
    if written.isalpha():
        return (form_of(written),)
    if ANY_WORD not in written:
        return forms_of_text(written)
    return tuple(one if one == ANY_WORD else form_of(one) for one in _words(written))


def inflected(words: str, language: str) -> Iterator[str]:
    """An entry in all forms of its words marked with ~, the listed form first."""
    choices = [
        inflections(word[:-1], language) if word.endswith("~") else (word,)
        for word in words.split(" ")
    ]
    yield from (" ".join(choice) for choice in itertools.product(*choices))
