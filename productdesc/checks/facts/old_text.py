"""Old text: the merchant's own title, description and bullets, to be rewritten."""

from __future__ import annotations

from collections.abc import Collection

from ...records import WORDLESS, Product
from ...words.tokens import forms_of_text

__all__ = ["OLD_FIELDS", "TINY", "old_texts", "texts_to_rewrite", "with_old_texts"]

OLD_FIELDS = ("title", "description", "bullets")
"""The fields of a merchant's copy that are read, as facts are looked for in them."""

TINY = 4
"""Words; with fewer there is nothing to rewrite: "Mug", "n/a"."""


def old_texts(product: Product, language: str) -> dict[str, str]:
    """The merchant's own texts by field, without empty ones; each bullet is a line.

    Those of a language where the shop has them, else those of the language in which the
    product was read.
    """
    return {**_texts(product), **_texts(product.in_language(language))}


def _texts(product: Product) -> dict[str, str]:
    bullets = (one.strip() for one in product.present.bullets if one != WORDLESS)
    texts = {
        "title": product.title,
        "description": product.words,
        "bullets": "\n".join(filter(None, bullets)),
    }
    return {name: text for name, text in texts.items() if text.strip()}


def texts_to_rewrite(
    product: Product, language: str, fields: Collection[str] | None
) -> dict[str, str]:
    """Those of the texts that copy with these fields replaces; {} where they say nothing.

    fields: None for a schema of the user's own, which has no fields and replaces all.
    """
    found = {
        name: text
        for name, text in old_texts(product, language).items()
        if fields is None or name in fields
    }
    words = sum(len(forms_of_text(text)) for text in found.values())
    return found if words >= TINY else {}


def with_old_texts(product: Product, language: str) -> Product:
    """The product, all of its texts part of its description: so they vouch as that does."""
    own, translated = _texts(product), _texts(product.in_language(language))
    more = [own.get("bullets", "")]
    if translated != own:
        more += translated.values()
    whole = "\n".join(filter(None, (own.get("description", ""), *more)))
    if not any(more):
        return product
    return product.model_copy(update={"description": whole})
