"""JSON schemas of what a model sees: a category, attributes, text that was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..text.json_pointer import json_pointer


def observe_schema(
    categories: Sequence[str], visible: Mapping[str, Sequence[str]], photos: int
) -> dict[str, Any]:
    """The JSON schema of the facts; with several photos each attribute says which."""
    text = {"type": "string", "minLength": 1, "maxLength": 60}
    return _object(
        {
            "category": {"enum": list(categories)},
            **attributes_schema(visible, photos)["properties"],
            "text": {"type": "array", "items": text, "maxItems": 4},
        }
    )


def attributes_schema(visible: Mapping[str, Sequence[str]], photos: int) -> dict[str, Any]:
    """The JSON schema of attributes alone, each with the photo where there are several."""
    attributes: dict[str, Any] = {}
    for name, values in visible.items():
        choice: dict[str, Any] = {"enum": list(values)}
        if photos > 1:
            number = {"enum": list(range(1, photos + 1))}
            choice = _object({"value": choice, "photo": number})
        attributes[name] = choice
    return _object({"attributes": _object(attributes)})


def attribute_pointers(names: Iterable[str], photos: int) -> dict[str, str]:
    """The JSON pointer of each attribute's value in an answer of `attributes_schema`."""
    last = ("value",) if photos > 1 else ()
    return {name: json_pointer(("attributes", name, *last)) for name in names}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
