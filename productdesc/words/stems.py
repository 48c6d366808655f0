"""Stems: what the inflected forms of a word share, by Snowball's rules of each language.

For comparing two words of one text and its data; a stem is never shown.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

__all__ = ["stems"]

_ALGORITHMS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian",
}  # fmt: skip
_LEAST = 4  # letters; what is shorter is left alone
_of_thread = threading.local()  # a stemmer keeps the word that it works on


@lru_cache(maxsize=65_536)
def stems(form: str) -> frozenset[str]:
    """The stems of a folded word in each language, marked with the language.

    Two words are forms of one where they share one. Empty for short words and numbers.
    """
    if len(form) < _LEAST or not form.isalpha():
        return frozenset()
    return frozenset(
        f"{code}~{stemmer.stemWord(form)}" for code, stemmer in _stemmers().items()
    )


def _stemmers() -> dict[str, Any]:
    if not hasattr(_of_thread, "stemmers"):
        import snowballstemmer

        of_thread = {c: snowballstemmer.stemmer(name) for c, name in _ALGORITHMS.items()}
        _of_thread.stemmers = of_thread
    found: dict[str, Any] = _of_thread.stemmers
    return found
