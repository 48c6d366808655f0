"""Stance of a noun phrase: whether it is said of the product, or of a thing beside it.

"A soft jacket", "It is a jacket" and "in this jacket" speak of the product; "goes with a
jacket", "for your jacket" and "the jacket pocket" do not. Words are in `words/stance.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from ...words.kind_names import KIND_LANGUAGES, kind_at, plurals_of
from ...words.tokens import Token, form_of, forms_of, linked
from ...words.word_tables import stance_words

__all__ = [
    "Stance",
    "class_holds",
    "ends_its_name",
    "is_idiom",
    "stance_at",
    "subject_before",
    "words_of",
]

Stance = Literal["subject", "predicate", "pointed", "label", ""]
"""How the product is meant: as what the sentence is about, by "is a", by "this", after
"Kind:"; "" where something beside it may be meant."""

_LABEL = 3  # words of a label, at most
_REACH = 12  # words looked back at; a longer phrase is not judged


@cache
def words_of(part: str, language: str) -> frozenset[str]:
    """The words of a class in a language, folded, without phrases; English where none."""
    rows = stance_words()[part]
    listed = [word.removeprefix("*") for word in rows.get(language, rows["en"])]
    words = [word for word in listed if " " not in word]
    if part in ("details", "whole"):
        words += [plural for word in words for plural in plurals_of(word, language)]
    return frozenset(map(form_of, words))


def stance_at(
    text: str, found: Sequence[Token], at: int, language: str, *, of_what: bool = False
) -> Stance:
    """The stance of the noun phrase that word `at` is the noun of.

    of_what: also where "en", "de" or "di" stands before it: "tasse en céramique noire".
    """
    article, form = -1, found[at].form
    if "'" in form and language != "en":  # "l'écharpe", "d'une robe"
        before = form.partition("'")[0]
        if _is(before, "beside", language) and not _is(before, "of_what", language):
            return ""
        article = at if _is(before, "articles", language) else -1
        if _is(before, "pointing", language):
            return "pointed"
        if _is(before, "of_what", language):
            return ""
    for i in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word, after = found[i], found[i + 1]
        gap = text[word.end : after.start]
        if stop := _stop_in(gap):
            if stop == ":":
                return "label" if i < _LABEL else ""
            if stop != ",":
                return "subject" if stop in ";.!?–—-" else ""
            if article >= 0:
                return ""  # "with a hood, a belt": a list goes on
        if _is(word.form, "pointing", language):
            return "pointed"
        if _is_copula(text, word, language):
            return "predicate"
        if article >= 0:
            # "a tee" behind a verb that is not listed: what "flatters a tee" is beside it
            if _is(word.form, "presenting", language):
                return "subject"
            if not _opens_measure(found, i, language):
                return ""
        if _is(word.form, "beside", language):
            is_of = of_what and _is(word.form, "of_what", language)
            is_measured = _opens_measure(found, i, language) or (
                i + 1 < at and _opens_measure(found, i + 1, language)
            )
            if not (is_of or is_measured):
                return ""
        elif article < 0 and _is(word.form, "articles", language):
            article = i
        elided = word.form.partition("'")[0] if "'" in word.form else ""
        if elided and not of_what and _is(elided, "beside", language):
            return ""
    return "subject" if at <= _REACH else ""


def subject_before(
    text: str, found: Sequence[Token], at: int, language: str
) -> tuple[int, int] | None:
    """First and last word of the subject of the copula that word `at` is said by.

    None where no copula stands before it in its clause: "The mug is deep black".
    """
    for i in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word = found[i]
        if _stop_in(text[word.end : found[i + 1].start]) not in ("", ","):
            return None
        if _is_copula(text, word, language):
            first = i
            while first > 0 and not _stop_in(
                text[found[first - 1].end : found[first].start]
            ):
                first -= 1
            return first, i - 1
        if _is(word.form, "beside", language) and word.form not in _AND_SO_ON:
            return None
    return None


_AND_SO_ON = frozenset(("up", "a"))


def ends_its_name(text: str, found: Sequence[Token], last: int, language: str) -> bool:
    """Whether the noun of a phrase ends there: not so "jacket" in "jacket pocket".

    German and Dutch write such compounds as one word, French, Spanish and Italian say
    "pocket of the jacket"; in English any noun may follow another.
    """
    after = found[last + 1] if last + 1 < len(found) else None
    if after is None or not linked(text, found[last], after):
        return True
    if text[found[last].end : after.start].strip() in ("-", "‐", "‑", "–"):
        return False  # "t-shirt-style", "porte-clés"
    if language in KIND_LANGUAGES and language != "en":
        return True
    form, written = after.form, text[after.start : after.end].casefold()
    if written in stance_words()["after_names"]["en"]:
        return True  # "keeps", while "keep" may be a castle's
    if kind_at(text, found, last + 1) or form in words_of("details", "en"):
        return False
    if after.is_number or any(
        form in words_of(part, "en")
        for part in ("after_names", "beside", "copulas", "pronouns", "presenting")
    ):
        return True
    if written.endswith(("ly", "ing", "ed")):
        return True
    # behind a plural a verb: "these shoes fit"; behind a singular a noun may stand
    return text[found[last].start : found[last].end].casefold().endswith("s")


def class_holds(part: str, word: Token, language: str) -> bool:
    """Whether a word is of a class, in German also as the end of a compound: "*sohle"."""
    form = word.form.rpartition("'")[2]
    if form in words_of(part, language):
        return True
    ends = _compound_ends(part, language)
    return any(form[start:] in ends for start in range(2, len(form) - 2)) if ends else False


@cache
def _compound_ends(part: str, language: str) -> frozenset[str]:
    listed = stance_words()[part].get(language, ())
    return frozenset(form_of(word[1:]) for word in listed if word.startswith("*"))


def is_idiom(found: Sequence[Token], at: int, language: str) -> bool:
    """Whether word `at` is part of a phrase that names no colour: "green tea"."""
    phrases = _idioms(language)
    for start in range(max(0, at - 2), at + 1):
        for forms in phrases.get(found[start].form, ()):
            end = start + len(forms)
            if at < end and tuple(w.form for w in found[start:end]) == forms:
                return True
    return False


@cache
def _idioms(language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    rows = stance_words()["no_colour"]
    index: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in rows.get(language, rows["en"]):
        forms = forms_of(phrase)
        index[forms[0]] = (*index.get(forms[0], ()), forms)
    return index


def _is(form: str, part: str, language: str) -> bool:
    return form in words_of(part, language)


def _is_copula(text: str, word: Token, language: str) -> bool:
    """Copulas as they are written: "è" is one and "e" is not; also "it's"."""
    written = text[word.start : word.end].casefold().replace("’", "'")
    rows = stance_words()["copulas"]
    return written in rows.get(language, rows["en"])


def _opens_measure(found: Sequence[Token], at: int, language: str) -> bool:
    """Whether word `at` is the "of" in "a set of mugs"."""
    return (
        at > 0
        and found[at].form in ("of", "de", "di")
        and _is(found[at - 1].form, "measures", language)
    )


def _stop_in(gap: str) -> str:
    """The mark between two words that parts phrases, "" where there is none."""
    mark = gap.strip()[:1]
    if mark in (",", ";", ":", "(", ")", ".", "!", "?", "—", "–", "|", "/") and mark:
        return mark
    return "-" if mark == "-" and gap != "-" else ""
