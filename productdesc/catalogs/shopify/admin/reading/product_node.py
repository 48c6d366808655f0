"""Product node of the Admin API, and the `Product` that is made of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .....records import Present, Product
from .....text.printable import printable
from ....delimited.json_lines import strict_json
from ....shop_text.body import body_text
from ....shop_text.placeholders import stated_attributes, stated_values
from ....shop_text.shop_html import clean
from ....shop_text.variant_rows import DEFAULT_OPTION, VariantRow, variants_of
from ..api.response_shapes import MEDIA, METAFIELDS, PRODUCT, VARIANTS, checked

GID = "gid://shopify/Product/"
UNCATEGORISED = "gid://shopify/TaxonomyCategory/na"
"""What a product is in before anybody has chosen a category."""
MAX_TAGS = 10_000
"""Tags of a description that is compared by what a reader sees; with more, to the letter.

To read tags within one another takes a square of time.
"""

TEXTS = ("single_line_text_field", "multi_line_text_field")
"""Types of metafields that hold plain text."""

_PLAIN = (*TEXTS, "number_integer", "number_decimal", "boolean", "date", "date_time")
_MEASURES = ("dimension", "volume", "weight")


@dataclass(frozen=True, slots=True)
class Image:
    """One image of a product. `ready`: its file can be changed."""

    id: str
    url: str
    alt: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Metafield:
    """One custom field; `name` is "namespace.key"."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class VariantNode:
    """One variant; `media` are the ids of what it is shown by."""

    id: str
    sku: str
    options: tuple[tuple[str, str], ...]
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TranslatedText:
    """One text in a further language; "": it is not translated.

    own: the text that it is a translation of. digest: of that one; "": the shop takes no
    translation of it. outdated: the own text has changed since it was translated.
    """

    value: str = ""
    own: str = ""
    digest: str = ""
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class ProductNode:
    """Product node: all that is read of one product, as the shop stores it.

    `images` are those with a photo to show, in the shop's order. `variants` are empty
    where they were not asked for. `translated` are the texts of one further language, by
    the global id of what they belong to and their key; empty where none was asked for.
    """

    gid: str
    handle: str
    title: str
    html: str
    vendor: str
    kind: str
    tags: tuple[str, ...]
    seo_title: str
    seo_description: str
    category_id: str
    category: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    images: tuple[Image, ...]
    metafields: tuple[Metafield, ...]
    variants: tuple[VariantNode, ...] = ()
    translated: Mapping[tuple[str, str], TranslatedText] = field(default_factory=dict)


def parse(
    node: Mapping[str, Any],
    media: Iterable[Mapping[str, Any]],
    metafields: Iterable[Mapping[str, Any]],
    variants: Iterable[Mapping[str, Any]] = (),
) -> ProductNode:
    """The product node of an answer; raises `WrongShape` where it is not whole.

    media, metafields, variants: all of them; the ones inside `node` may be a first page.
    """
    node = checked(PRODUCT, node)
    media = checked(MEDIA, list(media), "media")
    metafields = checked(METAFIELDS, list(metafields), "metafields")
    category = node["category"] or {}
    seo = node["seo"]
    return ProductNode(
        gid=node["id"],
        handle=node["handle"],
        title=node["title"],
        html=node["descriptionHtml"],
        vendor=node["vendor"],
        kind=node["productType"],
        tags=tuple(node["tags"]),
        seo_title=seo["title"] or "",
        seo_description=seo["description"] or "",
        category_id=category.get("id", ""),
        category=category.get("fullName", ""),
        options=tuple((o["name"], tuple(o["values"])) for o in node["options"]),
        images=tuple(
            Image(
                m["id"], m["image"]["url"], m["alt"] or "", m.get("fileStatus") == "READY"
            )
            for m in media
            if m["mediaContentType"] == "IMAGE" and m.get("image")
        ),
        metafields=tuple(
            Metafield(f"{m['namespace']}.{m['key']}", m["type"], m["value"])
            for m in metafields
        ),
        variants=parse_variants(variants),
    )


