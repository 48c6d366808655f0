"""What rules write of variants: all values of an option, and each photo by its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...records import Colour, Product
from ...words.colour_forms import shade_named
from ...words.variants.variant_words import range_frame
from ...words.writing.copy_tables import copy_language
from ...words.writing.noun_phrases import Shades
from ...words.writing.written_attribute import WrittenAttribute, written_attribute
from ..variant_values import VariantIndex, VaryingOption, is_attribute_of
from .own_colours import leading_colour

__all__ = ["photo_colour", "told_ranges"]


def told_ranges(
    facts: Iterable[WrittenAttribute], product: Product, index: VariantIndex, code: str
) -> Iterator[WrittenAttribute]:
    """The facts, those that vary told as a range: "In 3 colours: black, navy, red"."""
    ranges = {
        one: option
        for option in index.options
        for name, value in product.attributes.items()
        if is_attribute_of(name, option)
        and (one := written_attribute(name, str(value), code))
    }
    for fact in facts:
        option = ranges.get(fact)
        yield _as_range(fact, option, code) if option else fact


def _as_range(fact: WrittenAttribute, option: VaryingOption, code: str) -> WrittenAttribute:
    frame = range_frame(option.key, copy_language(code))
    count = len(option.values)
    if not frame or fact.value.count(", ") != count - 1:
        return fact  # "Label: one, two" says it too
    sentence = frame.format(count=count, values=fact.value)
    return fact._replace(key=option.key, sentence=sentence, says_itself=True)


def photo_colour(
    number: int,
    measured: Sequence[Colour],
    index: VariantIndex,
    written: Sequence[WrittenAttribute],
    code: str,
) -> Shades:
    """The colour of a photo: of the variant that it shows, else the leading one."""
    for option in index.options:
        if option.key == "colour":
            shown = [one.text for one in option.values if number in one.photos]
            if shown:
                shade = shade_named(shown[0], code)
                return (shade,) if shade else shown[0]
    shade = leading_colour(measured, written, code)
    return (shade,) if shade else ()
