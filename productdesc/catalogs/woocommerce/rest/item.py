"""Product of the REST API as `Item`, and the `Product` that is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import Field, ValidationError

from ....net.network_access import NO_ACCESS, NetworkAccess
from ....records import VARIANT_LIMITS, PhotoSource, Present, Product, Variant
from ....words.attribute_key import attribute_key
from ...merge_policy import Current
from ...protocol import Problems
from ...shop_text.answer_part import AnswerPart, in_one_line
from ...shop_text.body import body_text
from ...shop_text.image_urls import photo_links
from ...shop_text.placeholders import stated_values
from ...shop_text.shop_html import to_text
from ...shop_text.variant_rows import VariantRow, variants_of
from ..terms import DEFAULT_CATEGORY, first_category, term_text
from ..wp_text import bullet_lines
from .replies import Unreadable

FIELDS = (
    "id,name,type,description,short_description,categories,tags,images,attributes,meta_data"
)
"""What is asked for: without it a shop computes prices and related products too."""


class Term(AnswerPart):
    """A tag or a category."""

    id: int = 0
    name: str = ""
    slug: str = ""

    @property
    def text(self) -> str:
        """WordPress keeps names of terms as HTML."""
        return term_text(self.name)


class Image(AnswerPart):
    """An attachment; id 0: a stand-in that is no attachment."""

    id: int = 0
    src: str = ""
    alt: str = ""


class Attribute(AnswerPart):
    """A property of a product; id 0: its own, else one of the shop's.

    The shop's own are terms, which WordPress keeps as HTML; a product's own are plain.
    """

    id: int = 0
    name: str = ""
    position: int = 0
    visible: bool = False
    variation: bool = False
    options: tuple[str, ...] = ()
    option: str = ""  # of a variation, "" where any goes

    @property
    def label(self) -> str:
        return self._text(self.name)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(map(self._text, self.options))

    @property
    def value(self) -> str:
        return self._text(self.option)

    def _text(self, raw: str) -> str:
        return term_text(raw) if self.id else raw


class ShopAttribute(AnswerPart):
    """An attribute that the shop has for all products."""

    id: int = 0
    name: str = ""
    slug: str = ""

    @property
    def label(self) -> str:
        return term_text(self.name)

    @property
    def key_pair(self) -> tuple[str, str]:
        """What a product's attribute of this kind may be called, in normal form."""
        slug = self.slug.removeprefix("pa_")
        return attribute_key(self.label), attribute_key(slug)


class Meta(AnswerPart):
    """One custom field; plugins keep anything in `value`."""

    id: int = 0
    key: str = ""
    value: Any = ""


class Variation(AnswerPart):
    """One variation of a variable product; plugins keep anything in `image`."""

    id: int = 0
    sku: str = ""
    image: Any = None
    attributes: tuple[Attribute, ...] = ()


