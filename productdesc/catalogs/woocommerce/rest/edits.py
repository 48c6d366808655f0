"""Edits of one product: what to send, and whether the shop holds it afterwards. Pure.

A change names only what changes. Images are the exception: the shop replaces them as a
set, so every one is named by its id, in order, and never by its `src`, which would upload
it again.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ....records import Description
from ....text.printable import listed, quoted
from ....words.attribute_key import attribute_key
from ...merge_policy import Decision, decide
from ...protocol import Edit
from ..survives import FIELDS, Text
from ..terms import is_variable
from ..wp_text import (
    MAX_TAG_CHARS,
    Unstorable,
    body_html,
    canonical,
    list_html,
    plain_line,
    stored_line,
    title_html,
)
from .item import Item, ShopAttribute

KEYS: Mapping[str, Text] = {field: text for text, field in FIELDS.items()}
"""A field of a description -> WooCommerce's name of that text."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one product. `body`: what to send, but for the tags, which need ids.

    edits: the same to read. cleaned: texts of the shop whose loss is accepted. refusal: why
    texts are not written; "": they are. notes: what else was left out, and why.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    untouched: tuple[str, ...] = ()
    cleaned: tuple[Text, ...] = ()
    refusal: str = ""
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """What of the description is not written, and why."""
        return "; ".join(filter(None, (self.refusal, *self.notes)))


def change(
    item: Item,
    description: Description,
    *,
    writes: Sequence[str],
    overwrite: Collection[str],
    seo: tuple[str, str] | None = None,
    shared: Mapping[int, str] = MappingProxyType({}),
    shop_attributes: Sequence[ShopAttribute] = (),
) -> Change:
    """The change that writes `description` over `item`. Raises `Unstorable`.

    `tags` of it are only those that the product has not yet. shared: images whose alt text
    another product gives, by its id. shop_attributes: those that the shop has for all
    products.
    """
    held = item.current(seo)
    choice = decide(
        held, description, writes=writes, overwrite=overwrite, photos=len(item.images)
    )
    body: dict[str, Any] = {}
    edits: list[Edit] = []
    made = {
        "title": title_html(choice.text("title") or ""),
        "description": body_html(choice.text("description") or ""),
        "bullets": list_html(choice.texts("bullets") or ()),
    }
    for name, markup in made.items():
        key = KEYS[name]
        before = getattr(item, key)
        if markup and canonical(markup) != canonical(before):
            body[key] = markup
            edits.append(Edit(name, before, markup))
    notes: list[str] = []
    edits += _seo(item, choice, seo, body)
    edits += _alts(item, choice, body, shared, notes)
    edits += _attributes(item, choice, body, shop_attributes, notes)
    added = tuple(_tag(name) for name in (choice.texts("tags") or ())[len(held.tags) :])
    if added:
        after = ", ".join((*held.tags, *added))
        edits.append(Edit("tags", ", ".join(held.tags), after))
    return Change(body, added, tuple(edits), choice.untouched, notes=tuple(notes))


def _tag(name: str) -> str:
    said = plain_line(name, "the tag")
    if len(said) > MAX_TAG_CHARS:
        raise Unstorable(
            f"the tag {quoted(said, 'value')} has {len(said)} characters; "
            f"{MAX_TAG_CHARS} are kept"
        )
    return said


def _seo(
    item: Item, choice: Decision, seo: tuple[str, str] | None, body: dict[str, Any]
) -> list[Edit]:
    edits: list[Edit] = []
    rows: list[dict[str, Any]] = []
    for name, key in zip(("seo_title", "seo_description"), seo or (), strict=False):
        text = plain_line(choice.text(name) or "", f"the {name}")
        if not text or text == item.meta(key):
            continue
        present = [m.id for m in item.meta_data if m.key == key and m.id]
        rows.append({"key": key, "value": text} | ({"id": present[0]} if present else {}))
        edits.append(Edit(name, item.meta(key), text, key))
    if rows:
        body["meta_data"] = rows
    return edits


