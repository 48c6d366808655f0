"""Keys of product attributes: "Color", "colours" and "Farbe" name one attribute.

Names in other languages are in `attribute_names.toml`.
"""

from __future__ import annotations

from functools import lru_cache

from ..text.fold import fold
from .tokens import forms_of
from .word_tables import attribute_names

__all__ = ["attribute_key"]


@lru_cache(maxsize=4096)
def attribute_key(name: str) -> str:
    """What two names of one attribute share, whatever their spelling or language."""
    names = attribute_names()
    plain = " ".join(fold(name).replace("_", " ").replace("-", " ").split())
    key = " ".join(forms_of(plain)) or plain
    return names.get(plain) or names.get(key) or key
