"""The merchant's own data as copy may repeat it: title, description, attributes."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Set

from ...colours import colour_families
from ...records import Product
from ...text.simple_tags import without_simple_tags
from ...text.trim import clean
from ...words.claims.grammar import grammar
from ...words.colour_forms import shade_named
from ...words.tokens import forms_of
from ...words.writing.copy_tables import COPY_LANGUAGES
from ...words.writing.joined_units import joined_units
from ...words.writing.written_attribute import WrittenAttribute, written_attribute
from ..cleanup.contact import contact_in
from ..cleanup.not_copy import markup
from ..policy import LIMITS
from ..prose.repetition import without_loops
from ..prose.sentences import sentences

__all__ = ["names_it", "own_facts", "own_line", "own_sentences"]

_MAX_FACTS = 40
_MAX_OWN = 4000  # characters of the merchant's own description


def own_line(text: str) -> str:
    """A line of the merchant's without markup, "" where it holds contact data."""
    plain = clean(markup(without_simple_tags(html.unescape(text)))[0])
    return "" if contact_in(plain) or not any(c.isalnum() for c in plain) else plain


def own_sentences(text: str, code: str) -> Iterator[str]:
    """The merchant's own description where it is in this language, by sentences.

    Without contact data, amounts of money and lists' marks.
    """
    given = without_simple_tags(html.unescape(text[:_MAX_OWN]))
    plain = clean(markup(given)[0], lines=True)
    if not _is_in(plain, code):
        return
    for start, end in sentences(plain):
        sentence = plain[start:end].strip().lstrip("•*-–· ").strip()
        is_money = any(unicodedata.category(c) == "Sc" for c in sentence)
        if is_money or contact_in(sentence) or not any(c.isalnum() for c in sentence):
            continue
        yield sentence if sentence[-1] in ".!?…:" else f"{sentence}."


_LEAST_WORDS = 2  # function words that tell a language


def _is_in(text: str, code: str) -> bool:
    """Whether a text is clearly in this language, by its function words."""
    if code not in COPY_LANGUAGES:
        return False
    forms = forms_of(text[:2000])
    hits = {one: sum(map(grammar(one).is_function_word, forms)) for one in COPY_LANGUAGES}
    own = hits.pop(code)
    return own >= _LEAST_WORDS and own > max(hits.values())


def own_facts(product: Product, code: str) -> Iterator[WrittenAttribute]:
    """The attributes as people write them, each once, by their rank."""
    found: list[WrittenAttribute] = []
    all_said: set[tuple[str, ...]] = set()
    values: set[tuple[str, tuple[str, ...]]] = set()
    for name, value in joined_units(product.attributes).items():
        plain = clean(str(value), lines=True)
        if contact_in(plain) or contact_in(name) or _is_markup(plain, name):
            continue
        one = written_attribute(name, str(value), code)
        if one is None or contact_in(one.sentence) or _is_noise(one.sentence):
            continue
        said = {forms_of(s) for s in _pieces(one.sentence)}
        if said & all_said or (one.key, forms_of(one.value)) in values:
            continue
        all_said |= said
        values.add((one.key, forms_of(one.value)))
        found.append(one)
    whole = [one for one in found if not any(_is_part(one, other) for other in found)]
    ranked = sorted(whole, key=lambda one: (one.answer == "no", one.place))
    yield from ranked[:_MAX_FACTS]


def _is_part(one: WrittenAttribute, other: WrittenAttribute) -> bool:
    """Whether another value of the same attribute holds this one: "12" and "12 cm"."""
    if one.key != other.key or one.answer or other.answer:
        return False
    part, whole = forms_of(one.value), forms_of(other.value)
    return len(part) < len(whole) and _stands_in(part, whole)


def _pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _is_noise(text: str) -> bool:
    return without_loops(text, LIMITS) != (text, "")


def _is_markup(*texts: str) -> bool:
    return any(
        noise.value.startswith(_LOUD)
        for t in texts
        for noise in markup(without_simple_tags(t))[1]
    )


_LOUD = ("<s", "<|", "{", "$", "[", "`", "<i", "<o", "<a", "<S", "<!", "<?")
"""How markup begins that is more than a tag around words."""


def names_it(text: str, fact: WrittenAttribute, code: str) -> bool:
    """Whether a text says a fact already, so that to say it again says nothing."""
    if not fact.says_itself:
        return False
    forms, value = forms_of(text[:500]), forms_of(fact.value)
    if value and _stands_in(value, forms):
        return True
    if fact.key != "colour":
        return False
    mine, theirs = _colours_of(fact.given, code), _colours_of(text[:500], code)
    return bool(mine) and mine <= theirs


def _colours_of(text: str, code: str) -> Set[str]:
    """Families that a text names, also by words of another language."""
    named = filter(None, map(shade_named, forms_of(text)))
    families = {family for shade in named for family in colour_families(shade.name)}
    return families | set(colour_families(text, language=code))


def _stands_in(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))