def _alts(
    item: Item,
    choice: Decision,
    body: dict[str, Any],
    shared: Mapping[int, str],
    notes: list[str],
) -> list[Edit]:
    alts = choice.texts("alt_texts") or ()
    if not alts or not all(image.id for image in item.images):
        return []  # an image without an id could only be uploaded again, or lost
    edits: list[Edit] = []
    images: list[dict[str, Any]] = []
    for number, (image, alt) in enumerate(zip(item.images, alts, strict=True), start=1):
        row: dict[str, Any] = {"id": image.id}
        if (
            alt != image.alt
            and (said := plain_line(alt, f"alt text {number}")) != image.alt
        ):
            if image.id in shared:
                notes.append(
                    f"left alone: the alt text of image {image.id}, which is product "
                    f"{shared[image.id]}'s too and is named by that one"
                )
            else:
                row["alt"] = said
                edits.append(Edit("alt_texts", image.alt, said, str(image.id)))
        images.append(row)
    if edits:
        body["images"] = images
    return edits


def _attributes(
    item: Item,
    choice: Decision,
    body: dict[str, Any],
    shop_attributes: Sequence[ShopAttribute],
    notes: list[str],
) -> list[Edit]:
    """New attributes, behind those that the product has: the shop's where it has such.

    They are replaced as a set too. A product that varies is left alone, and so is one with
    an attribute that would not come through being sent again.
    """
    present = {attribute_key(a.label) for a in item.attributes}
    new = {k: v for k, v in choice.attributes().items() if attribute_key(k) not in present}
    if not new:
        return []
    if why := _unsendable(item):
        notes.append(f"left alone: attributes ({listed([*new])}), since {why}")
        return []
    shops = {key: a for a in reversed(shop_attributes) for key in a.key_pair}
    rows: list[dict[str, Any]] = [
        ({"id": a.id} if a.id else {"name": a.name})
        | {"position": a.position, "visible": a.visible, "variation": a.variation}
        | {"options": list(a.options)}
        for a in item.attributes
    ]
    edits: list[Edit] = []
    place = max((a.position for a in item.attributes), default=-1)
    for number, (name, value) in enumerate(new.items(), start=place + 1):
        said, option = (
            plain_line(name, "an attribute's name"),
            plain_line(value, f"attribute {_short(name)}"),
        )
        if "|" in option:
            raise Unstorable(
                f"attribute {_short(name)} holds |, which WooCommerce splits at"
            )
        known = shops.get(attribute_key(name))
        rows.append(
            ({"id": known.id} if known else {"name": said})
            | {"position": number, "visible": True, "variation": False}
            | {"options": [option]}
        )
        edits.append(Edit("attributes", "", option, known.label if known else said))
    body["attributes"] = rows
    return edits


def _unsendable(item: Item) -> str:
    """Why a product's attributes cannot be sent again as they are; "" where they can."""
    if is_variable(item.type) or any(a.variation for a in item.attributes):
        return "the product varies by some of its own, and all are sent together"
    for attribute in item.attributes:
        if not attribute.options:
            return f"{_short(attribute.label)}, which is sent with them, has no value"
        for value in (attribute.label, *attribute.values):
            # the shop's values are terms, which are found again by their names
            same = attribute.id or stored_line(value) == value == html.unescape(value)
            if "|" in value or "\\" in value or not same:
                return f"{_short(value)}, which is sent with them, would be kept otherwise"
    return ""


def missing(
    before: Item, change: Change, tag_ids: Sequence[int], now: Item
) -> dict[Edit, str]:
    """The edits of a change that the shop does not hold now, and what it holds instead.

    `tag_ids`: every tag that the product is to have.
    """
    lacking: dict[Edit, str] = {}
    alts = {str(image.id): image.alt for image in now.images}
    for edit in change.edits:
        match edit.field:
            case "title" | "description" | "bullets":
                key = KEYS[edit.field]
                wrong = key not in change.cleaned and canonical(
                    getattr(now, key)
                ) != canonical(edit.after)
                why = (
                    f"{key} is {_short(getattr(now, key))} instead of {_short(edit.after)}"
                )
            case "seo_title" | "seo_description":
                wrong = now.meta(edit.target) != edit.after
                why = f"{edit.target} is {_short(now.meta(edit.target))}"
            case "alt_texts":
                alt = alts.get(edit.target, "")
                wrong = alt != edit.after
                why = f"the alt text of image {edit.target} is {_short(alt)}"
            case "attributes":
                wrong = not any(
                    edit.target == a.label
                    and edit.after.casefold() in map(str.casefold, a.values)
                    for a in now.attributes
                )
                why = f"attribute {_short(edit.target)} is not there"
            case _:
                lost = sorted(set(tag_ids) - {tag.id for tag in now.tags})
                wrong, why = bool(lost), f"tags {lost} are not on it"
        if wrong:
            lacking[edit] = why
    return lacking


def _short(text: str) -> str:
    return quoted(text, "value")
