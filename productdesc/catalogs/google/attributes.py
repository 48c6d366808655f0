"""Google Merchant attributes that we write: names, limits and closed values, one table.

Sources: support.google.com/merchants 6324415 (title), 6324468 (description), 9216100
(highlights), 6324487 (colour), 6324410 (material), 6324479 (gender), 6324463 (age group).
Google states no limit for pattern; 100 is what other feed tools use.

To add an attribute: one line in ATTRIBUTES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...text.printable import quoted
from ..shop_text.sanitize import forbidden
from ..shop_text.shop_html import to_text

MAX_ID = 50
MAX_TITLE = 150
MAX_DESCRIPTION = 5000
MAX_HIGHLIGHT = 150
HIGHLIGHTS = (2, 100)
"""Least and most product highlights of one product; 4 to 6 are advised."""

GENDERS = {
    "male": "male man men mens boy boys herren mann männer homme hommes hombre hombres",
    "female": "female woman women womens lady ladies girl girls damen frau frauen femme"
    " femmes mujer mujeres",
    "unisex": "unisex",
}
AGE_GROUPS = {
    "newborn": "newborn newborns neugeborene",
    "infant": "infant infants baby babies säugling bébé bebé",
    "toddler": "toddler toddlers kleinkind kleinkinder",
    "kids": "kid kids child children youth junior juniors boy boys girl girls kind kinder"
    " enfant enfants niño niños",
    "adult": "adult adults teen teens teenager teenagers man men mens woman women womens"
    " erwachsene adulte adultes adulto adultos",
}
# Google: colour is a name a shopper would see in the photo, never one of these
_NO_VALUE = frozenset(
    (
        *("multicolour", "multicolor", "multi", "various", "variety", "assorted"),
        *("unknown", "none", "n/a", "na", "other"),
    )
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a feed; lengths in characters.

    `parts` values are joined by "/", each of at most `part`. `words` maps Google's
    closed values to the words that mean them. `ours` are the names we and merchants use.
    """

    name: str
    limit: int
    ours: tuple[str, ...]
    parts: int = 1
    part: int = 0
    words: Mapping[str, str] = field(default_factory=dict)


ATTRIBUTES = (
    Attribute("color", 100, ("color", "colour", "colors", "colours"), parts=3, part=40),
    Attribute("pattern", 100, ("pattern", "patterns")),
    Attribute("material", 200, ("material", "materials", "fabric"), parts=3, part=200),
    Attribute("gender", 6, ("gender", "target gender", "sex"), words=GENDERS),
    Attribute("age_group", 7, ("age group", "age"), words=AGE_GROUPS),
)


def google_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """Those of `attributes` that a feed has a name for, under Google's name."""
    known = {our: a.name for a in ATTRIBUTES for our in a.ours}
    found: dict[str, str] = {}
    for key, value in attributes.items():
        name = known.get(key.strip().casefold().replace("_", " "))
        if name and value and name not in found:
            found[name] = value
    return found


def fit_attributes(attributes: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Values as Google takes them, and a sentence for each that it would not take."""
    values: dict[str, str] = {}
    notes: list[str] = []
    for attribute in ATTRIBUTES:
        text = attributes.get(attribute.name, "")
        if not text.strip():
            continue
        value, why = _fit(attribute, text)
        if value:
            values[attribute.name] = value
        if why:
            notes.append(f"{attribute.name} {quoted(text, 'value')} {why}")
    return values, notes


def _fit(attribute: Attribute, text: str) -> tuple[str, str]:
    """The value, or "" when it does not fit; and what was lost."""
    if why := unwritable(text):
        return "", f"was left out: it {why}"
    if attribute.words:
        value = _word(attribute.words, text)
        return value, "" if value else f"is none of {', '.join(attribute.words)}: left out"
    parts = _parts(text) if attribute.parts > 1 else [" ".join(text.split())]
    good = [p for p in parts if p.casefold() not in _NO_VALUE]
    if not good:
        return "", "is no value that Google takes: left out"
    kept = good[: attribute.parts]
    long = next((p for p in kept if attribute.part and len(p) > attribute.part), "")
    if long:
        return "", f"was left out: {len(long)} characters in one; {attribute.part} fit"
    value = "/".join(kept)
    if len(value) > attribute.limit:
        return "", f"was left out: {len(value)} characters; {attribute.limit} fit"
    lost = len(parts) - len(kept)
    return value, f"was shortened to {quoted(value, 'value')}" if lost else ""


def _parts(text: str) -> list[str]:
    pieces = re.split(r" ?(?:[/,;+&|]|\band\b) ?", " ".join(text.split()))
    return list(dict.fromkeys(p for p in pieces if p))


def _word(words: Mapping[str, str], text: str) -> str:
    """The closed value that `text` means; "" where it means none, or several."""
    plain = re.sub(r"['’]s?\b", "", text.casefold()).replace("men and women", "unisex")
    meant = {
        value
        for value, known in words.items()
        for piece in re.split(r"[\s,/&+]+", plain)
        if piece == value or piece in known.split()
    }
    if meant == {"male", "female"}:
        return "unisex"
    return meant.pop() if len(meant) == 1 else ""


def unwritable(text: str) -> str:
    """Why a feed cannot hold this text and mean it; "" where it can."""
    if why := forbidden(text):
        return why
    # Google reads descriptions as HTML, so what looks like HTML would be lost
    if " ".join(to_text(text).split()) != " ".join(text.split()):
        return "would be read as HTML"
    return ""


def too_long(text: str, limit: int) -> str:
    return f"has {len(text)} characters; {limit} is the limit" if len(text) > limit else ""
