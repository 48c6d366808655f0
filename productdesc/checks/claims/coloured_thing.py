"""Coloured things: what a colour in a sentence is said of, the product or a detail of it.

"A black mug", "It is black" and "in black" are said of the product; "with black laces",
"The lid is black" and "on a black wall" are not.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...words.tokens import FormSet, linked
from ...words.variants.variant_words import single_words
from .kind_claims import is_of_own_kind, kind_name_at
from .sentence import Sentence
from .stance import class_holds, stance_at, subject_before, words_of

__all__ = [
    "COLOURED",
    "COLOUR_NAMES",
    "IN_WORDS",
    "SHADE_WORDS",
    "SaidOf",
    "is_of_detail",
    "said_of",
]

COLOUR_NAMES = FormSet("colour farbe farbton couleur coloris kleur colore")
"""Names of the attribute that states the colour (folded)."""

SHADE_WORDS = FormSet("light dark bright deep pale soft dusty pastel neon")
IN_WORDS = FormSet("in en")
_NOUN_FIRST = ("fr", "es", "it", "pt", "ca", "ro")
_REACH = 2  # words between a colour and the noun behind it
_REACH_BACK = 6  # the same where the noun stands before
_REACH_SCENE = 3  # between "on" and the colour of what something stands on


SaidOf: TypeAlias = Literal["own", "any"]
"""The product by its own name, or a noun that is no known detail."""


def said_of(s: Sentence, at: int, last: int) -> SaidOf | None:
    """What a colour is said of: the product by its own name, any noun for it, or None.

    None: of laces or a label on it, "with white soles", "on a white wall".
    """
    language, found = s.known.language, s.words
    if at == 0 and last == len(found) - 1:
        return "own"
    if _is_label(s, at):
        return "own"
    if _ends(s, last) and (by_in := _in_before(s, at)) is not None:
        return None if _has_detail(s, max(0, by_in - 3), by_in - 1) else "own"
    if last + 1 < len(found) and found[last + 1].form in words_of("sides", language):
        return None
    noun = _noun_before(s, at) if language in _NOUN_FIRST else _noun_behind(s, last)
    if noun != "none":
        if noun != "unknown":
            return "own" if noun == "own" else None
        stance = stance_at(s.text, found, at, language, of_what=language in _NOUN_FIRST)
        return "any" if stance else None
    subject = subject_before(s.text, found, at, language)
    if subject is None or _has_detail(s, *subject):
        return None
    pronouns = words_of("pronouns", language)
    first, end = subject
    if first == end and found[first].form in pronouns:
        return "own"
    if stance_at(s.text, found, end, language) not in ("subject", "pointed"):
        return None
    name = kind_name_at(s, end)
    return "own" if name and is_of_own_kind(s.known, name) else "any"


def is_of_detail(s: Sentence, at: int, last: int) -> bool:
    """Whether a value is clearly said of a detail, or of a thing beside the product.

    Of all that `said_of` leaves open it is only what names such a thing.
    """
    language, found = s.known.language, s.words
    if said_of(s, at, last):
        return False
    if last + 1 < len(found) and found[last + 1].form in words_of("sides", language):
        return True
    noun = _noun_before(s, at) if language in _NOUN_FIRST else _noun_behind(s, last)
    near = {word.form for word in found[max(0, at - _REACH_BACK) : last + 2 + _REACH]}
    if noun == "detail":
        return True
    in_scene = not single_words("scene", language).isdisjoint(
        word.form for word in found[max(0, at - _REACH_SCENE) : at]
    )
    if noun == "unknown":
        return in_scene and near.isdisjoint(s.known.thing)
    if _ends(s, last) and (by_in := _in_before(s, at)) is not None:
        # "laces in black", not "seen from the side, in black"
        is_tied = by_in > 0 and linked(s.text, found[by_in - 1], found[by_in])
        return is_tied and _has_detail(s, max(0, by_in - 3), by_in - 1)
    subject = subject_before(s.text, found, at, language)
    return in_scene if subject is None else _has_detail(s, *subject)


def _is_label(s: Sentence, at: int) -> bool:
    """ "Colour: black", "the colour black"."""
    if not at or s.words[at - 1].form not in COLOUR_NAMES:
        return False
    before, word = s.words[at - 1], s.words[at]
    return linked(s.text, before, word) or s.text[before.end : word.start].strip() == ":"


def _in_before(s: Sentence, at: int) -> int | None:
    """The word "in" that a colour hangs on: "in black", "in a deep black"."""
    language = s.known.language
    for i in range(at - 1, max(-1, at - 4), -1):
        if not linked(s.text, s.words[i], s.words[i + 1]):
            return None
        if s.words[i].form in IN_WORDS:
            return i
        if s.words[i].form in words_of("articles", language):
            continue
        # "in bold orange"; "en una pared negra" is a wall
        if _is_function(s, i) or language in _NOUN_FIRST:
            return None
    return None


COLOURED = FormSet("coloured colored toned tone hued")
_Noun = Literal["own", "detail", "unknown", "none"]


def _noun_behind(s: Sentence, last: int) -> _Noun:
    """What the noun behind a colour is: the product's own kind, a detail, or unknown."""
    language, found = s.known.language, s.words
    is_noun = False
    for i in range(last + 1, min(len(found), last + 2 + _REACH)):
        left, right = found[i - 1], found[i]
        gap = s.text[left.end : right.start]
        if not (linked(s.text, left, right) or gap == ", ") or _is_function(s, i):
            break
        if gap == "-" and i == last + 1 and right.form not in COLOURED:
            return "detail"  # "black-trimmed"
        noun = _noun_at(s, i)
        if noun == "detail" and _is_titled(s, i):
            noun = "unknown"
        if noun in ("own", "detail"):
            return noun
        is_noun = is_noun or linked(s.text, left, right) or language != "en"
    return "unknown" if is_noun else "none"


