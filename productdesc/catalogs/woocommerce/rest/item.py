"""Product of the REST API as `Item`, and the `Product` that is made of it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ....records import Present, Product
from ...merge_policy import Current
from ...protocol import Problems
from ...shop_text.image_urls import photo_links
from ...shop_text.placeholders import stated_values
from ...shop_text.shop_html import to_text
from ..wp_text import bullet_lines

FIELDS = (
    "id,name,type,description,short_description,categories,tags,images,attributes,meta_data"
)
"""What is asked for: without it a shop computes prices and related products too."""

YOAST = ("_yoast_wpseo_title", "_yoast_wpseo_metadesc")
"""Where the plugin Yoast SEO keeps a product's SEO title and description."""
RANK_MATH = ("rank_math_title", "rank_math_description")
"""Where the plugin Rank Math keeps them."""


class _Part(BaseModel):
    """Plugins add to what a shop answers and leave out of it: only what is used is read."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any, info: Any) -> Any:
        field = cls.model_fields[info.field_name]
        if field.is_required() or (value is not None and value is not False):
            return value
        return field.get_default(call_default_factory=True)


class Term(_Part):
    """A tag or a category."""

    id: int = 0
    name: str = ""

    @property
    def text(self) -> str:
        """WordPress keeps names of terms as HTML."""
        return html.unescape(self.name)


class Image(_Part):
    """An attachment; id 0: a stand-in that is no attachment."""

    id: int = 0
    src: str = ""
    alt: str = ""


class Attribute(_Part):
    """A property of a product; id 0: its own, else one of the shop's."""

    id: int = 0
    name: str = ""
    position: int = 0
    visible: bool = False
    variation: bool = False
    options: tuple[str, ...] = ()
    option: str = ""  # of a variation, "" where any goes


class Meta(_Part):
    """One custom field; plugins keep anything in `value`."""

    id: int = 0
    key: str = ""
    value: Any = ""


class Variation(_Part):
    attributes: tuple[Attribute, ...] = ()


class Item(_Part):
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

    def current(self, seo: tuple[str, str] | None) -> Current:
        """The item's fields as plain text, to decide what may be written."""
        return Current(
            title=to_text(self.name),
            category=self.categories[0].text if self.categories else "",
            attributes={
                a.name: ", ".join(stated_values(a.options))
                for a in self.attributes
                if a.name
            },
            bullets=bullet_lines(self.short_description),
            description=to_text(self.description),
            seo_title=self.meta(seo[0]) if seo else "",
            seo_description=self.meta(seo[1]) if seo else "",
            alt_texts=tuple(image.alt for image in self.images),
            tags=tuple(tag.text for tag in self.tags),
        )


def parse_item(value: object) -> Item | str:
    """The `Item` of a JSON value, or why it is none."""
    try:
        return Item.model_validate(value)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        return f"{where} is not as WooCommerce's API gives it: {first['msg']}"


def to_product(
    item: Item,
    seo: tuple[str, str] | None,
    problems: Problems,
    variations: Sequence[Variation] = (),
) -> Product:
    """The `Product` of an item; `variations` narrow its attributes down.

    An image that is at no https address becomes one of `problems`.
    """
    held = item.current(seo)
    alts = {image.src.strip(): image.alt for image in reversed(item.images)}
    photos = photo_links(
        (image.src for image in item.images), problems, f"product {item.id}"
    )
    return Product(
        id=str(item.id),
        title=held.title,
        photos=photos,
        attributes={**held.attributes, **_varied(item.attributes, variations)},
        description=held.description,
        present=Present(
            category=held.category,
            bullets=held.bullets,
            seo_title=held.seo_title,
            seo_description=held.seo_description,
            alt_texts=tuple(alts.get(str(photo), "") for photo in photos),
            tags=held.tags,
        ),
    )


def _varied(
    attributes: Sequence[Attribute], variations: Sequence[Variation]
) -> Mapping[str, str]:
    """The values of what varies that can be bought: an unused option is none of them."""
    found: dict[str, str] = {}
    for attribute in attributes:
        if not attribute.variation or not variations:
            continue
        options: dict[str, None] = {}
        for variation in variations:
            of_it = [a.option for a in variation.attributes if a.name == attribute.name]
            # a variation that does not say which stands for any of them
            values = of_it if of_it and of_it[0] else attribute.options
            options.update(dict.fromkeys(values))
        ordered = [o for o in attribute.options if o in options]
        found[attribute.name] = ", ".join(stated_values(ordered or options))
    return found
