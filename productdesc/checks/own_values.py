"""Own values: what of a product's data and photos a sentence may name word for word."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..colours import colour_families, colours_agree
from ..records import Colour, Facts, Product
from ..taxonomy import OTHER, UNKNOWN
from ..taxonomy.product_type import TypeComparison
from ..text.simple_tags import without_simple_tags
from ..text.trim import clean
from ..words.attribute_key import attribute_key
from ..words.colour_forms import ShadeForms, shade_forms
from ..words.tokens import forms_of, tokenize
from ..words.writing.copy_tables import frames
from ..words.writing.joined_units import joined_units
from ..words.writing.nouns import kind_noun
from ..words.writing.written_attribute import (
    WrittenAttribute,
    spellings_of,
    words_of_value,
    written_attribute,
)
from .prose.quantities import is_unit, quantities_at
from .prose.sentences import sentences

__all__ = [
    "Value",
    "index_values",
    "seen_facts",
    "seen_values",
    "written_sentences",
]


class Value(NamedTuple):
    """A whole attribute value, or one entry of a list, as written and folded.

    `photo`: the one that shows it, where no attribute says it. `code`: the kind of claim
    that it makes.
    """

    name: str | None
    text: str
    forms: tuple[str, ...]
    photo: int | None = None
    code: str = "value"


def written_sentences(attributes: Mapping[str, str], language: str) -> Mapping[str, str]:
    """Sentences that say an attribute as people write it -> its name: "Gewicht: 300 g"."""
    found: dict[str, str] = {}
    for name, text in joined_units(attributes).items():
        if one := written_attribute(name, text, language):
            for start, end in sentences(one.sentence):
                sentence = one.sentence[start:end].strip().rstrip(".")
                found.setdefault(sentence.casefold(), name)
    return found


def index_values(
    attributes: Mapping[str, str], language: str, seen: Sequence[Value]
) -> Mapping[str, tuple[Value, ...]]:
    """First word -> whole attribute values (and entries of lists) that begin with it.

    As the merchant wrote them, and as copy in this language writes them. A lone number, a
    bare measure, one or two letters are no value to recognise: "42" and "30 cm" say nothing
    without their neighbour.
    """
    index: dict[str, list[Value]] = {}
    for name, text in attributes.items():
        given = (text, *text.split(", "))
        one = written_attribute(name, text, language)
        code = "colour" if one and one.key == "colour" else "value"
        for part in dict.fromkeys((*given, *spellings_of(name, text, language))):
            forms = forms_of(part) if len(part) <= 200 else ()
            telling = len(forms) > 1 or (len(forms) == 1 and len(forms[0]) > 2)
            if telling and not _is_measure(part, forms):
                kind = "value" if part in given else code
                value = Value(name, part, forms, None, kind)
                index.setdefault(forms[0], []).append(value)
    for value in seen:
        index.setdefault(value.forms[0], []).append(value)
    return {form: tuple(some) for form, some in index.items()}


def seen_values(
    product: Product,
    facts: Facts,
    kinds: TypeComparison,
    measured: Sequence[Sequence[Colour]],
    language: str,
) -> list[Value]:
    """The title, what the product's kind is called, and what its photos' colours are."""
    return [
        *_title(product),
        *_kind_names(kinds, measured, language),
        *_seen_colours(product, facts, measured, language),
        *(
            Value(None, text, forms_of(text), photo)
            for one, photo in seen_facts(product, facts, len(measured), language)
            for text in (one.sentence, *words_of_value(one))
        ),
    ]


_SHOWN = frozenset({"pattern", "neckline", "sleeve_length", "collar", "closure", "shape"})
"""Attributes that a photo shows, by their keys in `labels.toml`; the colour is measured."""


def seen_facts(
    product: Product, facts: Facts, photos: int, language: str
) -> list[tuple[WrittenAttribute, int]]:
    """What a model saw of the product, as copy says it, and the photo that shows it.

    Only of a product without a title: no guess stands beside the merchant's words.
    """
    given = (written_attribute(name, "x", language) for name in product.attributes)
    stated = {one.key for one in given if one}
    found: list[tuple[WrittenAttribute, int]] = []
    for name, seen in facts.attributes.items():
        one = written_attribute(name, seen.value, language)
        if one and one.key in _SHOWN - stated and 0 < seen.photo <= photos:
            found.append((one, seen.photo))
    return [] if product.title else found


def _title(product: Product) -> Iterator[Value]:
    """The merchant's title as a whole, which any text may repeat."""
    if len(product.title) <= _MAX_TITLE:
        plain = clean(without_simple_tags(html.unescape(product.title)))
        for title in dict.fromkeys((product.title, plain)):
            if len(forms := forms_of(title)) > 1:
                yield Value("title", title, forms)


_MAX_TITLE = 300


def _kind_names(
    kinds: TypeComparison, measured: Sequence[Sequence[Colour]], language: str
) -> Iterator[Value]:
    """What the product's kind is called in the language of the copy."""
    kind, source = kinds.settled
    if kind in _NO_KIND or not (source or measured):
        return
    for name in dict.fromkeys((kind_noun(kind, language).name, kind)):
        if forms := forms_of(name):
            yield Value(source or None, name, forms, None if source else 1, "kind")


def _seen_colours(
    product: Product, facts: Facts, measured: Sequence[Sequence[Colour]], language: str
) -> Iterator[Value]:
    """What the colours seen are called, unless the data clearly names others."""
    for shown in (frames(language).photo_bullet, frames(language).product):
        if measured:
            yield Value(None, shown, forms_of(shown), 1)
    written = (written_attribute(n, v, language) for n, v in product.attributes.items())
    colours = [one.given for one in written if one and one.key == "colour"]
    stated = {f for colour in colours for f in colour_families(colour, language=language)}
    for shade, photo in _shades(facts, measured):
        if stated and stated.isdisjoint(colour_families(shade.name)):
            continue
        for form in shade.spellings(language):
            yield Value(None, form, forms_of(form), photo, "colour")


def _shades(
    facts: Facts, measured: Sequence[Sequence[Colour]]
) -> Iterator[tuple[ShadeForms, int]]:
    """The leading colour of each photo, and what a model saw that the pixels allow."""
    leading = ((c[0].name, n) for n, c in enumerate(measured, start=1) if c)
    seen = (
        (one.value, one.photo)
        for name, one in facts.attributes.items()
        if attribute_key(name) == "colour"
        and 0 < one.photo <= len(measured)
        and colours_agree(one.value, measured[one.photo - 1]) is not False
    )
    for name, photo in (*leading, *seen):
        if shade := shade_forms(name):
            yield shade, photo


_NO_KIND = (OTHER, UNKNOWN, "")


def _is_measure(part: str, forms: Sequence[str]) -> bool:
    """Whether it is numbers and units and nothing else: "30 x 40 cm", "20 °C"."""
    if all(form[0].isdigit() or is_unit(form) or form == "x" for form in forms):
        return True
    some = quantities_at(part, tokenize(part), 0, "en", is_data=True)
    return any(quantity.last == len(forms) - 1 for quantity in some)
