"""Lesson: one product of a shop, with what is right to see on it and to say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...records import Present, Product

Text = str | tuple[str, ...]
Origin = Literal["shop", "journal", "replay"]

EDITED_WEIGHT = 3.0
"""Weight of copy that a person edited, against 1: that pair says what the shop wants where
the model got it wrong. Three such texts in a batch of eight outweigh the rest; more of one
would drown it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A product as a model is shown it, and the answers that are right.

    `copy`: the texts to teach, by field. `category`: what the shop files it in, or a kind;
    `attributes` likewise, by name: those that no closed list holds teach nothing. "" and
    {}: only `product` says so, by its own data. `group`: products of one group stay on one
    side of the split. `weight` is that of its loss against the others'.
    """

    product: Product
    copy: Mapping[str, Text] = field(default_factory=dict)
    category: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    weight: float = 1.0
    origin: Origin = "shop"


def published_lesson(
    product: Product, fields: Collection[str], *, group: str = "", looks: bool = False
) -> Lesson:
    """The lesson of a product's published copy: these fields of it, and its category.

    A text that is taught is held out of what the model is shown; else the model would
    learn to repeat it. looks: teach the look alone, as a replayed product does.
    """
    present = product.present
    own: dict[str, Text] = {
        "title": product.title,
        "description": product.words,
        "bullets": present.bullets,
        "seo_title": present.seo_title,
        "seo_description": present.seo_description,
        "alt_texts": present.alt_texts,
        "tags": present.tags,
    }
    copy = {} if looks else {n: text for n, text in own.items() if n in fields and text}
    shown = product.model_copy(
        update={
            "title": "" if "title" in copy else product.title,
            "description": "" if "description" in copy else product.description,
            "present": Present(),
            "translations": {},
        }
    )
    return Lesson(
        shown,
        copy,
        present.category,
        group=group,
        origin="replay" if looks else "shop",
    )
