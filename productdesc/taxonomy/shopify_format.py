"""Shopify's Standard Product Taxonomy, in the forms it is published in.

    taxonomy.json (verticals and attributes), categories.json (verticals; attributes.json
    has their values), categories.txt ("gid : path"), and a flat JSON list of categories
    with a second file of attributes.

A category lists all of its attributes itself: none is inherited from the one above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .tree import SEPARATOR, Attribute, Category, Taxonomy

_TEXT_LINE = re.compile(r"(gid://shopify/TaxonomyCategory/\S+)\s*:\s*(\S.*)")
_TEXT_HEAD = re.compile(r"# Shopify Product Taxonomy - Categories: (\S+)")


def from_json(data: Any, attributes: Any = None) -> Taxonomy:
    """The taxonomy of any of the JSON forms; `attributes` is the second file's JSON.

    Without their file, attributes are known by name and have no values.
    Raises `KeyError`, `TypeError` or `AttributeError` where the shape is another.
    """
    if isinstance(data, list):
        return Taxonomy("shopify", "", _flat(data, attributes or {}))
    source = data if "attributes" in data else attributes or {}
    known = _attributes(source.get("attributes", ()))
    categories = [
        _published(entry, known)
        for vertical in data["verticals"]
        for entry in vertical["categories"]
    ]
    return Taxonomy("shopify", str(data.get("version", "")), categories)


def from_text(text: str) -> Taxonomy:
    """The taxonomy of categories.txt, which has no attributes."""
    head = _TEXT_HEAD.search(text)
    pairs = [(m[1], m[2].strip()) for m in map(_TEXT_LINE.match, text.splitlines()) if m]
    ids = {path: gid for gid, path in pairs}
    categories = [
        Category(gid, path, ids.get(path.rpartition(SEPARATOR)[0], ""))
        for gid, path in pairs
    ]
    return Taxonomy("shopify", head[1] if head else "", categories)


def _attributes(entries: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Values by handle; an extended attribute has the values of the one it extends."""
    values: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        # Measurements have a unit in place of values.
        own = tuple(_text(value, "name") for value in entry.get("values", ()))
        values[entry["handle"]] = own
        for extended in entry.get("extended_attributes", ()):
            values.setdefault(extended["handle"], own)
    return values


def _published(entry: Mapping[str, Any], values: Mapping[str, tuple[str, ...]]) -> Category:
    attributes = [
        Attribute(_text(a, "handle"), _text(a, "name"), values.get(a["handle"], ()))
        for a in entry.get("attributes", ())
    ]
    parent = _text(entry, "parent_id") if entry.get("parent_id") else ""
    return Category(
        _text(entry, "id"), _text(entry, "full_name"), parent, tuple(attributes)
    )


def _flat(
    entries: Sequence[Mapping[str, Any]], known: Mapping[str, Any]
) -> Iterator[Category]:
    gids = {entry["id"]: _text(entry, "gid") for entry in entries}
    made = {
        key: Attribute(_text(a, "handle"), _text(a, "name"), _texts(a.get("values", ())))
        for key, a in known.items()
    }
    for entry in entries:
        attributes = [
            made.get(key) or Attribute(key, key.replace("_", " "), ())
            for key in _texts(entry.get("attributes", ()))
        ]
        parent = gids[entry["parent"]] if entry["parent"] else ""
        yield Category(entry["gid"], _text(entry, "full_name"), parent, tuple(attributes))


def _text(entry: Mapping[str, Any], key: str) -> str:
    """The text of this key; raises `TypeError` where it is none."""
    value = entry[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {type(value).__name__}, no text")
    return value


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError("a list of texts holds something else")
    return tuple(values)
