"""Value match: does an answer say what a label says? Through the tables of words.

Colours by their family, in any language; names of things by the rows of the tables of
claims ("Baumwolle" is cotton); all else by its words, whatever their endings. A label that
lists several values is matched by any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ..checks.prose.phrases import concepts_at
from ..taxonomy.named_kinds import last_of, named_kinds
from ..text.fold import fold
from ..words.attribute_key import attribute_key
from ..words.colour_names import ANY, colour_families
from ..words.kind_names import are_related
from ..words.stems import stems
from ..words.tokens import forms_of_text, tokenize

NAME_RATIO = 90.0
"""Above it two names are the same, as in MLPerf's score of brands (`rapidfuzz.fuzz`)."""
_LIST = re.compile(r"[,;|\n]|(?<=\D)/(?=\D)")
_MULTICOLOUR = "multicolour"


def values_match(name: str, label: str, answer: str) -> bool:
    """Whether an attribute's answered value is its labelled one."""
    if attribute_key(name) == "colour":
        found = _same_colour(label, answer)
        if found is not None:
            return found
    parts = [label, *_LIST.split(label)]
    return any(_same_words(part, answer) for part in parts if part.strip())


def kinds_match(label: str, answer: str) -> bool:
    """Whether two category names, or the ends of two paths, name one kind of product.

    A label that names a kind of the answer's ("Trainers" and "shoes") is matched, too.
    """
    mine, theirs = category_path(label), category_path(answer)
    if not mine or not theirs:
        return False
    if segments_match(mine[-1], theirs[-1]):
        return True
    kinds = [last_of(named_kinds(path[-1], "en")).kinds for path in (mine, theirs)]
    return bool(kinds[0] and kinds[1] and are_related(*kinds))


def category_path(category: str) -> list[str]:
    """The segments of a path "A > B > C", from the top."""
    return [part.strip() for part in category.split(">") if part.strip()]


def common_prefix(label: str, answer: str) -> int:
    """How many segments two paths share from the top."""
    shared = 0
    for mine, theirs in zip(category_path(label), category_path(answer), strict=False):
        if not segments_match(mine, theirs):
            break
        shared += 1
    return shared


def segments_match(label: str, answer: str) -> bool:
    """Whether two segments are the same, whatever case, accents and plurals."""
    return fold(label) == fold(answer) or forms_of_text(label) == forms_of_text(answer)


def names_match(label: str, answer: str) -> bool:
    """Whether two names are the same but for a slip, by MLPerf's rule."""
    return fuzz.ratio(label.strip().lower(), answer.strip().lower()) > NAME_RATIO


def is_named_in(label: str, text: str) -> bool:
    """Whether a name stands in a text, but for a slip."""
    short, long = label.strip().lower(), text.strip().lower()
    return 0 < len(short) <= len(long) and fuzz.partial_ratio(short, long) > NAME_RATIO


def edit_distance(label: str, answer: str) -> float:
    """Levenshtein's distance by characters over the longer length: 0 alike, 1 nothing."""
    return float(Levenshtein.normalized_distance(label.strip(), answer.strip()))


def _same_colour(label: str, answer: str) -> bool | None:
    """Whether the families agree; None where either names no colour."""
    mine = set(colour_families(label, language=ANY))
    theirs = set(colour_families(answer, language=ANY))
    if not mine or not theirs:
        return None
    if theirs == {_MULTICOLOUR}:
        return len(mine) > 1 or mine == theirs
    return theirs <= mine


def _same_words(label: str, answer: str) -> bool:
    mine, theirs = forms_of_text(label), forms_of_text(answer)
    if not mine or not theirs:
        return fold(label).strip() == fold(answer).strip()
    if set(mine) == set(theirs):
        return True
    named = set(_things(answer))
    if named and named == set(_things(label)):
        return True
    return _covers(mine, theirs) and _covers(theirs, mine)


def _covers(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether each word of the one has a form of it among the other's."""
    return all(
        any(word == other or stems(word) & stems(other) for other in others)
        for word in some
    )


def _things(text: str) -> Iterator[tuple[frozenset[str], str]]:
    """The rows that a text names, and in what sense: cotton, not cotton."""
    words = tokenize(text)
    at = 0
    while at < len(words):
        size = 1
        for concept in concepts_at(text, words, at):
            size = max(size, concept.size)
            if concept.ids:
                yield concept.ids, concept.sense
        at += size