class Item(AnswerPart):
    """A product, raw: `name` and the descriptions are HTML as stored (context "edit")."""

    id: int = Field(gt=0)
    name: str = ""
    type: str = ""
    description: str = ""
    short_description: str = ""
    categories: tuple[Term, ...] = ()
    tags: tuple[Term, ...] = ()
    images: tuple[Image, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    meta_data: tuple[Meta, ...] = ()

    def meta(self, key: str) -> str:
        """A custom field that is text; "" where there is none."""
        values = [m.value for m in self.meta_data if m.key == key]
        return values[0] if values and isinstance(values[0], str) else ""

    def _category(self) -> str:
        """The first that a merchant chose."""
        return first_category(c.name for c in self.categories if c.slug != DEFAULT_CATEGORY)

    def current(self, seo: tuple[str, str] | None) -> Current:
        """The item's fields as plain text, to decide what may be written."""
        return Current(
            title=to_text(self.name),
            category=self._category(),
            attributes={
                a.label: ", ".join(stated_values(a.values))
                for a in self.attributes
                if a.name
            },
            bullets=bullet_lines(self.short_description),
            description=body_text(self.description),
            seo_title=self.meta(seo[0]) if seo else "",
            seo_description=self.meta(seo[1]) if seo else "",
            alt_texts=tuple(image.alt for image in self.images),
            tags=tuple(tag.text for tag in self.tags),
        )


def parse_item(value: object) -> Item | str:
    """The `Item` of a JSON value, or why it is none."""
    if isinstance(value, Unreadable):
        return value.reason
    try:
        return Item.model_validate(value)
    except ValidationError as e:
        return in_one_line(e, "WooCommerce")


def to_product(
    item: Item,
    seo: tuple[str, str] | None,
    problems: Problems,
    variations: Sequence[Variation] = (),
    network: NetworkAccess = NO_ACCESS,
) -> Product:
    """The `Product` of an item; `variations` narrow its attributes down.

    An image that is at no https address, nor at one of `network`'s hosts, becomes one of
    `problems`.
    """
    held = item.current(seo)
    alts = {image.src.strip(): image.alt for image in reversed(item.images)}
    photos = photo_links(
        (image.src for image in item.images),
        problems,
        f"product {item.id}",
        network=network,
    )
    return Product(
        id=str(item.id),
        title=held.title,
        photos=photos.photos,
        photo_error=photos.error,
        attributes={**held.attributes, **_varied(item.attributes, variations)},
        description=held.description,
        variants=_variants(item, variations, photos.photos),
        present=Present(
            category=held.category,
            bullets=held.bullets,
            seo_title=held.seo_title,
            seo_description=held.seo_description,
            alt_texts=tuple(alts.get(str(photo), "") for photo in photos.photos),
            tags=held.tags,
        ),
    )


def _source(image: Any) -> str:
    """Where a variation's image is; "" where it has none."""
    source = image.get("src") if isinstance(image, dict) else ""
    return source if isinstance(source, str) else ""


def _variants(
    item: Item, variations: Sequence[Variation], photos: Sequence[PhotoSource]
) -> tuple[Variant, ...]:
    """The variations, by the attributes that vary; one that it leaves open may be any.

    The attributes are limited first: each variation is read by each of them.
    """
    chosen = {a.name for one in variations for a in one.attributes if a.value}
    used = {a.name: a for a in item.attributes if a.variation and a.label.strip()}
    varying = {
        name: (attribute.label, attribute.values)
        for name, attribute in used.items()
        if name in chosen or any(attribute.values)
    }
    kept = dict(islice(varying.items(), VARIANT_LIMITS.options))
    rows = [
        VariantRow(
            one.sku or (str(one.id) if one.id else ""),
            {label: own.get(name) or values for name, (label, values) in kept.items()},
            _source(one.image),
        )
        for one in variations
        for own in ({a.name: a.value for a in one.attributes if a.value},)
    ]
    return variants_of(rows, photos)


def _varied(
    attributes: Sequence[Attribute], variations: Sequence[Variation]
) -> Mapping[str, str]:
    """The values of what varies that can be bought: an unused option is none of them."""
    options: dict[str, dict[str, None]] = {}
    choices: Counter[str] = Counter()
    for variation in variations:
        named: dict[str, list[str]] = {}
        for one in variation.attributes:
            named.setdefault(one.name, []).append(one.value)
        for name, values in named.items():
            if values[0]:
                options.setdefault(name, {}).update(dict.fromkeys(values))
                choices[name] += 1
    found: dict[str, str] = {}
    for attribute in attributes:
        if not attribute.variation or not variations:
            continue
        chosen = options.get(attribute.name, {})
        # a variation that does not say which stands for any of them
        is_any = choices[attribute.name] < len(variations)
        ordered = [o for o in attribute.values if is_any or o in chosen]
        found[attribute.label] = ", ".join(stated_values(ordered or chosen))
    return found
