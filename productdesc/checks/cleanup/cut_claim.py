"""Cutting false claims out of a sentence, so that what is left stands by construction.

Attributive words directly beside their noun go alone ("a silk dress"), and so do brackets.
Else a clause goes where both halves can stand alone, else the sentence. There is no smaller
cut: a number never goes without its noun, nor a phrase out of a predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...words.claims.grammar import Grammar, grammar
from ...words.kind_names import kind_at
from ...words.tokens import Token, forms_of, linked, tokenize
from ..claims.sentence import Claim, quotations
from ..claims.sources import SourceIndex
from ..claims.stance import class_holds
from ..prose.numerals import numbers_at

__all__ = ["cut"]

ATTRIBUTIVE = {
    *("material", "texture", "pattern", "origin", "certification", "safety", "environment"),
    *("organic", "performance", "durability", "audience", "wearer", "colour", "brand"),
    *("name", "weight", "size"),
}
"""Kinds of claims that words before a noun can say, and that it can do without.

Not a number; not a superlative ("the best part of the evening"); not health, whose words
are verbs as often ("heilt", "relieves").
"""
PREDICATIVE = ATTRIBUTIVE - {
    *("material", "texture", "pattern", "brand", "name", "audience", "wearer", "origin"),
}
"""Those that are adjectives in every language; the others are often nouns."""
AFTER_NOUN = ("fr", "es", "it")
"""Languages in which an attribute stands behind its noun."""
_MOST_WORDS = 3  # between a claim and the noun that it is said of
_LEAST_WORDS = 3  # of a clause: subject, verb, complement


def cut(
    text: str, claims: Sequence[Claim], known: SourceIndex, *, is_unit: bool = False
) -> str:
    """The sentence without these claims, in order; "" where nothing can stand alone.

    is_unit: it is a title or an alt text, of which no clause is left.
    """
    whole, gone = text, len(text)
    for claim in reversed(claims):
        if claim.start >= gone:
            continue  # it stood in the same brackets
        shorter = _without_brackets(text, claim)
        gone = len(text) if shorter is None else text.rfind("(", 0, claim.start)
        if shorter is None:
            shorter = _without_attribute(text, claim, known)
        if shorter is None:
            return "" if is_unit else _clause(whole, claims, known)
        text = shorter
    return _tidy(whole, text)


def _without_brackets(text: str, claim: Claim) -> str | None:
    """The sentence without the brackets that a claim stands in; None where it does not."""
    left = text.rfind("(", 0, claim.start)
    right = text.find(")", claim.end)
    if left < 1 or right < 0 or {"(", ")"} & {*text[left + 1 : right]}:
        return None
    return text[:left].rstrip() + text[right + 1 :]


class _Words(NamedTuple):
    """A sentence's words and what they are in its language."""

    text: str
    found: Sequence[Token]
    grammar: Grammar
    known: SourceIndex

    def written(self, at: int) -> str:
        return self.text[self.found[at].start : self.found[at].end]

    def gap(self, at: int) -> str:
        """What stands between word `at` and the next."""
        return self.text[self.found[at].end : self.found[at + 1].start]

    def is_noun(self, at: int) -> bool:
        """Whether a word is known to be the name of a thing."""
        form = self.found[at].form
        if self.grammar.is_function_word(form) or self.found[at].is_number:
            return False
        if self.known.language == "de":
            return self.written(at)[0].isupper()
        return (
            kind_at(self.text, self.found, at, self.known.language) is not None
            or class_holds("details", self.found[at], self.known.language)
            or form in self.grammar.things
            or form in _named(self.known)
            or form in forms_of(self.known.facts.category)
        )

    def noun_after(self, at: int) -> bool:
        """Whether a noun follows word `at`, at most some attributes further on."""
        for ahead in range(at + 1, min(at + 2 + _MOST_WORDS, len(self.found))):
            if not linked(self.text, self.found[ahead - 1], self.found[ahead]):
                return False
            if "&" in self.gap(ahead - 1):
                return False
            if self.is_noun(ahead):
                return True
            form = self.found[ahead].form
            if self.grammar.is_function_word(form) or self.found[ahead].is_number:
                return False
        return False


def _named(known: SourceIndex) -> frozenset[str]:
    """What the merchant calls the thing: the last words of a title are its name."""
    return frozenset(forms_of(known.product.title)) if known.product.title else frozenset()


# ---- attributive words ------------------------------------------------------------------


def _without_attribute(text: str, claim: Claim, known: SourceIndex) -> str | None:
    """The sentence without a claim of attributive words; None where it is none."""
    words = _Words(text, tokenize(text), grammar(known.language), known)
    first, last = _compound(words, claim)
    if not _can_be_attribute(words, claim, first, last):
        return None
    if any(left < claim.start < right for left, right in quotations(text)):
        return None  # half a quotation is a false one
    while first and words.found[first - 1].form in words.grammar.degrees:
        first -= 1
    if first and words.found[first - 1].form in words.grammar.joiners:
        return None
    if words.noun_after(last) or _is_between(words, claim, first, last):
        return _cut_before_noun(words, first, last)
    if known.language in AFTER_NOUN and claim.words_of in PREDICATIVE:
        return _cut_after_noun(words, first, last)
    return None


def _can_be_attribute(words: _Words, claim: Claim, first: int, last: int) -> bool:
    inside, language = words.found[first : last + 1], words.known.language
    if claim.words_of not in ATTRIBUTIVE:
        return False
    if any(
        numbers_at(words.text, words.found, at, language) for at in range(first, last + 1)
    ):
        return False
    if inside[0].form in words.grammar.determiners | words.grammar.prepositions:
        return False
    following = words.found[last + 1].form if last + 1 < len(words.found) else ""
    if following in words.grammar.marks:  # "the Nivea logo": there is no logo without it
        return False
    if words.known.language == "en" or claim.words_of in PREDICATIVE:
        return True
    # In other languages a noun is no attribute; German tells it by its capital.
    return words.known.language == "de" and words.written(first).islower()


