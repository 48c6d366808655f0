"""Edits of one product: what to send, and whether the shop holds it afterwards. Pure.

A change names only what changes. Images are the exception: the shop replaces them as a
set, so every one is named by its id, in order, and never by its `src`, which would upload
it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....records import Description
from ...merge_policy import Decision, decide
from ...protocol import Edit
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
from .item import Attribute, Item


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one product. `body`: what to send, but for the tags, which need ids.

    edits: the same to read.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    untouched: tuple[str, ...] = ()


def change(
    item: Item,
    description: Description,
    *,
    writes: Sequence[str],
    overwrite: Collection[str],
    seo: tuple[str, str] | None,
) -> Change:
    """The change that writes `description` over `item`. Raises `Unstorable`.

    `tags` of it are only those that the product has not yet.
    """
    held = item.current(seo)
    choice = decide(
        held, description, writes=writes, overwrite=overwrite, photos=len(item.images)
    )
    body: dict[str, Any] = {}
    edits: list[Edit] = []
    made = {
        "title": ("name", title_html(choice.text("title") or "")),
        "description": ("description", body_html(choice.text("description") or "")),
        "bullets": ("short_description", list_html(choice.texts("bullets") or ())),
    }
    for name, (key, markup) in made.items():
        before = getattr(item, key)
        if markup and canonical(markup) != canonical(before):
            body[key] = markup
            edits.append(Edit(name, before, markup))
    edits += _seo(item, choice, seo, body)
    edits += _alts(item, choice, body)
    edits += _attributes(item, choice, body)
    added = tuple(_tag(name) for name in (choice.texts("tags") or ())[len(held.tags) :])
    if added:
        after = ", ".join((*held.tags, *added))
        edits.append(Edit("tags", ", ".join(held.tags), after))
    return Change(body, added, tuple(edits), choice.untouched)


def _tag(name: str) -> str:
    said = plain_line(name, "the tag")
    if len(said) > MAX_TAG_CHARS:
        raise Unstorable(
            f"the tag {said[:40]!a}... has {len(said)} characters; {MAX_TAG_CHARS} are kept"
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


def _alts(item: Item, choice: Decision, body: dict[str, Any]) -> list[Edit]:
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
            row["alt"] = said
            edits.append(Edit("alt_texts", image.alt, said, str(image.id)))
        images.append(row)
    if edits:
        body["images"] = images
    return edits


def _attributes(item: Item, choice: Decision, body: dict[str, Any]) -> list[Edit]:
    """New attributes of the product's own, behind those that it has.

    They are replaced as a set too. A product that varies is left alone, and so is one with
    an attribute that would not come through being sent again.
    """
    present = {a.name.casefold() for a in item.attributes}
    new = {k: v for k, v in choice.attributes().items() if k.casefold() not in present}
    if not new or item.type == "variable" or not all(map(_same_again, item.attributes)):
        return []
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
            plain_line(value, f"attribute {name!a}"),
        )
        if "|" in option:
            raise Unstorable(f"attribute {name!a} holds |, which WooCommerce splits at")
        rows.append(
            {"name": said, "position": number, "visible": True, "variation": False}
            | {"options": [option]}
        )
        edits.append(Edit("attributes", "", option, said))
    body["attributes"] = rows
    return edits


def _same_again(attribute: Attribute) -> bool:
    values = (attribute.name, *attribute.options)
    return bool(attribute.options) and all(
        stored_line(v) == v and "|" not in v and "&" not in v for v in values
    )


def missing(before: Item, change: Change, tag_ids: Sequence[int], now: Item) -> str:
    """What of a change the shop does not hold now; "" where it holds all of it.

    `tag_ids`: every tag that the product is to have.
    """
    body = change.body
    for key in ("name", "description", "short_description"):
        if key in body and canonical(getattr(now, key)) != canonical(body[key]):
            return f"{key} is {_short(getattr(now, key))} instead of {_short(body[key])}"
    for row in body.get("meta_data", ()):
        if now.meta(row["key"]) != row["value"]:
            return f"{row['key']} is {_short(now.meta(row['key']))}"
    if "images" in body:
        wanted = {e.target: e.after for e in change.edits if e.field == "alt_texts"}
        if [image.id for image in now.images] != [image.id for image in before.images]:
            return "its images are others than before"
        for image in now.images:
            if image.alt != wanted.get(str(image.id), image.alt):
                return f"the alt text of image {image.id} is {_short(image.alt)}"
    if "attributes" in body:
        have = {(a.name, a.options) for a in now.attributes}
        for row in body["attributes"][len(before.attributes) :]:
            if (row["name"], tuple(row["options"])) not in have:
                return f"attribute {row['name']!a} is not there"
    if lost := set(tag_ids) - {tag.id for tag in now.tags}:
        return f"tags {sorted(lost)} are not on it"
    return ""


def _short(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:77] + "...")
