"""A user's own Pydantic model as a JSON schema that a decoder can hold a model to.

Every object is closed and complete, every string and list is bounded: what the user left
open is bounded by BOUNDS, or a model could write for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel


class Bounds(NamedTuple):
    """Default bounds of a user's schema, used where it says nothing."""

    max_length: int = 500  # characters of a string
    max_items: int = 10  # items of a list


BOUNDS = Bounds()

_NOTES = ("title", "description", "default", "examples", "deprecated")


def custom_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The closed, bounded JSON schema of a Pydantic model, in the order of its fields.

    Descriptions are kept: they go into the prompt. Raises `TypeError` for anything that
    is not a Pydantic model.
    """
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"schema must be a Pydantic model class, not {model!r}")
    bounded: dict[str, Any] = _bounded(model.model_json_schema())
    return bounded


def bare(schema: Any) -> Any:
    """The schema without titles, descriptions and defaults: what a grammar needs."""
    if isinstance(schema, Mapping):
        return {
            key: {name: bare(part) for name, part in value.items()}
            if key in ("properties", "$defs")
            else (value if key in ("enum", "const", "required") else bare(value))
            for key, value in schema.items()
            if key not in _NOTES
        }
    return [bare(part) for part in schema] if isinstance(schema, list) else schema


def _bounded(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bounded(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    out = {
        key: {name: _bounded(part) for name, part in value.items()}
        if key in ("properties", "$defs")
        else (value if key in ("enum", "const", "required", *_NOTES) else _bounded(value))
        for key, value in schema.items()
    }
    match out.get("type"):
        case "object" if "properties" in out:
            out["required"] = list(out["properties"])
            out["additionalProperties"] = False
        case "array":
            out.setdefault("maxItems", BOUNDS.max_items)
        case "string" if not {"enum", "const", "format", "pattern"} & set(out):
            out.setdefault("maxLength", BOUNDS.max_length)
    return out
