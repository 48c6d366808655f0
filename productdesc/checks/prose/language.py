"""Language identification of a text, by py3langid; silent when unsure.

The model (4.6 MB, offline) is loaded at the first text: 2 seconds, 110 MB of memory.
To add near relatives that count as one language: a row in RELATIVES.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from functools import cache
from threading import Lock
from typing import Any

from ...text.languages import LANGUAGES
from ...words.claims.grammar import own_words
from ...words.tokens import forms_of
from ..policy import CheckLimits

__all__ = ["RELATIVES", "TESTED", "Judged", "language_name"]

TESTED = ("en", "de", "fr", "es", "it")
"""Languages that claims have word tables in."""

# Language asked for -> labels that are no evidence against it: its own under other codes,
# its dialects, and relatives that short copy cannot be told from. Catalan, Galician and
# Slovak are languages that shops write in, and count as others.
RELATIVES: Mapping[str, str] = {
    "en": "en pcm", "de": "de lb", "fr": "fr oc wa", "es": "es ext an", "it": "it lij vec",
    "da": "da no nn", "nb": "da no nn", "no": "da no nn", "nn": "da no nn",
    "nl": "nl fy af", "hr": "hr bs sr", "bs": "hr bs sr", "sr": "hr bs sr",
    "id": "id ms jv", "ms": "id ms jv", "zh": "zh yue wuu", "ar": "ar ary arz",
}  # fmt: skip
_NO_LANGUAGE = "zxx"  # the label of codes and numbers
_OWN_CODES = {"no": "nb", "nn": "nb"}  # labels -> the codes that are offered here
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*+")


class Judged:
    """Languages of the texts of one product, against the one that was asked for.

    own: words in normal form that say nothing, of the merchant's values and of brands. A
    text of too few letters beside them has no verdict of its own.
    """

    def __init__(
        self, texts: Iterable[str], language: str, own: Container[str], limits: CheckLimits
    ) -> None:
        self._language, self._own, self._limits = language, own, limits
        short = (words for text in texts if not self._tells(words := self._words(text)))
        distinct = dict.fromkeys(word for words in short for word in words.split())
        self._together = self._other(" ".join(distinct)[: limits.language_read])

    def other_language(self, text: str) -> str | None:
        """The language that a text is clearly in although another was asked for, or None.

        A close call gives None.
        """
        return self._other(self._words(text))

    def of_short_texts(self, text: str) -> str | None:
        """The same of a text that is too short alone: that of all such texts together."""
        return None if self._tells(self._words(text)) else self._together

    def _words(self, text: str) -> str:
        found = (match[0] for match in _WORD.finditer(text[: self._limits.language_read]))
        return " ".join(word for word in found if not self._is_own(word))

    def _is_own(self, word: str) -> bool:
        forms = forms_of(word)
        return bool(forms) and all(form in self._own for form in forms)

    def _tells(self, words: str) -> bool:
        return sum(map(str.isalpha, words)) >= self._limits.language_letters

    def _other(self, words: str) -> str | None:
        if not self._tells(words) or self._is_plainly_own(words):
            return None
        asked = RELATIVES.get(self._language, self._language).split()
        model = _identifier()
        if not set(asked) & set(model.labels):
            return None
        ranked: list[tuple[str, float]] = model.rank(words)
        likely = sum(share for label, share in ranked if label in asked)
        top, share = next(one for one in ranked if one[0] not in asked)
        limits = self._limits
        is_clear = share >= limits.language_floor and likely <= limits.language_ceiling
        return _OWN_CODES.get(top, top) if is_clear and top != _NO_LANGUAGE else None

    def _is_plainly_own(self, words: str) -> bool:
        """Whether its small words are the language's: no model is needed to say so."""
        found = words.casefold().split()
        own = [word for word in found if word in own_words(self._language)]
        limits = self._limits
        return len(set(own)) >= limits.language_own_words and len(
            own
        ) >= limits.language_own_share * len(found)


def language_name(code: str) -> str:
    """The English name of a language that is offered, else its code."""
    return LANGUAGES.get(code, code)


_LOADING = Lock()  # two threads at once would load it twice


def _identifier() -> Any:
    """The model; reading it changes nothing in it, so that threads share one."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # the only door to it

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
