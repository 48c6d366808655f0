"""Copied runs: five words in a row of a style's example that nobody vouches for."""

from __future__ import annotations

from collections.abc import Sequence, Set

from ...words.claims.grammar import grammar
from ...words.claims.opinion_index import opinion_index, opinion_units
from ...words.tokens import Token, tokenize
from ..claims.find import find_claims
from ..claims.sources import SourceIndex
from ..example_index import RUN
from ..named_words import named_words
from ..policy import Policy
from ..prose.opinion import uncovered

__all__ = ["copied_run"]


def copied_run(sentence: str, known: SourceIndex, policy: Policy) -> str:
    """The words that a sentence has of an example without cause; "" where it has none.

    A run with a fact in it that the product's own data or photo vouches for is a true
    sentence that stands in an example too: it is copied only where five words in a row
    beside that fact are, and two of them say something ("the upper is made of" does not).
    What the product is called is no such fact: every sentence of a
    shirt's copy fits every shirt.
    """
    words = tokenize(sentence)
    forms = [word.form for word in words]
    runs = list(known.examples.runs_in(forms))
    if not runs or known.holding(sentence):
        return ""
    covered: set[int] = set()
    facts: set[int] = set()
    for claim in find_claims(sentence, known, policy):
        if claim.attribute or claim.photo or claim.by_person:
            places = range(claim.first, claim.last + 1)
            covered.update(places)
            facts.update(places if claim.code != "kind" else ())
    named = named_words(words, covered, known)
    covered |= named.keys()
    facts |= {at for at, by in named.items() if by.attribute != "title"}
    says = _saying(sentence, words, covered, known.language)
    is_grammar = grammar(known.language).is_function_word
    for first, last in runs:
        if known.vouches_for(forms[first : last + 1], sense=None):
            continue
        free = [at for at in range(first, last + 1) if at not in covered]
        if facts.intersection(range(first, last + 1)):
            row = _longest_row(free)
            is_copied = len(row) >= RUN and len(says.intersection(row)) > 1
        else:
            is_copied = not all(is_grammar(forms[at]) for at in free)
        if is_copied:
            return sentence[words[first].start : words[last].end]
    return ""


_SAYS = frozenset({"opinion", "suggestion", "pairing"})


def _saying(
    text: str, words: Sequence[Token], covered: Set[int], language: str
) -> set[int]:
    """Places of the words that assert something that nobody vouches for, or an opinion."""
    rows = opinion_index(language)
    tasteful = {
        unit.token
        for unit in opinion_units(text, words, rows.elided)
        if rows.classes_of(unit.key) & _SAYS and unit.token not in covered
    }
    return tasteful | set(uncovered(text, words, covered, language))


def _longest_row(places: Sequence[int]) -> list[int]:
    """The longest stretch of neighbours among places in order."""
    best: list[int] = []
    row: list[int] = []
    for at in places:
        row = [*row, at] if row and at == row[-1] + 1 else [at]
        best = row if len(row) > len(best) else best
    return best
