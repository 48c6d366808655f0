"""Colour names in text: which families of colours a value or a sentence names.

Pure word look-up in `colours.toml`; measured colours are `colours.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from ..text.fold import fold
from .colour_forms import FORM_LANGUAGES, shade_words
from .singular import singular
from .word_tables import colours

__all__ = ["ANY", "colour_families", "colour_family", "colour_in", "colour_parts"]

ANY = "*"
"""As the language of a value: whichever has the word, English first."""


def colour_family(word: str, *, language: str = "en") -> str | None:
    """The family of one colour value ("Navy", "heather gray"), or None if it is no colour.

    Case, accents, hyphens and spellings do not count. Words before the colour are
    allowed ("Galaxy Blue"), words after it only if they modify it ("red heather");
    several families in one value ("black/white") are "multicolour".
    """
    families = {_family_of_part(part, language) for part in colour_parts(word)} - {None}
    if len(families) > 1:
        return "multicolour"
    return next(iter(families), None)


def colour_families(text: str, *, language: str = "en") -> tuple[str, ...]:
    """Every family that `text` names, in order, each once; prose is allowed.

    Words that are things as well ("stone", "rose") count only where nothing but
    modifiers stands beside them.
    """
    found: dict[str, None] = {}
    for part in colour_parts(text):
        words = part.split()
        meant = [w for w in words if w not in colours().modifiers]
        whole = _lookup(" ".join(meant), language)
        if whole:
            found[whole] = None
            continue
        at = 0
        while at < len(words):
            size, family = _name_at(words[at : at + 3], language)
            if family and not (size == 1 and singular(words[at]) in colours().things):
                found[family] = None
            at += size
    return tuple(found)


@lru_cache(maxsize=8192)
def colour_in(word: str, *, language: str = "en") -> tuple[str | None, bool]:
    """The family that a name in a sentence means, and whether it is a thing as well.

    Words that are things in English may be a language's plain colour: French "rose".
    """
    plain = _MARKS.sub(" ", fold(word)).strip()
    family = _lookup(plain, language)
    is_thing = singular(plain) in colours().things
    return family, is_thing and plain not in colours().plain.get(language, ())


def _name_at(words: Sequence[str], language: str) -> tuple[int, str | None]:
    """Length of the longest colour name at the start of `words`, and its family."""
    for size in range(len(words), 0, -1):
        family = _lookup(" ".join(words[:size]), language)
        if family:
            return size, family
    return 1, None


def colour_parts(text: str) -> list[str]:
    """The parts of a value that may each name a colour, folded: "Black/off-white"."""
    plain = fold(text[:_MAX_READ]).replace("multi-col", "multicol")
    parts = (_MARKS.sub(" ", part).strip() for part in _separators().split(plain))
    return [part for part in parts if part]


_MAX_READ = 10_000  # characters; the rest of a longer text names no other colour
_MARKS = re.compile(r"[\W_]+")


@cache
def _separators() -> re.Pattern[str]:
    return re.compile(rf"[/,;&+|]|\b(?:{'|'.join(colours().joiners)})\b")


def _family_of_part(part: str, language: str) -> str | None:
    words = part.split()
    while len(words) > 1 and words[-1] in colours().modifiers:
        words.pop()
    for size in (3, 2, 1):
        family = _lookup(" ".join(words[-size:]), language)
        if family:
            return family
    return None


def _lookup(phrase: str, language: str) -> str | None:
    tables = [_families_by_name()["en"]]
    code = language.split("-")[0].casefold()
    if code == ANY:
        tables = list(_families_by_name().values())
    elif code != "en" and code in _families_by_name():
        tables.insert(0, _families_by_name()[code])
    for table in tables:
        for form in (phrase, phrase.removesuffix("ish"), singular(phrase)):
            if form in table:
                return table[form]
    return None


@cache
def _families_by_name() -> Mapping[str, Mapping[str, str]]:
    """Language -> folded name -> family; of two families with one name, the last row's."""
    table = colours()
    own = {shade.name: shade.family for shade in table.shades}
    own |= {family.name: family.name for family in table.families}
    found: dict[str, dict[str, str]] = {"en": own}
    for family in table.families:
        for code, listed in family.words.items():
            names = found.setdefault(code, {})
            names |= {part: family.name for word in listed for part in colour_parts(word)}
    found["de"] |= {
        form: family for name, family in _compounds() for form in (name, *_endings(name))
    }
    for code in FORM_LANGUAGES[1:]:
        names = found.setdefault(code, {})
        for form, shade in shade_words(code):
            for part in colour_parts(form):
                if family_name := _english_family(shade, found["en"]):
                    names.setdefault(part, family_name)
    return found


def _compounds() -> Iterator[tuple[str, str]]:
    """German colours, also with another word before: "dunkelblau", "schneeweiß"."""
    table = colours()
    bases = {fold(word): f.name for f in table.families for word in f.words.get("de", ())}
    for base, family in bases.items():
        yield base, family
        if base in table.german_bases:
            for word in table.german_before:
                yield word + base, family


def _endings(name: str) -> Iterator[str]:
    """The endings of a German adjective."""
    if name[-1] not in "ae":
        yield from (name + ending for ending in ("e", "er", "es", "en", "em"))
    elif name.endswith("e"):
        yield from (name + ending for ending in ("r", "s", "n", "m"))


def _english_family(shade: str, english: Mapping[str, str]) -> str | None:
    """The family of a shade by its name, or by that without "light" and "dark"."""
    *_, last = shade.replace("-", " ").split()
    return english.get(shade) or english.get(last)
