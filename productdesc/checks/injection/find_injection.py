"""Finds text that reads like an instruction to the model, by rules and words of a table."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from ...words.injection.injection_words import (
    InjectionRule,
    marks,
    misread,
    phrases_of,
    rules,
)
from ...words.tokens import Token, tokenize

__all__ = ["Injection", "find_injections"]


class Injection(NamedTuple):
    """Where text speaks to the model (`text[start:end]`), and the rule that says so."""

    rule: str
    start: int
    end: int


def find_injections(text: str, *, is_read: bool = False) -> list[Injection]:
    """What speaks to the model in a text, in order; mostly nothing.

    is_read: it was read on a photo, so words may run together or have a letter wrong.
    """
    found = [
        Injection("marks", at, at + len(m)) for m in marks() for at in _marked(text, m)
    ]
    if is_read:
        text = text.translate(_LOOKALIKES) if any(c.isalpha() for c in text) else text
    words = _repaired(text) if is_read else tokenize(text)
    ends = [stop.start() for stop in _STOP.finditer(text)]
    places = _phrases_in(words)
    for rule in rules():
        for language in phrases_of(rule.groups[0]):
            for first, last in _held(rule, language, places):
                start, end = words[first].start, words[last].end
                if not any(start < stop < end for stop in ends):
                    found.append(Injection(rule.name, start, end))
    return sorted(set(found), key=lambda one: one[1:])


_STOP = re.compile(r"[.!?](?=\s)")
_LOOKALIKES = str.maketrans({"|": "l", "0": "o", "1": "i", "5": "s"})


def _marked(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + len(mark))


Phrases = Mapping[tuple[str, str], Sequence[tuple[int, int]]]
"""Group and language -> the first and last word of each of its phrases, in order."""


def _phrases_in(words: Sequence[Token]) -> Phrases:
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for at, word in enumerate(words):
        for group, language, forms in _by_first_word().get(word.form, ()):
            standing = tuple(one.form for one in words[at : at + len(forms)])
            if standing == forms:
                found.setdefault((group, language), []).append((at, at + len(forms) - 1))
    return found


def _held(rule: InjectionRule, language: str, places: Phrases) -> Iterator[tuple[int, int]]:
    """First and last word of each place where a rule holds."""
    first, *others = rule.groups
    for at, opening in places.get((first, language), ()):
        last: int | None = opening
        for group in others:
            begin = (last if rule.in_order and last else opening) + 1
            known = places.get((group, language), ())
            number = bisect_left(known, (begin,))
            if number == len(known) or known[number][1] >= at + rule.words:
                last = None
                break
            last = max(last or 0, known[number][1])
        if last is None:
            continue
        denials = places.get(("denials", language), ()) if rule.denied else ()
        near = denials[
            bisect_left(denials, (at - _BEFORE,)) : bisect_left(denials, (last,))
        ]
        if not any(n < at or n > opening for n, _ in near):
            yield at, last


_BEFORE = 2  # words: "do not simply ignore"


@cache
def _by_first_word() -> Mapping[str, Sequence[tuple[str, str, tuple[str, ...]]]]:
    """Every phrase, with its group and language, by its first word."""
    index: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    groups = {group for rule in rules() for group in rule.groups} | {"denials"}
    for group in sorted(groups):
        for language, phrases in phrases_of(group).items():
            for form, some in phrases.items():
                index.setdefault(form, []).extend((group, language, one) for one in some)
    return index


# ---- what a reader gets wrong ----------------------------------------------------------

_MIN_FUZZY = 6  # letters; shorter words have too many neighbours
_MIN_JOINED = 12  # letters of words that ran together
_MIN_PART = 4  # letters of a word within them


def _repaired(text: str) -> list[Token]:
    """The words of a text that was read, as the words of the table that they may be."""
    words: list[Token] = []
    for word in tokenize(text):
        word = word._replace(form=misread().get(word.form, word.form))
        if word.form in _vocabulary() or len(word.form) < _MIN_FUZZY:
            words.append(word)
        elif near := _nearest(word.form):
            words.append(word._replace(form=near))
        elif len(word.form) >= _MIN_JOINED and (parts := _parts(word.form)):
            words += [word._replace(form=part) for part in parts]
        else:
            words.append(word)
    return words


def _nearest(form: str) -> str | None:
    """The one word of the table that is one letter away, if there is one."""
    long = _long_words()
    found = extractOne(form, long, scorer=OSA.distance, score_cutoff=1)
    return found[0] if found else None


def _parts(form: str) -> list[str]:
    """The words of the table in letters that ran together, from left to right."""
    parts, at = [], 0
    while at <= len(form) - _MIN_PART:
        sizes = range(len(form) - at, _MIN_PART - 1, -1)
        size = next((n for n in sizes if form[at : at + n] in _vocabulary()), 0)
        if size:
            parts.append(form[at : at + size])
        at += size or 1
    return parts


@cache
def _vocabulary() -> frozenset[str]:
    phrases = (forms for some in _by_first_word().values() for _, _, forms in some)
    return frozenset(form for forms in phrases for form in forms)


@cache
def _long_words() -> tuple[str, ...]:
    return tuple(sorted(form for form in _vocabulary() if len(form) >= _MIN_FUZZY))
