"""Small values that many tests need: a description, a photo, two schemas to answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
from PIL import Image

from productdesc.catalogs import Edit
from productdesc.records import Description, Photo, Provenance

PROVENANCE = Provenance(
    model="m",
    revision="r",
    weights_digest="",
    templates={},
    schemas={},
    photos=(),
    library="0",
    settings={},
    time=datetime(2026, 1, 1, tzinfo=UTC),
)


def back(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that take these back."""
    return [replace(edit, before=edit.after, after=edit.before) for edit in edits]


def description(**fields: Any) -> Description:
    return Description(channel="plain", provenance=PROVENANCE, **fields)


OBSERVE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "category": {"enum": ["shoes", "shirt", "größe", "other product"]},
        "attributes": {
            "type": "object",
            "properties": {"colour": {"enum": ["red", "navy", "unknown"]}},
            "required": ["colour"],
            "additionalProperties": False,
        },
        "text": {
            "type": "array",
            "items": {"type": "string", "maxLength": 9},
            "maxItems": 3,
        },
    },
    "required": ["category", "attributes", "text"],
    "additionalProperties": False,
}
WRITE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2, "maxLength": 30},
        "bullets": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 12},
            "minItems": 2,
            "maxItems": 4,
        },
    },
    "required": ["title", "bullets"],
    "additionalProperties": False,
}


def photo(colour: str, width: int = 112, height: int = 140) -> Photo:
    image = Image.new("RGB", (width, height), colour)
    return Photo(image, f"{colour}.png", "0" * 64, "PNG", width, height)


def fits(text: str, schema: dict[str, Any]) -> bool:
    value = json.loads(text)
    jsonschema.validate(value, schema)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text
