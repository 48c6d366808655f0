"""Fallback texts from facts and data, for a required field that has nothing left.

English has its own wording; German, French and Spanish have labels. Names of product types
and colours are in the word tables; other words of the merchant's are used as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from ..colours import colour_families
from ..records import Colour, Facts, Product
from ..taxonomy import OTHER, UNKNOWN
from ..text.trim import clean
from ..words import word_tables
from ..words.tokens import FormSet, form_of, forms_of
from .claims.colour_claims import COLOUR_NAMES
from .cleanup.contact import contact_in
from .cleanup.not_copy import markup

__all__ = ["compose"]


class _Labels(NamedTuple):
    photo_of: str
    view: str
    colour: str
    kind: str
    product: str
    item: str


# fmt: off
_LABELS: Mapping[str, _Labels] = {
    "en": _Labels("Photo of {}", "view {}", "Colour", "Kind", "product", "item"),
    "de": _Labels("Foto: {}", "Ansicht {}", "Farbe", "Art", "Produkt", "Artikel"),
    "fr": _Labels("Photo : {}", "vue {}", "Couleur", "Type", "produit", "article"),
    "es": _Labels("Foto: {}", "vista {}", "Color", "Tipo", "producto", "artículo"),
}
# fmt: on
_BRAND_NAMES = FormSet("brand vendor manufacturer marke marque marca")
# Attributes that are the shop's own business, or say nothing in a sentence.
_HIDDEN = FormSet(
    "price cost msrp sku id gtin ean upc mpn barcode url link image stock quantity status"
    " handle published title description vendor_id tax currency inventory"
)
_MAX_VALUE = 80  # characters; longer values are texts of their own
_MAX_ENTRIES = 8
_LEAST = 2  # entries of a list; Google takes no fewer highlights
_MAX_NAME = 70
_NO_KIND = (OTHER, UNKNOWN, "")


def compose(
    field: str,
    *,
    product: Product,
    facts: Facts,
    language: str = "en",
    measured: Sequence[Sequence[Colour]] = (),
    photos: int = 1,
) -> str | tuple[str, ...]:
    """A plain text for a field of the description: nothing but facts and merchant data.

    Lists come as tuples; "alt_texts" has one entry per photo, all different. A field it
    does not know gets the product's name. No markup, contact data or control character
    is taken over from the merchant's data.
    """
    product = _plain(product)
    code = language.split("-")[0].casefold()
    labels = _LABELS.get(code, _LABELS["en"])
    name = _name(product, facts, code, measured)
    entries = _entries(product, facts, code, measured)
    last = field.split(".")[-1]
    if last in ("description", "seo_description"):
        return " ".join([f"{name}.", *(f"{k}: {v}." for k, v in entries)])
    if last == "bullets":
        return _padded(
            [f"{k}: {v}" for k, v in entries], name, labels.photo_of.format(name)
        )
    if last == "tags":
        found = _tags(product, facts, code, measured)
        return _padded(found, labels.product, labels.item)
    if last == "alt_texts":
        own_name = product.title or _attribute(product, _BRAND_NAMES)
        shown = name if own_name or code == "de" else _lower(name)
        first = labels.photo_of.format(shown)
        views = [f"{first} ({labels.view.format(n)})" for n in range(2, photos + 1)]
        return (first, *views)[: max(photos, 0)]
    return name


def _plain(product: Product) -> Product:
    """The product with a title and attributes that a text may repeat."""
    title = clean(markup(product.title)[0])
    pairs = ((clean(name), clean(value)) for name, value in product.attributes.items())
    changes = {
        "title": "" if contact_in(title) else title,
        "attributes": {name: value for name, value in pairs if name and value},
    }
    return product.model_copy(update=changes)


def _padded(texts: Sequence[str], *spare: str) -> tuple[str, ...]:
    """The texts without repeats, and spare ones where there are too few."""
    found = list(dict.fromkeys(texts))
    found += [text for text in spare if text not in found][: max(0, _LEAST - len(found))]
    return tuple(found)


def _name(
    product: Product, facts: Facts, code: str, measured: Sequence[Sequence[Colour]]
) -> str:
    """ "Vendora navy shoes", or the merchant's own title."""
    if product.title:
        return _cut(product.title)
    kind = _kind(product, facts, code)
    colour = _colour(product, facts, code, measured)
    brand = _attribute(product, _BRAND_NAMES)
    if code == "en":
        name = " ".join(part for part in (brand, colour, kind) if part)
    else:
        name = f"{brand} {_lower(kind, code)}" if brand else kind
        name = f"{name}, {colour}" if colour else name
    return _cut(name[:1].upper() + name[1:])