def _noun_before(s: Sentence, at: int) -> _Noun:
    """The same where the noun stands before: "tasse en céramique noire"."""
    language, found = s.known.language, s.words
    is_noun = False
    for i in range(at - 1, max(-1, at - 1 - _REACH_BACK), -1):
        if not linked(s.text, found[i], found[i + 1]):
            break
        form = found[i].form
        if form in words_of("of_what", language):
            continue
        if _is_function(s, i) and "'" not in form:
            break
        noun = _noun_at(s, i)
        if noun == "detail" and _is_titled(s, i):
            noun = "unknown"
        if noun in ("own", "detail"):
            return noun
        is_noun = True
    return "unknown" if is_noun else "none"


def _noun_at(s: Sentence, at: int) -> _Noun:
    name = kind_name_at(s, at)
    if name:
        is_own = is_of_own_kind(s.known, name)
        return "unknown" if is_own is None else "own" if is_own else "detail"
    language = s.known.language
    if class_holds("whole", s.words[at], language):
        return "own"
    return "detail" if class_holds("details", s.words[at], language) else "unknown"


def _is_titled(s: Sentence, at: int) -> bool:
    """Whether the merchant's title calls the product by this word: "Desk stand"."""
    titles = (x for x in s.known.sources if x.name == "title" and not x.key)
    return any(w.form == s.words[at].form for title in titles for w in title.words)


def _is_function(s: Sentence, at: int) -> bool:
    language, form = s.known.language, s.words[at].form
    parts = ("beside", "articles", "copulas", "pronouns", "pointing")
    if any(form in words_of(part, language) for part in parts):
        return True
    return form in _AND or (language == "en" and form in words_of("after_names", "en"))


_AND = FormSet("and or but und oder aber et ou mais y o pero e ma sowie as")


def _has_detail(s: Sentence, first: int, last: int) -> bool:
    """Whether the words name a detail and no kind: "the sole", not "the shoe"."""
    words = range(first, last + 1)
    return any(_noun_at(s, i) == "detail" and not _is_titled(s, i) for i in words)


def _ends(s: Sentence, last: int) -> bool:
    found = s.words
    return last + 1 == len(found) or not linked(s.text, found[last], found[last + 1])
