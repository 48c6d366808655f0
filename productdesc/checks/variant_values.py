"""Values of variants: what of a product differs from one variant to the next.

An option with two values or more is true of the product only as a whole: "in five colours".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..colours import colour_families
from ..records import Product, Variant
from ..records.variants import varying_options
from ..text.fold import fold
from ..words.attribute_key import attribute_key
from ..words.claims.claim_phrases import function_forms
from ..words.colour_forms import shade_named
from ..words.colour_names import ANY
from ..words.tokens import FormSet, forms_of, tokenize
from ..words.word_tables import letter_sizes
from ..words.writing.copy_tables import value_rows
from ..words.writing.written_attribute import spellings_of
from .prose.phrases import ids_of
from .prose.quantities import quantities_at

__all__ = [
    "OptionValue",
    "VariantIndex",
    "VaryingOption",
    "index_options",
    "is_attribute_of",
    "with_ranges",
]


class OptionValue(NamedTuple):
    """One value of an option: how copy may spell it, and what else it may be told by.

    `forms`: its spellings, folded. `families` and `shade`: of a colour. `ids`: rows of the
    tables of claims, in any language. `amounts`: of a measure. `photos`: those that the
    shop shows for it and for no other value. `short`: spellings such as "M" and "42", which
    are a size only where the text says so.
    """

    text: str
    forms: frozenset[tuple[str, ...]]
    families: frozenset[str]
    shade: str
    ids: frozenset[str]
    amounts: frozenset[tuple[str, str]]
    photos: frozenset[int]
    short: frozenset[tuple[str, ...]]


class VaryingOption(NamedTuple):
    """An option that differs between variants; `key` is of two names of one the same."""

    name: str
    key: str
    values: tuple[OptionValue, ...]

    @property
    def text(self) -> str:
        """All values, as an attribute has them."""
        return ", ".join(value.text for value in self.values)


@dataclass(frozen=True, slots=True)
class VariantIndex:
    """The options that vary; by the first word of a spelling, whose value it is.

    False where nothing varies. `by_first`: places of an option and of its value, and the
    spelling.
    """

    options: tuple[VaryingOption, ...] = ()
    by_first: Mapping[str, tuple[tuple[int, int, tuple[str, ...]], ...]] = field(
        default_factory=dict
    )

    def __bool__(self) -> bool:
        return bool(self.options)


def index_options(product: Product, language: str) -> VariantIndex:
    """The options of a product that vary, and how copy in a language may say them."""
    options = _options(product, language)
    places: dict[str, list[tuple[int, int, tuple[str, ...]]]] = {}
    for number, option in enumerate(options):
        for at, value in enumerate(option.values):
            for forms in sorted(value.forms):
                places.setdefault(forms[0], []).append((number, at, forms))
    return VariantIndex(options, {form: tuple(some) for form, some in places.items()})


def _options(product: Product, language: str) -> tuple[VaryingOption, ...]:
    found = []
    for name, listed in varying_options(product.variants).items():
        values = [text for text in listed if not _says_nothing(text)]
        if len(values) > 1:
            key = _key(name, values)
            all_ = (_value(name, key, t, product.variants, language) for t in values)
            found.append(VaryingOption(name, key, tuple(all_)))
    return tuple(found)


def _key(name: str, values: Sequence[str]) -> str:
    """What kind of option it is, by its name, else by what all of its values are."""
    key, forms = attribute_key(name), set(forms_of(name.replace("_", " ")))
    if key in ("colour", "size", "material"):
        return key
    if forms & (function_forms("size_words") | _SIZES):
        return "size"
    if all(colour_families(value, language=ANY) for value in values):
        return "colour"
    if all(value.upper() in letter_sizes() for value in values):
        return "size"
    if forms & function_forms("material_labels"):
        return "material"
    return "colour" if forms & _COLOURS else key


_COLOURS = FormSet("colour farbe couleur coloris colore")
_SIZES = FormSet("size größe grösse taille talla taglia")


def _says_nothing(text: str) -> bool:
    """Whether a value could stand in any sentence: "yes", "no", "+"."""
    return not forms_of(text) or fold(text) in value_rows("yes_no")


def _value(
    name: str, key: str, text: str, variants: Sequence[Variant], language: str
) -> OptionValue:
    spelled = {forms_of(text), *map(forms_of, spellings_of(name, text, language))}
    bare = _without_label(name, forms_of(text))
    if key == "colour":
        spelled.update(map(forms_of, spellings_of("colour", text, language)))
    shade = shade_named(text, language) if key == "colour" else None
    families: frozenset[str] = frozenset()
    if key == "colour":
        own = colour_families(text, language=language)
        families = frozenset(own or colour_families(text, language=ANY))
    mine: set[int] = set()
    theirs: set[int] = set()
    for variant in variants:
        own_photo = mine if fold(variant.options.get(name, "")) == fold(text) else theirs
        own_photo.update({variant.photo} if variant.photo else ())
    return OptionValue(
        text=text,
        forms=frozenset((*spelled, bare)) - {()},
        families=families,
        shade=shade.name if shade else "",
        ids=ids_of(forms_of(text)),
        amounts=frozenset(_amounts(text)),
        photos=frozenset(mine - theirs),
        short=frozenset(f for f in (*spelled, bare) if _is_short(f, text)),
    )


def _without_label(name: str, forms: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a value behind what the option is called: "40" of "Size 40"."""
    labels = {*forms_of(name.replace("_", " ")), *function_forms("size_words")}
    at = next((n for n, form in enumerate(forms) if form not in labels), 0)
    return forms[at:]


def _is_short(forms: tuple[str, ...], text: str) -> bool:
    """Whether it is a letter or two, or a bare number: "M", "42", "36/38", "EU 40"."""
    return all(form[0].isdigit() or len(form) < 3 for form in forms) and not any(
        _amounts(text)
    )


def _amounts(text: str) -> Iterator[tuple[str, str]]:
    """The amounts of a value that is a measure with its unit: "30 cm"."""
    found = tokenize(text)
    for quantity in quantities_at(text, found, 0, "en", is_data=True) if found else ():
        if quantity.unit and quantity.last == len(found) - 1:
            yield from quantity.amounts


def with_ranges(product: Product, index: VariantIndex) -> Product:
    """The product, no attribute of which states one value of an option that varies.

    An attribute that lists all values stays as it is; one that has fewer, or that the
    product lacks, gets them all.
    """
    attributes = dict(product.attributes)
    for option in index.options:
        names = [name for name in attributes if is_attribute_of(name, option)]
        for name in names:
            if not _lists_all(attributes[name], option):
                attributes[name] = option.text
        if not names:
            attributes[option.name] = option.text
    if attributes == dict(product.attributes):
        return product
    return product.model_copy(update={"attributes": attributes})


def is_attribute_of(name: str, option: VaryingOption) -> bool:
    """Whether an attribute's name is that of an option, in whatever language."""
    own = attribute_key(name)
    return own in (option.key, attribute_key(option.name)) or name == option.name


def _lists_all(text: str, option: VaryingOption) -> bool:
    forms = forms_of(text)
    return all(_holds(forms, forms_of(value.text)) for value in option.values)


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    ends = range(len(whole) - size + 1)
    return any(tuple(whole[at : at + size]) == tuple(part) for at in ends)
