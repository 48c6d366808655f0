"""A small shop to teach a model from: products with drawn photos, data and own copy."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doubles.pictures import picture
from doubles.tiny_qwen.families import QWEN2_VL, TinyFamily

from productdesc.finetune import BaseModel, DataOptions, Lesson, Shares, published_lesson
from productdesc.records import Present, Product

COLOURS = {
    "navy": "#1b2a55",
    "red": "#c01818",
    "green": "#1c7a2e",
    "black": "#151515",
    "yellow": "#e8c81e",
}
FIELDS = ("title", "description", "bullets")
KINDS = {"Gadgets": "gadget"}


def tiny_base(
    folder: Path, family: TinyFamily = QWEN2_VL, *, general: bool = False, **shape: Any
) -> BaseModel:
    """A model of random numbers to tune, with a short list of kinds unless `general`."""
    made = family.make(folder, **{"max_positions": 8192, **shape})
    about = {} if general else {"categories": ["shoes", "shirt", "other product"]}
    (made / "productdesc.json").write_text(json.dumps(about), "utf-8")
    return BaseModel.find(made, max_pixels=32 * 32 * 16)


def photo(number: int, colour: str) -> bytes:
    """A photo that is no near-duplicate of another number's: the shape is turned."""
    image = picture(colour, (320, 320)).rotate(37 * number, fillcolor="white")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def product(number: int, **more: Any) -> Product:
    """Product `number`: shoes and gadgets in turn, each in a colour, with true copy."""
    name, paint = [*COLOURS.items()][number % len(COLOURS)]
    kind = ("Shoes", "Gadgets")[number % 2]
    values: dict[str, Any] = {
        "id": f"p{number}",
        "title": f"{name.title()} {kind[:-1].lower()}",
        "description": f"A {name} {kind[:-1].lower()} for every day. Made to be used.",
        "photos": [photo(number, paint)],
        "attributes": {"colour": name, "model": str(number)},
        "present": Present(category=kind, bullets=(f"In {name}", "Easy to use")),
    }
    return Product(**{**values, **more})


def lessons(count: int, **more: Any) -> Iterator[Lesson]:
    for number in range(count):
        yield published_lesson(product(number, **more), FIELDS)


def options(**more: Any) -> DataOptions:
    """Of the small shop: its new kind, and shares that leave each side some."""
    values: dict[str, Any] = {
        "kinds": KINDS,
        "shares": Shares(validation=0.2, test=0.2),
        "describe": {"channel": "plain", "fields": [*FIELDS]},
    }
    return DataOptions(**{**values, **more})