def parse_variants(variants: Iterable[Mapping[str, Any]]) -> tuple[VariantNode, ...]:
    """The variants of an answer; raises `WrongShape` where one is not whole."""
    return tuple(
        VariantNode(
            v["id"],
            v["sku"] or "",
            tuple((one["name"], one["value"]) for one in v["selectedOptions"]),
            tuple(one["id"] for one in v.get("media", {"nodes": ()})["nodes"]),
        )
        for v in checked(VARIANTS, list(variants), "variants")
    )


def gid_of(node: object) -> str:
    """The global id that a node says it has; "" where it has none."""
    gid = node.get("id") if isinstance(node, Mapping) else None
    return gid if isinstance(gid, str) else ""


def named(gid: str) -> str:
    """A product as a `Problem` names it, by its global id."""
    return f"product {printable(numeric_id(gid), 'name') or 'without id'}"


def numeric_id(gid: str) -> str:
    """The number that the shop's admin shows: 632910392."""
    return gid.rpartition("/")[2]


def to_product(node: ProductNode, namespaces: Collection[str]) -> Product:
    """The `Product` of a node, as the pipeline takes it.

    namespaces: whose metafields are the merchant's own words about the product; those of
    apps hold anything.
    """
    attributes = {"brand": node.vendor, "type": node.kind}
    for one in node.metafields:
        namespace, _, key = one.name.partition(".")
        if namespace in namespaces and (text := plain_value(one)):
            attributes.setdefault(key.replace("_", " "), text)
    for name, values in node.options:
        if (name, *values) != DEFAULT_OPTION:
            attributes[name] = ", ".join(stated_values(values))
    return Product(
        id=numeric_id(node.gid),
        title=node.title,
        description=body_text(node.html),
        photos=tuple(image.url for image in node.images),
        attributes=stated_attributes(attributes),
        variants=variants_of(_rows(node), [image.url for image in node.images]),
        present=Present(
            category=category_of(node),
            seo_title=node.seo_title,
            seo_description=node.seo_description,
            alt_texts=tuple(image.alt for image in node.images),
            tags=node.tags,
        ),
    )


def _rows(node: ProductNode) -> Iterator[VariantRow]:
    """The variants; of a product with one value an option, that is its only one."""
    urls = {image.id: image.url for image in node.images}
    for one in node.variants:
        photo = next((urls[media] for media in one.media if media in urls), "")
        yield VariantRow(one.sku or numeric_id(one.id), dict(one.options), photo)
    if not node.variants and not varies(node):
        yield VariantRow("", {name: values for name, values in node.options})


def varies(node: ProductNode) -> bool:
    """Whether an option has more than one value, so that there are several variants."""
    return any(len(values) > 1 for _, values in node.options)


def category_of(node: ProductNode) -> str:
    """The category's full name; "" where none was chosen."""
    return "" if node.category_id in ("", UNCATEGORISED) else node.category


def metafield(node: ProductNode, name: str) -> Metafield | None:
    """The metafield of this "namespace.key"; None: the product has none."""
    return next((m for m in node.metafields if m.name == name), None)


def one_line(text: str) -> str:
    """One line, single spaces: as a title and its like are stored."""
    return " ".join(text.split())


def same_markup(one: str, other: str) -> bool:
    """Whether a reader would see the same paragraphs and lists."""
    if max(one.count("<"), other.count("<")) > MAX_TAGS:
        return one == other
    return _canonical(one) == _canonical(other)


def _canonical(markup: str) -> str:
    return re.sub(r" ?(<[^<>]++>) ?", r"\1", one_line(clean(markup)))


def plain_value(metafield: Metafield) -> str:
    """A metafield's value for a reader; "" for references, files, JSON and the like."""
    if metafield.type in _PLAIN:
        return metafield.value
    text = ""
    try:
        value = strict_json(metafield.value)
        if metafield.type in _MEASURES:
            text = f"{value['value']:g} {value['unit']}".lower()
        if metafield.type == "list.single_line_text_field":
            text = ", ".join(value if isinstance(value, list) else ())
        text.encode()  # half a character is none
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return text
