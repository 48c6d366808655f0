"""schema.org Product as JSON-LD, for a shop's own pages: one product a line.

A line goes into `<script type="application/ld+json">` as it is: `<`, `>` and `&` are
written as escapes, so no text can end the script. `url`, `offers` and ratings are the
shop's to add; Google's merchant listings need an offer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..records import Description, Product
from .merge_policy import FIELDS, Current, decide
from .output.new_file_sink import Entry, NewFileSink, edits
from .protocol import Saved, Status

PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "color": ("color", "colour"),
    "material": ("material", "fabric"),
    "pattern": ("pattern",),
    "size": ("size",),
    "model": ("model",),
    "mpn": ("mpn", "manufacturer part number"),
    "gtin": ("gtin", "ean", "upc", "gtin13", "gtin12", "gtin14", "gtin8"),
}
"""Properties of schema.org's Product, and the attributes that they are taken from."""

_BRAND = ("brand", "vendor", "manufacturer", "marke", "marque", "marca")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
_ESCAPED |= {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class JsonLdSink(NewFileSink):
    """A new file of JSON lines at `path`, every product with the copy it is to have.

    The merchant's words where there are any, else ours; `overwrite` names fields where
    ours come first. `sku` is the product's id. A product has a line also where every word
    is the merchant's own.
    """

    WRITES = FIELDS

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        current = Current.of(product)
        decision = decide(current, description, writes=FIELDS, overwrite=self._overwrite)
        after = current.updated(decision.new)
        try:
            line = script_text(json_ld(product, after, description.language))
            data = line.encode() + b"\n"
        except UnicodeEncodeError as e:
            reason = f"the text is no Unicode: {e.reason}"
            return Saved(product.id, "refused", untouched=decision.untouched, reason=reason)
        changes = edits(current, decision)
        status: Status = "written" if changes else "unchanged"
        return Entry(
            product.id, data, Saved(product.id, status, changes, decision.untouched)
        )


def json_ld(product: Product, copy: Current, language: str) -> dict[str, Any]:
    """The schema.org Product; what is empty is left out, and so are local photos."""
    attributes = {key.strip().casefold(): text for key, text in copy.attributes.items()}
    named: dict[str, str] = {}
    for name, keys in PROPERTIES.items():
        named[name] = next((attributes[k] for k in keys if attributes.get(k)), "")
    brand = next((attributes[k] for k in _BRAND if attributes.get(k)), "")
    used = {key for keys in (*PROPERTIES.values(), _BRAND) for key in keys}
    features = [
        {"@type": "PropertyValue", "name": key, "value": text}
        for key, text in copy.attributes.items()
        if text and key.strip().casefold() not in used
    ]
    whole = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": product.id,
        "name": copy.title,
        "description": copy.description,
        "category": copy.category,
        "image": _images(product, copy.alt_texts, language),
        "brand": {"@type": "Brand", "name": brand} if brand else "",
        **named,
        "keywords": ", ".join(copy.tags),
        "additionalProperty": features,
    }
    return {key: value for key, value in whole.items() if value}


def _images(product: Product, alts: tuple[str, ...], language: str) -> list[Any]:
    """URLs, or image objects where there is a text for the photo."""
    texts = (*alts, *[""] * len(product.photos))
    return [
        {
            "@type": "ImageObject",
            "url": photo,
            "contentUrl": photo,
            "caption": text,
            "inLanguage": language,
        }
        if text
        else photo
        for photo, text in zip(product.photos, texts, strict=False)
        if isinstance(photo, str)
    ]


def script_text(value: Any) -> str:
    """JSON on one line that may stand inside `<script>`; raises for half characters."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return text
