"""Noun phrases: a noun with its colour and its article, as each language makes them agree.

phrase(shoes, ("white",), "fr")  ->  "chaussures blanches"
object_phrase(dress, ("white",), "de")  ->  "ein weißes Kleid"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ..colour_forms import ShadeForms
from .copy_tables import copy_language, frames, has_tables
from .nouns import Noun

__all__ = ["caption_phrase", "colour_text", "object_phrase", "phrase"]

Shades = Sequence[ShadeForms] | str
"""The one or two colours of a thing, or a colour in the shop's words, which agrees with
nothing; empty where nothing is known."""

_COLOUR_FIRST = ("en", "de")


def phrase(noun: Noun, colours: Shades, language: str) -> str:
    """The noun with its colour, no article: "navy shoes", "weiße Schuhe", "robe noire".

    In a language without tables nothing agrees: "Rugzak, blauw".
    """
    if not has_tables(language):
        colour = colour_text(colours, language)
        return f"{noun.name}, {colour}" if colour else noun.name
    return _phrase(noun, colours, copy_language(language), _STRONG)


def object_phrase(noun: Noun, colours: Shades, language: str) -> str:
    """The same as what is shown, with its article: "a navy dress", "einen roten Schal"."""
    code = copy_language(language)
    if not noun.is_known:
        return phrase(noun, colours, language)
    if code == "de":
        endings = _ACCUSATIVE if noun.number == "one" else _STRONG_ACCUSATIVE
        text = _phrase(noun, colours, code, endings)
        return f"{_EIN[noun.gender]} {text}" if noun.number == "one" else text
    text = _phrase(noun, colours, code, _STRONG)
    article = _ARTICLES[code](noun, text) if noun.gender or code == "en" else ""
    return f"{article}{'' if article.endswith(_APOSTROPHE) else ' '}{text}".strip()


def caption_phrase(noun: Noun, colours: Shades, language: str) -> str:
    """The same as a caption names it: "a white mug", "weißer Becher", "mug blanc"."""
    own = object_phrase if copy_language(language) == "en" else phrase
    return own(noun, colours, language)


def colour_text(colours: Shades, language: str) -> str:
    """The colour as it stands by itself: "navy", "schwarz-weiß", "noir et blanc"."""
    if isinstance(colours, str):
        return colours
    names = [shade.base(copy_language(language)) for shade in colours]
    if len(names) == 2:
        return frames(language).two_colours.format(*names)
    return "".join(names)


def _phrase(noun: Noun, colours: Shades, code: str, endings: Mapping[str, str]) -> str:
    if not colours:
        return noun.name
    if isinstance(colours, str):
        return frames(code).colour_as.format(noun=noun.name, colour=colours)
    if not noun.is_known and code != "en":
        return f"{noun.name}, {colour_text(colours, code)}"
    if not noun.gender and noun.number != "many" and code != "en":
        return f"{noun.name}, {colour_text(colours, code)}"
    colour = _agreeing(noun, colours, code, endings)
    parts = (colour, noun.name) if code in _COLOUR_FIRST else (noun.name, colour)
    return " ".join(parts)


def _agreeing(
    noun: Noun, colours: Sequence[ShadeForms], code: str, endings: Mapping[str, str]
) -> str:
    text = colour_text(colours, code)
    if code == "de":
        return text + endings[_slot(noun)] if colours[-1].declines else text
    forms = colours[0].forms[code]
    if len(colours) > 1 or len(forms) == 1:
        return text  # two colours of one thing never change: "noir et blanc"
    return forms[(noun.gender == "f") + 2 * (noun.number == "many")]


def _slot(noun: Noun) -> str:
    return "pl" if noun.number == "many" else noun.gender


# ---- German: endings of an adjective (Duden, Die Grammatik, 1518 ff.) --------------------

_STRONG = {"m": "er", "f": "e", "n": "es", "pl": "e"}  # nominative, no article
_STRONG_ACCUSATIVE = {**_STRONG, "m": "en"}
_ACCUSATIVE = {"m": "en", "f": "e", "n": "es", "pl": "e"}  # behind "einen", "eine", "ein"
_EIN = {"m": "einen", "f": "eine", "n": "ein", "": ""}

# ---- articles ---------------------------------------------------------------------------

_APOSTROPHE = ("'", "’")


# By sound: "a unicorn", "a European pillow", "a one-piece"
_ENGLISH_VOWEL = re.compile(
    r"(?!eu|one\b|once|uni(?!n)|us[aeiu]|ut[aei]|ur[aeiou])[aeiou]", re.IGNORECASE
)


def _english(noun: Noun, text: str) -> str:
    if noun.number != "one":
        return ""
    return "an" if _ENGLISH_VOWEL.match(text) else "a"


_MUTE = re.compile(r"(?:[aeiouyâàéèêëîïôœûh])", re.IGNORECASE)


def _french(noun: Noun, text: str) -> str:
    if noun.number == "many":
        return "des"
    if noun.number == "one":
        return "une" if noun.gender == "f" else "un"
    if _MUTE.match(text):
        return "de l'"
    return "de la" if noun.gender == "f" else "du"


def _spanish(noun: Noun, text: str) -> str:
    if noun.number == "mass":
        return ""
    article = "una" if noun.gender == "f" else "un"
    return article if noun.number == "one" else {"una": "unas", "un": "unos"}[article]


_UNO = re.compile(r"(?:s[^aeiou]|z|gn|ps|x|y|i[aeou])", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)


def _italian(noun: Noun, text: str) -> str:
    if noun.number == "mass":
        return ""
    if noun.gender == "f":
        if noun.number == "many":
            return "delle"
        return "un'" if _VOWEL.match(text) else "una"
    before_uno = bool(_UNO.match(text))
    if noun.number == "many":
        return "degli" if before_uno or _VOWEL.match(text) else "dei"
    return "uno" if before_uno else "un"


_ARTICLES: Mapping[str, Callable[[Noun, str], str]] = {
    "en": _english,
    "fr": _french,
    "es": _spanish,
    "it": _italian,
}
