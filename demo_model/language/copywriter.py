"""What the model should answer: plain, short, and true to what it was given.

Says only what the kind, the colour and the merchant's data say.  The same product always
gets the same words, so that a small model can learn the rule instead of the noise.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from productdesc.channels import Field
from productdesc.records import Colour, Facts, Product
from productdesc.taxonomy import OTHER, UNKNOWN

from .catalogue import NOUNS, SILENT

_FOOD = ("fruit", "vegetable", "juice", "milk", "cultured dairy")
# Attributes whose name is put with a capital; any other is copied as the merchant wrote it.
KNOWN = (
    *(
        "material",
        "size",
        "origin",
        "care",
        "fit",
        "sleeve",
        "neckline",
        "closure",
        "season",
    ),
    *("gender", "pattern", "sole", "collection", "style", "lining", "length", "flavour"),
    *("certificate", "warranty", "type", "capacity", "pack", "brand", "colour", "color"),
)
_COLOUR_KEYS = ("colour", "color")


def observe_answer(
    category: str,
    product: Product,
    measured: Sequence[Sequence[Colour]],
    visible: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The facts: the category as believed, the first measured colour, no printed text.

    Without a photo the attributes come from the merchant's data, where it has them.
    """
    attributes: dict[str, Any] = {}
    for name, values in visible.items():
        value = UNKNOWN
        if measured:
            if name == "colour" and measured[0]:
                value = measured[0][0].name
        else:
            keys = _COLOUR_KEYS if name == "colour" else (name,)
            given = [product.attributes[k] for k in keys if k in product.attributes]
            value = next((v for v in given if v in values), UNKNOWN)
        several = len(measured) > 1
        attributes[name] = {"value": value, "photo": 1} if several else value
    return {"category": category, "attributes": attributes, "text": []}


def spoken_kind(product: Product) -> str | None:
    """The kind that the merchant's title names, or None."""
    if not product.title:
        return None
    named = [
        (len(noun), kind)
        for kind, nouns in NOUNS.items()
        for noun in nouns
        if re.search(rf"\b{re.escape(noun)}\b", product.title, re.IGNORECASE)
    ]
    return max(named)[1] if named else None


def write_answer(
    product: Product, facts: Facts, fields: Sequence[Field], photos: int
) -> dict[str, Any]:
    """The copy, in the fields' order and lengths."""
    said = _Said(product, facts)
    answer: dict[str, Any] = {}
    for field in fields:
        if field.photos and not photos:
            continue
        value = said.field(field.name, photos)
        if isinstance(value, str):
            answer[field.name] = value[: field.write].rstrip()
        else:
            most = field.count(photos)[1]
            answer[field.name] = [text[: field.write].rstrip() for text in value[:most]]
    return answer


class _Said:
    """The pieces of one product's copy."""

    def __init__(self, product: Product, facts: Facts) -> None:
        data = dict(sorted(product.attributes.items()))
        self.kind = facts.category
        self.noun = "product" if self.kind == OTHER else self.kind
        self.group = "shop" if self.kind == OTHER else "clothing"
        if self.kind in _FOOD:
            self.group = "groceries"
        given = [data[k] for k in _COLOUR_KEYS if k in data]
        seen = facts.attributes.get("colour")
        self.colour = given[0] if given else seen.value if seen else ""
        self.brand = data.get("brand", "")
        self.material = data.get("material", "")
        self.title = product.title
        self.lines = [
            f"{key.capitalize() if key in KNOWN else key}: {value}"
            for key, value in data.items()
            if key not in SILENT
            and key not in (*_COLOUR_KEYS, "brand")
            and len(value) <= 80
        ]

    @property
    def name(self) -> str:
        """The merchant's title, or brand, kind and colour."""
        if self.title:
            return self.title
        name = f"{self.brand} {self.noun}" if self.brand else self.noun.capitalize()
        return f"{name} in {self.colour}" if self.colour else name

    def field(self, name: str, photos: int) -> str | list[str]:
        match name:
            case "title":
                return self.name
            case "bullets":
                return self.bullets()
            case "description":
                return self.text()
            case "seo_title":
                if self.title and self.brand:
                    return f"{self.title} | {self.brand}"
                return self.name if self.title else f"{self.name} | {self.group}"
            case "seo_description":
                return self.summary()
            case "alt_texts":
                return self.alts(photos)
            case _:
                return self.tags()

    def bullets(self) -> list[str]:
        colour = [f"Colour: {self.colour}"] if self.colour else []
        brand = [f"Brand: {self.brand}"] if self.brand else []
        found = [*brand, *colour, *self.lines]
        if len(found) < 2:
            found.insert(0, f"Kind: {self.noun}")
        if len(found) < 2:
            found.append(f"Category: {OTHER if self.kind == OTHER else self.group}")
        return found

    def text(self) -> str:
        """One sentence on what it is, then the merchant's data."""
        subject = f"{self.title} is" if self.title else "This is"
        what = f"a {self.noun}" if self.noun[0] not in "aeiou" else f"an {self.noun}"
        if self.kind in ("pants", "shorts", "shoes"):
            what = f"a pair of {self.noun}"
        elif self.kind in ("fruit", "milk", "juice", "cultured dairy", "outerwear"):
            what = self.noun
        by = f" by {self.brand}" if self.brand else ""
        colour = f" in {self.colour}" if self.colour else ""
        parts = [f"{subject} {what}{by}{colour}."]
        if self.material and len(self.material) <= 80:
            parts.append(f"It is made of {self.material}.")
        parts += [f"{line}." for line in self.lines if not line.startswith("Material:")][:4]
        return " ".join(parts)

    def summary(self) -> str:
        lines = "".join(f" {line}." for line in self.lines[:2])
        return f"{self.name}.{lines}"

    def alts(self, photos: int) -> list[str]:
        alt = self.noun.capitalize()
        if self.colour:
            alt += f" in {self.colour}"
        if photos == 1:
            return [alt]
        return [f"{alt}, photo {n}" for n in range(1, photos + 1)]

    def tags(self) -> list[str]:
        found = [self.noun, self.group, self.colour, self.brand, self.material]
        return [tag for tag in found if tag]
