"""What is known of a product, gathered once for all fields that rules compose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...records import Colour, Facts, Product
from ...taxonomy import OTHER, UNKNOWN
from ...taxonomy.product_type import Stated, compare_types
from ...text.fold import fold
from ...words.writing.copy_tables import Frames, frames, value_rows
from ...words.writing.noun_phrases import Shades
from ...words.writing.nouns import Noun, is_shelf, kind_noun, noun
from ...words.writing.written_attribute import (
    KIND_KEYS,
    WrittenAttribute,
    written_attribute,
)
from ..own_values import seen_facts
from ..variant_values import index_options, with_ranges
from .own_colours import names_a_colour, seen_colour, stated_colours
from .own_data import own_facts, own_line, own_sentences
from .variants_told import photo_colour, told_ranges

__all__ = ["Known", "known_of"]

_MAX_NAME = 60  # characters of a brand
_MAX_KIND = 30
_NO_KIND = (OTHER, UNKNOWN, "")


@dataclass(frozen=True, slots=True)
class Known:
    """What copy may say of a product, in the words of its language.

    `title` is the merchant's. `colours` are those of the data, else what was seen
    (`is_seen`). `noun` is what to call the product. `facts` are its attributes, what a
    buyer asks first coming first. `photo_colours` has the leading colour of each photo.
    `description` is the merchant's own, where it is in this language. `varying`: keys of
    the attributes that differ between variants, each of which is told as a whole.
    """

    language: str
    frames: Frames
    title: str
    brand: str
    noun: Noun | None
    colours: Shades
    is_seen: bool
    facts: tuple[WrittenAttribute, ...]
    photo_colours: tuple[Shades, ...]
    photos: int
    description: tuple[str, ...]
    varying: frozenset[str] = frozenset()

    def fact(self, key: str) -> WrittenAttribute | None:
        """The attribute with this key, if the data has it."""
        return next((fact for fact in self.facts if fact.key == key), None)


def known_of(
    product: Product,
    facts: Facts,
    language: str,
    measured: Sequence[Sequence[Colour]],
    photos: int,
) -> Known:
    """Gather what is known; nothing of the merchant's that no text may repeat."""
    code = language.split("-")[0].casefold()
    title = own_line(product.title)
    index = index_options(product, code)
    product = with_ranges(product, index)
    told = told_ranges(own_facts(product, code), product, index, code)
    written, varying = tuple(told), frozenset(option.key for option in index.options)
    product = product.model_copy(update={"title": title})
    seen = [one for one, _ in seen_facts(product, facts, len(measured), code)]
    colours, is_seen = stated_colours(written, code), False
    says_colour = names_a_colour(title, code) and "colour" not in varying
    if "colour" in varying:  # no name and no sentence has one of them
        colours = ""
    elif not says_colour and not any(fact.key == "colour" for fact in written):
        colours, is_seen = seen_colour(facts, measured, code), True
    brands = (fact.value for fact in written if fact.key == "brand")
    brand = next(filter(_is_name, brands), "")
    return Known(
        language=code,
        frames=frames(code),
        title=title,
        brand=brand,
        noun=_noun(product, facts, written, code),
        colours=colours,
        is_seen=is_seen and bool(colours),
        facts=(*written, *seen),
        photo_colours=tuple(
            () if says_colour else photo_colour(number, one, index, written, code)
            for number, one in enumerate(measured, start=1)
        ),
        photos=photos,
        description=tuple(own_sentences(product.words, code)),
        varying=varying,
    )


def _is_filed(stated: Stated, code: str) -> bool:
    """Whether it is a category that names the product's kind, and nothing closer."""
    one = written_attribute(stated.source, "x", code) if stated.kinds else None
    return one is not None and one.key == "category"


def _is_department(text: str) -> bool:
    """Whether a value is a part of a shop and names no thing: "kitchen"."""
    return fold(text) in value_rows("category")


def _is_name(text: str) -> bool:
    """Whether a value can stand in a name: "Vendora", no number and no sentence."""
    is_short = len(text) <= _MAX_NAME and ". " not in text and ", " not in text
    return is_short and any(c.isalpha() for c in text)


# ---- what it is ------------------------------------------------------------------------


def _noun(
    product: Product, facts: Facts, written: Sequence[WrittenAttribute], code: str
) -> Noun | None:
    """What to call the product: the model's kind, else that of the data.

    Beside a merchant's title a kind that was only seen counts where the data bears it out.
    """
    given = {fact.key: fact for fact in reversed(written) if fact.key in KIND_KEYS}
    named = [given[key] for key in KIND_KEYS if key in given]
    nouns = (
        noun(word, code)
        for fact in named
        for word in (fact.given, fact.value)
        if fact.key != "category" or not is_shelf(word, code)
    )
    listed = next(filter(None, nouns), None)
    if facts.category not in _NO_KIND:
        types = compare_types(product, facts, code)
        is_stated = facts.category in types.stated.kinds | types.stated.beside
        if not listed and is_shelf(facts.category, code) and _is_filed(types.stated, code):
            return None
        if not product.title or is_stated:
            finer = None if types.is_mistaken else listed
            return finer or kind_noun(facts.category, code)
    kind = given["kind"].value if "kind" in given else ""
    if listed or not kind or len(kind) > _MAX_KIND or _is_department(kind):
        return listed
    return Noun(kind, is_known=False)