def _cut(name: str) -> str:
    if len(name) <= _MAX_NAME:
        return name
    return name[: _MAX_NAME + 1].rsplit(" ", 1)[0][:_MAX_NAME].rstrip(" ,;:-")


def _kind(product: Product, facts: Facts, code: str) -> str:
    if facts.category not in _NO_KIND:
        return _type_names().get((facts.category, code), facts.category)
    given = _attribute(product, FormSet("category type kind"))
    return given or _LABELS.get(code, _LABELS["en"]).product


@cache
def _type_names() -> Mapping[tuple[str, str], str]:
    """Name of a product type and language -> its name in that language."""
    kinds = {
        (row.name, code): words[0][:1].upper() + words[0][1:]
        for row in word_tables.kinds()
        for code, listed in row.words.items()
        if code != "en" and (words := [w.removeprefix("*") for w in listed])
    }
    return kinds | {
        (name, code): own
        for row in word_tables.product_types()
        for name in (row.name, *row.aliases)
        for code, own in row.names.items()
    }


def _colour(
    product: Product, facts: Facts, code: str, measured: Sequence[Sequence[Colour]]
) -> str:
    """The merchant's word, else the model's, else the leading measured colour."""
    stated = _attribute(product, COLOUR_NAMES)
    if stated:
        return _lower(stated) if code == "en" else stated
    seen = next(
        (s.value for n, s in facts.attributes.items() if form_of(n) in COLOUR_NAMES), ""
    )
    seen = seen or next((colours[0].name for colours in measured if colours), "")
    families = colour_families(seen)
    return _colour_names().get((families[0], code), seen) if families else seen


@cache
def _colour_names() -> Mapping[tuple[str, str], str]:
    """Name of a colour family and language -> its name in that language."""
    rows = word_tables.colours().families
    return {(row.name, code): own for row in rows for code, own in row.names.items()}


def _attribute(product: Product, names: Set[str]) -> str:
    for name, value in product.attributes.items():
        forms = forms_of(name.replace("_", " "))
        if forms and forms[-1] in names and _is_plain(value):
            return str(value)
    return ""


def _entries(
    product: Product, facts: Facts, code: str, measured: Sequence[Sequence[Colour]]
) -> list[tuple[str, str]]:
    """Label and value of what can be listed: kind, colour, then the merchant's own."""
    labels = _LABELS.get(code, _LABELS["en"])
    entries: list[tuple[str, str]] = []
    if facts.category not in _NO_KIND:
        entries.append((labels.kind, _lower(_kind(product, facts, code), code)))
    if not _attribute(product, COLOUR_NAMES):
        colour = _colour(product, facts, code, measured)
        entries += [(labels.colour, colour)] if colour else []
    for name, value in product.attributes.items():
        forms = forms_of(name.replace("_", " "))
        if forms and not _HIDDEN & set(forms) and _is_plain(value) and _is_plain(name):
            label = name.replace("_", " ").strip()
            entries.append((label[:1].upper() + label[1:], value))
    return entries[:_MAX_ENTRIES]


def _tags(
    product: Product, facts: Facts, code: str, measured: Sequence[Sequence[Colour]]
) -> list[str]:
    kind = "" if facts.category in _NO_KIND else _kind(product, facts, code)
    colour = _colour(product, facts, code, measured)
    brand = _attribute(product, _BRAND_NAMES)
    return [tag for tag in (_lower(kind, code), colour, brand) if tag]


def _is_plain(text: str) -> bool:
    return (
        0 < len(text) <= _MAX_VALUE
        and "\n" not in text
        and not contact_in(text)
        and not markup(text)[1]
    )


def _lower(text: str, code: str = "en") -> str:
    """The first letter small where a sentence goes on ("NASA cap" keeps its capitals)."""
    if code == "de" or text[1:2].isupper():
        return text
    return text[:1].lower() + text[1:]
