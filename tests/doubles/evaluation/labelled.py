"""Labelled products for evaluation, and an engine that says how sure it is of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from doubles.pictures import jpeg, picture

from productdesc import Product, ScriptedEngine
from productdesc.engines import Answer, Request, Settings
from productdesc.engines.protocol import ChoiceProbability
from productdesc.engines.scripted import shortest
from productdesc.records import Present

PHOTOS = {name: jpeg(picture(name)) for name in ("navy", "darkred", "darkgreen")}
"""Photos by the colour that is measured on them."""


def labelled(
    number: str,
    category: str = "Shoes",
    *,
    photo: str = "navy",
    title: str = "Navy canvas shoe",
    **attributes: str,
) -> Product:
    """A product with its labels."""
    return Product(
        id=number,
        title=title,
        photos=[PHOTOS[photo]],
        attributes=attributes,
        description="A canvas shoe in navy.",
        present=Present(category=category),
    )


class SureEngine(ScriptedEngine):
    """Says of each product, in turn, a category and how sure it is of that."""

    def __init__(self, said: Sequence[tuple[str, float]], colour: str = "navy") -> None:
        super().__init__(self._value)
        self._said: Iterator[tuple[str, float]] = iter(said)
        self._colour = colour
        self._sure = 0.0

    def _value(self, request: Request) -> Any:
        value = shortest(request.schema)
        if "category" in request.schema["properties"]:
            value["category"], self._sure = next(self._said)
            value["attributes"]["colour"] = self._colour
        return value

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        answers = []
        for request in requests:
            [answer] = super().generate([request], settings)
            value = json.loads(answer.text)
            sure = {
                pointer: ChoiceProbability(_at(value, pointer), self._sure, None, 0.0)
                for pointer in request.scored
            }
            answers.append(replace(answer, probabilities=sure))
        return answers


def _at(value: Mapping[str, Any], pointer: str) -> Any:
    found: Any = value
    for part in pointer.split("/")[1:]:
        found = found[part]
    return found


def source(*products: Product) -> Callable[[], list[Product]]:
    """The products, as a task reads them."""
    return lambda: list(products)
