"""Languages that copy can be written in, by their ISO 639-1 codes.

To add one: a row in LANGUAGES, and what people also call it in ALSO_CALLED.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .suggest import did_you_mean

LANGUAGES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "nl": "Dutch", "pt": "Portuguese", "pl": "Polish", "sv": "Swedish", "da": "Danish",
    "nb": "Norwegian", "fi": "Finnish", "cs": "Czech", "tr": "Turkish", "el": "Greek",
    "ru": "Russian", "uk": "Ukrainian", "ar": "Arabic", "he": "Hebrew", "hi": "Hindi",
    "th": "Thai", "vi": "Vietnamese", "id": "Indonesian", "ja": "Japanese", "ko": "Korean",
    "zh": "Chinese",
}  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "deutsch": "de", "français": "fr", "francais": "fr", "español": "es", "espanol": "es",
    "italiano": "it", "nederlands": "nl", "português": "pt", "portugues": "pt",
    "polski": "pl", "svenska": "sv", "dansk": "da", "norsk": "nb", "suomi": "fi",
    "čeština": "cs", "cestina": "cs", "türkçe": "tr", "turkce": "tr",
    "no": "nb", "nn": "nb", "se": "sv", "dk": "da", "cz": "cs", "gr": "el", "ua": "uk",
    "iw": "he", "il": "he", "in": "hi", "vn": "vi", "jp": "ja", "kr": "ko", "cn": "zh",
    "at": "de", "br": "pt", "mx": "es", "gb": "en", "us": "en",
}  # fmt: skip
"""What a language is also called, to suggest its code: by name, or by a country."""


def meant_language(text: str) -> str:
    """A suggestion for a language by its name, its country or with a region (de-AT)."""
    base = re.split(r"[-_]", text, maxsplit=1)[0].lower()
    names = {name: code for code, name in LANGUAGES.items()}
    meant = base if base in LANGUAGES else text
    return did_you_mean(meant, LANGUAGES, {**names, **ALSO_CALLED})