def _is_between(words: _Words, claim: Claim, first: int, last: int) -> bool:
    """Whether an adjective stands between a determiner and another word of its phrase."""
    if not first or last + 1 >= len(words.found) or claim.words_of not in PREDICATIVE:
        return False
    if claim.option and words.known.language in AFTER_NOUN:
        return False  # "un noir profond": the colour is the noun
    after = words.found[last + 1]
    return (
        words.found[first - 1].form in words.grammar.determiners
        and not words.grammar.is_function_word(after.form)
        and not after.is_number
        and words.gap(last) == " "
    )


def _compound(words: _Words, claim: Claim) -> tuple[int, int]:
    """The claim with what is tied to it by hyphens: "cotton" in "cotton-rich"."""
    first, last = claim.first, claim.last
    while last + 1 < len(words.found) and words.gap(last) == "-":
        last += 1
    while first > 0 and words.gap(first - 1) == "-":
        first -= 1
    return first, last


def _cut_before_noun(words: _Words, first: int, last: int) -> str | None:
    text, found = words.text, words.found
    after = text[found[last + 1].start :]
    if first == 0:
        return text[: found[0].start] + after
    gap = words.gap(first - 1)
    if gap.strip() == ",":  # "a durable, wool-lined shoe"
        return text[: found[first - 1].end] + " " + after
    if not linked(text, found[first - 1], found[first]) or gap != " ":
        return None  # an elision: "l'imperméable"
    article = words.written(first - 1)
    if words.known.language == "en" and article.casefold() in ("a", "an"):
        agreed = _article(after)
        if agreed is None:
            return None
        article = agreed if article.islower() else agreed.capitalize()
        return text[: found[first - 1].start] + article + " " + after
    if words.known.language == "it" and words.found[first - 1].form in (
        words.grammar.determiners
    ):
        return None  # "il" or "lo" hangs on the next letter
    return text[: found[first].start] + after


def _article(text: str) -> str | None:
    """The English article before a text; None where its letters do not tell."""
    head = text[:4].casefold()
    if head[:1] in "bcdfgjklmnpqrstvwxyz":
        return "a"
    if head[:1] in "ai" or (head[:1] in "eo" and head[:2] != "eu" and head[:3] != "one"):
        return "an"
    return None


def _cut_after_noun(words: _Words, first: int, last: int) -> str | None:
    """ "Une veste imperméable", where the noun stands right before it."""
    text, found = words.text, words.found
    if not first or not words.is_noun(first - 1) or words.gap(first - 1) != " ":
        return None
    if last + 1 < len(found):
        gap, form = words.gap(last), found[last + 1].form
        if form in words.grammar.joiners or not (
            form in words.grammar.prepositions or re.match(r"\s*[,.;:!?]", gap)
        ):
            return None
    return text[: found[first - 1].end] + text[found[last].end :]


# ---- clauses ----------------------------------------------------------------------------

_BREAK = re.compile(r"[,;]\s|\s[-–—]\s|—|\s")


def _clause(text: str, claims: Sequence[Claim], known: SourceIndex) -> str:
    """The half of a sentence without the claims, where both halves stand alone; else ""."""
    words = _Words(text, tokenize(text), grammar(known.language), known)
    left_over = [""]
    for left, right in _halves(words):
        ends, begins = words.found[left].end, words.found[right].start
        if all(claim.start >= begins for claim in claims):
            left_over.append(_tidy(text, text[:ends]))
        if all(claim.end <= ends for claim in claims):
            left_over.append(_tidy(text, text[begins:]))
    return max(left_over, key=len)


def _halves(words: _Words) -> Iterator[tuple[int, int]]:
    """The last word of a clause and the first of the next, where both stand alone."""
    size = len(words.found)
    for at in range(1, size - 1):
        gap, form = words.gap(at - 1), words.found[at].form
        joins = form in words.grammar.joiners
        if not joins and not (";" in gap or re.fullmatch(r"\s[-–—]\s|—", gap)):
            continue
        second = at + joins
        if _stands_alone(words, 0, at) and _stands_alone(words, second, size):
            yield at - 1, second


def _stands_alone(words: _Words, first: int, end: int) -> bool:
    """Whether these words begin with a subject and have a finite verb behind it."""
    if end - first < _LEAST_WORDS:
        return False
    opening, rest = words.found[first], words.found[first + 1 : end]
    opens = opening.form in words.grammar.subjects or (
        opening.form in words.grammar.determiners
    )
    opens = opens or (first == 0 and words.is_noun(0))
    if not opens or opening.form in words.grammar.subordinators - words.grammar.subjects:
        return False
    verbs = [at for at, word in enumerate(rest) if word.form in words.grammar.verbs]
    return bool(verbs) and verbs[0] < len(rest) - 1


# ---- what is left -----------------------------------------------------------------------


def _tidy(before: str, after: str) -> str:
    """Spaces, the capital and the full stop put right after a cut."""
    if after == before:
        return before
    tail = before[len(before.rstrip()) :]
    text = re.sub(r"[ \t]{2,}", " ", after.strip()).rstrip(",;:–—- ")
    if not tokenize(text):
        return ""
    if before.lstrip()[:1].isupper() and text[0].islower():
        text = text[0].upper() + text[1:]
    end = before.rstrip()[-1:]
    return text + (end if end in ".!?" and text[-1] not in ".!?" else "") + tail
