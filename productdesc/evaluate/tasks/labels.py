"""Labels: a labelled product taken apart, into what a model may see and what is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...digest import json_digest
from ...photos.identity import product_digest
from ...records import Product
from ...taxonomy import Taxonomy
from ...taxonomy.product_type import CATEGORY_NAMES, TYPE_NAMES
from ...taxonomy.visible import visible_attributes
from ...words.attribute_key import attribute_key
from ...words.tokens import forms_of
from ..task import Case

TITLE, ATTRIBUTES = "title", "attributes"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What of a labelled product a model is shown beside its photos: by default nothing.

    given: "title", "attributes" (all but those that file a product) or names of single
    attributes. What is given is no label any more. cluster: the attribute that says which
    products belong together, such as "item group id"; without one, each is by itself.
    """

    given: tuple[str, ...] = ()
    cluster: str = ""

    def shows(self, name: str) -> bool:
        """Whether an attribute is shown."""
        key = attribute_key(name)
        names = {attribute_key(one) for one in self.given} - {TITLE}
        return key in names or (ATTRIBUTES in self.given and not _files_a_product(name))

    @property
    def shows_title(self) -> bool:
        return TITLE in self.given


def cases_of(
    products: Iterable[Product],
    inputs: Inputs,
    visible: Sequence[str],
    taxonomy: Taxonomy | None = None,
) -> Iterator[Case]:
    """A case a product: its labels are held out of what a model is shown.

    visible: attributes that every product is asked for. An id that comes again gets a
    number behind it.
    """
    times: Counter[str] = Counter()
    cluster = attribute_key(inputs.cluster) if inputs.cluster else ""
    for product in products:
        times[product.id] += 1
        again = times[product.id]
        together = [v for k, v in product.attributes.items() if attribute_key(k) == cluster]
        target = labels(product, inputs, visible, taxonomy)
        given = held_out(product, inputs)
        yield Case(
            id=product.id if again == 1 else f"{product.id} #{again}",
            product_id=together[0] if together else product.id,
            given=given,
            target=target,
            digest=json_digest([product_digest(given), target]),
        )


def held_out(product: Product, inputs: Inputs) -> Product:
    """The product with its photos, and of all else only what is to be shown."""
    shown = {name: v for name, v in product.attributes.items() if inputs.shows(name)}
    cluster = attribute_key(inputs.cluster) if inputs.cluster else None
    return Product(
        id=product.id,
        title=product.title if inputs.shows_title else "",
        photos=product.photos,
        attributes={k: v for k, v in shown.items() if attribute_key(k) != cluster},
        photo_error=product.photo_error,
    )


def labels(
    product: Product,
    inputs: Inputs,
    visible: Sequence[str] = (),
    taxonomy: Taxonomy | None = None,
) -> dict[str, Any]:
    """What is right, in JSON; "" and {} where the catalogue does not say.

    Of the attributes only those count that a model is asked for: what no photo shows (a
    size, a price) would only measure that it is not asked.
    """
    is_shown = any(_files_a_product(n) and inputs.shows(n) for n in product.attributes)
    category = product.present.category or _filed(product.attributes, taxonomy)
    category = "" if is_shown else category
    asked = {attribute_key(name) for name in visible}
    place = taxonomy.find(category) if taxonomy and category else None
    if place:
        asked |= {attribute_key(name) for name in visible_attributes(place)}
    held = {
        attribute_key(name): value
        for name, value in product.attributes.items()
        if not inputs.shows(name)
    }
    return {
        "category": place.path if place else _path(category),
        "attributes": {name: value for name, value in held.items() if name in asked},
        "brand": held.get("brand") or held.get("vendor", ""),
        "title": "" if inputs.shows_title else product.title,
        "description": product.words,
    }


def _filed(attributes: Mapping[str, str], taxonomy: Taxonomy | None) -> str:
    """What files a product where its catalogue has no category as such: else its type.

    A number is some taxonomy's id, and a label only where that taxonomy is given.
    """
    types = []
    for name, value in attributes.items():
        is_name = any(map(str.isalpha, value)) or bool(taxonomy and taxonomy.find(value))
        if not (is_name and _files_a_product(name)):
            continue
        if forms_of(name.replace("_", " "))[-1] in CATEGORY_NAMES:
            return value
        types.append(value)
    return types[0] if types else ""


def _files_a_product(name: str) -> bool:
    """Whether an attribute says what kind of product it is: its value is the category."""
    *before, last = forms_of(name.replace("_", " ")) or ("",)
    is_type = last in TYPE_NAMES and set(before) <= {"product"}  # and no sleeve type
    return last in CATEGORY_NAMES or is_type


_SLASH = re.compile(r"(?<=\S)/(?=\S)")
_ROOT = "Default Category"
"""Magento's root, which is above every category and says nothing."""


def _path(category: str) -> str:
    """The category as a path "A > B"; Magento writes "Default Category/A/B"."""
    if ">" in category:
        return category
    parts = _SLASH.split(category)
    return " > ".join(parts[1:] if parts[0] == _ROOT and parts[1:] else parts)
