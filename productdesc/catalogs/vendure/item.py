"""Product of the Admin API as `Item`, and the `Product` that is made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

from pydantic import Field, ValidationError

from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import PhotoSource, Present, Product
from ...records import Translation as Translated
from ..merge_policy import Current
from ..protocol import Problems
from ..shop_text.answer_part import in_one_line
from ..shop_text.body import body_text
from ..shop_text.image_urls import photo_links
from ..shop_text.placeholders import stated_attributes, stated_values
from ..shop_text.variant_rows import VariantRow, variants_of
from .shop_settings import CustomField, Part, SeoFields

ROOT_COLLECTION = "__root_collection__"
"""Vendure's own, above all that a merchant makes."""

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
"""Of an asset whose original is fetched; of others the preview, which Vendure makes."""


class Translation(Part):
    """The texts of one language, as stored: the description is HTML."""

    language_code: str
    name: str = ""
    slug: str = ""
    description: str = ""
    custom_fields: Mapping[str, Any] = Field(default_factory=dict)


class Asset(Part):
    id: str = ""
    type: str = ""
    mime_type: str = ""
    source: str = ""
    preview: str = ""

    @property
    def url(self) -> str:
        """Where a photo of it is; "" where it is none."""
        if self.type != "IMAGE":
            return ""
        return self.source if self.mime_type in PHOTO_TYPES else self.preview


class Facet(Part):
    name: str = ""
    is_private: bool = False


class FacetValue(Part):
    name: str = ""
    facet: Facet = Facet()


class Breadcrumb(Part):
    name: str = ""


class Collection(Part):
    name: str = ""
    is_private: bool = False
    breadcrumbs: tuple[Breadcrumb, ...] = ()

    @property
    def path(self) -> str:
        names = [one.name for one in self.breadcrumbs if one.name != ROOT_COLLECTION]
        return " > ".join(names or [self.name])


class Option(Part):
    id: str = ""
    name: str = ""


class OptionGroup(Part):
    name: str = ""
    options: tuple[Option, ...] = ()


class SoldVariant(Part):
    id: str = ""
    sku: str = ""
    featured_asset: Asset | None = None
    options: tuple[Option, ...] = ()


class Item(Part):
    """A product, raw. `variants` is None where they were not asked for."""

    id: str = Field(min_length=1)
    translations: tuple[Translation, ...] = ()
    featured_asset: Asset | None = None
    assets: tuple[Asset, ...] = ()
    facet_values: tuple[FacetValue, ...] = ()
    collections: tuple[Collection, ...] = ()
    option_groups: tuple[OptionGroup, ...] = ()
    variants: tuple[SoldVariant, ...] | None = None
    custom_fields: Mapping[str, Any] = Field(default_factory=dict)

    def translation(self, language: str) -> Translation | None:
        """The texts of a language; None: the product has none in it."""
        found = (t for t in self.translations if t.language_code == language)
        return next(found, None)

    def custom(self, field: CustomField, language: str) -> str:
        """The text of a custom field; "" where there is none."""
        own: Mapping[str, Any] = self.custom_fields
        if field.localized:
            translation = self.translation(language)
            own = translation.custom_fields if translation else {}
        value = own.get(field.name)
        return value if isinstance(value, str) else ""

    def current(self, language: str, seo: SeoFields | None) -> Current:
        """The item's texts of one language as plain text, to decide what may be written."""
        texts = self.translation(language)
        return Current(
            title=texts.name if texts else "",
            description=body_text(texts.description) if texts else "",
            seo_title=self.custom(seo.title, language) if seo else "",
            seo_description=self.custom(seo.description, language) if seo else "",
        )

    def photos(self) -> Iterator[str]:
        """Where the photos are, the featured one first."""
        first = [self.featured_asset] if self.featured_asset else []
        others = [one for one in self.assets if one.id not in {a.id for a in first}]
        yield from (one.url for one in (*first, *others) if one.url)

    def attributes(self) -> dict[str, str]:
        """Facets, and of the options those that a variant has."""
        values: dict[str, list[str]] = {}
        for value in self.facet_values:
            if not value.facet.is_private:
                values.setdefault(value.facet.name, []).append(value.name)
        sold = (
            None
            if self.variants is None
            else {option.id for variant in self.variants for option in variant.options}
        )
        for group in self.option_groups:
            names = [o.name for o in group.options if sold is None or o.id in sold]
            if names:
                values[group.name] = names
        joined = {name: ", ".join(stated_values(all_)) for name, all_ in values.items()}
        return {name: text for name, text in stated_attributes(joined).items() if name}

    def variant_rows(self) -> Iterator[VariantRow]:
        """The variants by their options' names, each with the asset that it is shown by."""
        groups = {o.id: (g.name, o.name) for g in self.option_groups for o in g.options}
        assets = [one for one in (self.featured_asset, *self.assets) if one]
        urls = {one.id: one.url for one in assets}
        for variant in self.variants or ():
            options = dict(groups[o.id] for o in variant.options if o.id in groups)
            own = variant.featured_asset
            yield VariantRow(
                variant.sku or variant.id, options, urls.get(own.id, "") if own else ""
            )

    def category(self) -> str:
        """The first collection that customers see, with those above it."""
        paths = (one.path for one in self.collections if not one.is_private)
        return next((path for path in paths if path), "")


def parse_item(value: object) -> Item | str:
    """The `Item` of a JSON value, or why it is none."""
    try:
        return Item.model_validate(value)
    except ValidationError as e:
        return in_one_line(e, "Vendure")


def to_product(
    item: Item,
    language: str,
    default: str,
    seo: SeoFields | None,
    problems: Problems,
    *,
    url: str,
    network: NetworkAccess = NO_ACCESS,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Product:
    """The `Product` of an item in one language.

    One that has no texts in it has no title; its name in the shop's `default` language is
    an attribute then. further: other languages, and the shop's codes of them: the item's
    texts in these are translations, empty where it has none. url: of the shop, for photos
    whose address is a path. A photo that is at no https address, nor at one of `network`'s
    hosts, becomes one of `problems`.
    """
    held = item.current(language, seo)
    attributes = item.attributes()
    other = item.translation(default)
    if not held.title and other and other.name:
        attributes.setdefault(f"name ({default})", other.name)
    photos = photo_links(
        (urljoin(url, address) for address in item.photos()),
        problems,
        f"product {item.id}",
        network=network,
    )
    return Product(
        id=item.id,
        title=held.title,
        photos=photos.photos,
        photo_error=photos.error,
        attributes=attributes,
        description=held.description,
        variants=variants_of(
            (row._replace(photo=_address(url, row.photo)) for row in item.variant_rows()),
            photos.photos,
        ),
        present=Present(
            category=item.category(),
            seo_title=held.seo_title,
            seo_description=held.seo_description,
        ),
        translations={name: _translated(item, code, seo) for name, code in further.items()},
    )


def _translated(item: Item, language: str, seo: SeoFields | None) -> Translated:
    """The item's texts in a language; a field that all share is none of them."""
    held = item.current(language, seo)
    shared = seo.shared if seo else frozenset()
    own = {"seo_title", "seo_description"} - shared
    present = {name: getattr(held, name) for name in own}
    return Translated(
        title=held.title, description=held.description, present=Present(**present)
    )


def _address(url: str, photo: PhotoSource) -> str:
    return urljoin(url, str(photo)) if photo else ""
