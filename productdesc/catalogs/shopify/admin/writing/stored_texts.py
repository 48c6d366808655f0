"""Texts of a description as a Shopify shop stores them, and those that it cannot. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .....records import Description, Product
from .....text.printable import quoted
from ....merge_policy import Decision
from ....shop_text.body import body_text
from ....shop_text.shop_html import to_html, to_text
from ..reading.product_node import Image, one_line, same_markup

_LOST = "description holds characters that HTML cannot"


def stored_texts(
    images: Sequence[Image],
    html: str,
    product: Product,
    description: Description,
    notes: list[str],
) -> dict[str, Any]:
    """A description's texts as the shop would give them back. html: what it holds now."""
    markup = to_html(description.description, description.bullets)
    is_there = same_markup(html, markup)
    return {
        "title": one_line(description.title),
        "bullets": (),
        "description": body_text(html) if is_there else to_text(markup),
        "seo_title": one_line(description.seo_title),
        "seo_description": one_line(description.seo_description),
        "alt_texts": _aligned(images, product, description.alt_texts, notes),
    }


def _aligned(
    images: Sequence[Image], product: Product, alts: Sequence[str], notes: list[str]
) -> tuple[str, ...]:
    """Our alt texts in the shop's order of photos, which may have changed since."""
    if not alts:
        return ()
    described = {
        _address(photo): alt
        for photo, alt in zip(product.photos, alts, strict=False)
        if isinstance(photo, str)
    }
    found = [described.get(_address(image.url), "") for image in images]
    if not any(found) and any(alts):
        notes.append("alt texts: the photos described are not those of the shop")
    late = [image.id for image, alt in zip(images, found, strict=True) if alt]
    late = [image.id for image in images if image.id in late and not image.ready]
    if late:
        notes.append(f"alt texts: {len(late)} photos are still being processed by the shop")
    return tuple(
        one_line(alt) if image.ready else ""
        for image, alt in zip(images, found, strict=True)
    )


def _address(url: str) -> str:
    """A photo's URL without its version, which changes with every new alt text."""
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return url


def unfit(choice: Decision, description: Description, plain: str) -> str:
    """Why a text that would be written cannot be stored and read back; "": it can.

    plain: the description that the shop would hold then.
    """
    for name, value in choice.new.items():
        texts = value.values() if isinstance(value, Mapping) else value
        for text in [texts] if isinstance(texts, str) else texts:
            for c in text:
                if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t":
                    return f"{name} holds U+{ord(c):04X}, which a shop cannot store"
    for tag in choice.texts("tags") or ():
        if "," in tag:
            return f"tag {quoted(tag, 'value')} holds a comma, where Shopify would split it"
    new = choice.text("description")
    if new is not None and one_line(description.description) not in one_line(new):
        return _LOST
    # all of it was lost, so that the choice never saw it
    return "" if plain or not description.description.strip() else _LOST
