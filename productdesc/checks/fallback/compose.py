"""Compose: each field of a description from facts and data alone, by rules.

To add a field: one function in _WRITERS. The words are tables of `words/writing/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...records import Colour, Facts, Product
from .known import Known, known_of
from .lists import alt_texts, bullets, tags
from .names import seo_title, title
from .paragraphs import description, seo_description

__all__ = ["compose"]


def compose(
    field: str,
    *,
    product: Product,
    facts: Facts,
    language: str = "en",
    measured: Sequence[Sequence[Colour]] = (),
    photos: int = 1,
) -> str | tuple[str, ...]:
    """A plain text for a field of the description: nothing but facts and merchant data.

    The title is the merchant's own where there is one. Lists come as tuples; "alt_texts"
    has one entry per photo, all different. A field it does not know gets the product's
    name. The same input gives the same text, and no two fields are the same. No markup,
    contact data or control character is taken over, nor what is the shop's own business.
    """
    known = known_of(product, facts, language, measured, photos)
    return _WRITERS.get(field.split(".")[-1], title)(known)


_WRITERS: Mapping[str, Callable[[Known], str | tuple[str, ...]]] = {
    "title": title,
    "bullets": bullets,
    "description": description,
    "seo_title": seo_title,
    "seo_description": seo_description,
    "alt_texts": alt_texts,
    "tags": tags,
}
