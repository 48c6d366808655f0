"""Words of catalogue files as typed, frozen tables: column names, placeholders, encodings.

They say how a file is read and nothing of how it is described, so they are not in
`word_tables.digest`: what was read counts in the product's own digest. To add a word: one
entry in a table of `catalog_files`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ..text.fold import fold

__all__ = [
    "EncodingWords",
    "LegacyEncoding",
    "Placeholders",
    "WooCommerceNames",
    "column_names",
    "encoding_words",
    "key_of",
    "placeholders",
    "plain_name",
    "woocommerce_names",
]

# Letters that have no accent to take off, and what people type in their place
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
    | {"ـ": "", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ё": "е"}
)
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe"}
    | {"Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)


def plain_name(name: str) -> str:
    """A column's name for comparison: folded, words apart, without a last number."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    words = re.sub(r"[\W_]+", " ", fold(apart).translate(_LETTERS))
    # composed again, so that a part of a Korean word is made of whole syllables
    whole = unicodedata.normalize("NFC", " ".join(words.split()))
    return re.sub(r" ?(?<!\d)\d++$", "", whole)


def key_of(name: str) -> str:
    """The same without spaces: "Product name", "product_name" and "productName" are one."""
    return plain_name(name).replace(" ", "")


def spellings(word: str) -> tuple[str, ...]:
    """A word, and as it is written where ä, ö, ü, ø and å are not at hand."""
    return tuple(dict.fromkeys((word, word.translate(_SPELT_OUT))))


@cache
def column_names() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Names of columns by language and role, as `column_names.toml` explains them."""
    return MappingProxyType(
        {
            language: MappingProxyType({role: tuple(words) for role, words in row.items()})
            for language, row in _read("column_names.toml").items()
        }
    )


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What stands in a cell that has nothing to say.

    never: said by machines, and never a value. alone: a value among several ("None,
    Engraved"), and nothing where it is all there is. patterns: of `never`. strokes: "-",
    "--", "...": cells of nothing else.
    """

    never: frozenset[str]
    alone: frozenset[str]
    patterns: re.Pattern[str]
    strokes: str


@cache
def placeholders() -> Placeholders:
    """The placeholder words, folded as `fold` does it."""
    data = _read("placeholders.toml")
    never, alone = (
        frozenset(fold(word) for words in data[part].values() for word in words)
        for part in ("never", "alone")
    )
    patterns = re.compile("|".join(data["patterns"]))
    return Placeholders(never, alone, patterns, data["strokes"] + " ")


@dataclass(frozen=True, slots=True)
class WooCommerceNames:
    """WooCommerce's names of columns by language and role, and its names of no category.

    In the names of attributes %d is the attribute's number.
    """

    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    uncategorized: frozenset[str]


@dataclass(frozen=True, slots=True)
class LegacyEncoding:
    """An encoding of before Unicode: Python's name, and the characters of its texts.

    alphabets, frequent: small letters as in a set of a regular expression; frequent: ""
    where all of them are.
    """

    name: str
    alphabets: tuple[str, ...]
    frequent: str


@dataclass(frozen=True, slots=True)
class EncodingWords:
    """What tells the encodings of 8-bit text apart, as `encodings.toml` explains it.

    letters: of each western language. languages: those that a frequent word is evidence
    of. own: words that vouch for their letters themselves.
    """

    letters: Mapping[str, frozenset[str]]
    languages: Mapping[str, frozenset[str]]
    own: frozenset[str]
    legacy: tuple[LegacyEncoding, ...]


@cache
def encoding_words() -> EncodingWords:
    """The table of `encodings.toml`."""
    data = _read("encodings.toml")
    languages: dict[str, frozenset[str]] = {}
    for code, row in data["western"].items():
        # a letter alone is a word in many languages
        for word in (*row["words"], *(word for word in row["own"] if len(word) > 1)):
            languages[word] = languages.get(word, frozenset()) | {code}
    own = (word for row in data["western"].values() for word in row["own"])
    return EncodingWords(
        MappingProxyType({c: frozenset(r["letters"]) for c, r in data["western"].items()}),
        MappingProxyType(languages),
        frozenset([*own, *data["neutral"]]),
        tuple(
            LegacyEncoding(row["name"], tuple(row["alphabets"]), row.get("frequent", ""))
            for row in data["legacy"]
        ),
    )


@cache
def woocommerce_names() -> WooCommerceNames:
    """The names of `woocommerce.toml`."""
    data = _read("woocommerce.toml")
    uncategorized = frozenset(map(fold, data.pop("uncategorized")))
    columns = {
        language: MappingProxyType({role: tuple(names) for role, names in row.items()})
        for language, row in data.items()
    }
    return WooCommerceNames(MappingProxyType(columns), uncategorized)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "catalog_files" / name).read_text("utf-8"))
