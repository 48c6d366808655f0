"""Written attributes: `weight_g: 300` as people write it, in the language of the copy.

One rule for the texts that rules compose and for the checks, which know by it that
"Gewicht: 300 g" is what the data says.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from ...text.fold import fold
from ..colour_forms import shade_named
from ..tokens import forms_of
from .copy_tables import (
    LabelRow,
    ValueRow,
    copy_language,
    frames,
    is_own_business,
    label_row,
    spell_label,
    unit,
    value_rows,
)
from .nouns import noun
from .written_values import (
    is_no_fact,
    parts_of,
    plain_value,
    said_of_people,
    written_value,
)

__all__ = [
    "KIND_KEYS",
    "WrittenAttribute",
    "spellings_of",
    "words_of_value",
    "written_attribute",
]

_MAX_NAME = 60


class WrittenAttribute(NamedTuple):
    """An attribute in the words of the copy.

    `key` is the same for two names of one attribute, `place` its rank for a buyer.
    `sentence` says it, without a stop: "Material: cotton", "For women". `says_itself`: a
    text that holds `value` has said it without the label. `given` is the value before it
    was put into the language of the copy. `answer`: it says yes or no and nothing else.
    """

    key: str
    label: str
    value: str
    sentence: str
    place: int
    says_itself: bool
    given: str
    answer: Literal["", "yes", "no"] = ""


KIND_KEYS = ("kind", "subcategory", "category")
"""Keys of the attributes that say what a product is, the closest first."""


@lru_cache(maxsize=1024)
def written_attribute(name: str, value: str, language: str) -> WrittenAttribute | None:
    """How copy says an attribute; None for the shop's own business and for no value.

    A label that no table has keeps the shop's words, and so does a value.
    """
    code = copy_language(language)
    words, is_asked = _name_words(name)
    if not words or len(words) > _MAX_NAME:
        return None
    if label_row(words) is None and is_own_business(words):
        return None
    text = plain_value(value)
    if not text or is_no_fact(text):
        return None
    words, is_numbered = _without_number(words)
    row, words, text = _with_unit(words, text, code)
    if row and row.in_bytes and _BYTES.search(text):
        row = label_row(row.in_bytes)
    key = row.key if row else " ".join(forms_of(words))
    label = row.labels[code] if row else spell_label(words)
    if row is None and not key:
        return None
    group = row.values if row else ""
    if group == "yes_no" or is_asked:
        answer = value_rows("yes_no").get(fold(text))
    else:
        answer = _long_answer(text)
    if row and (fold(text) in row.nothing or (answer and _is_name(row))):
        return None  # "brand: no" names nothing
    if group == "colour" and not any(c.isalpha() for c in text):
        return None  # a number of some chart
    if answer:
        return _answered(row, key, label, answer, code)
    written = written_value(row, text, code)
    place = row.place if row else _LAST
    sentence = said_of_people(group, text, code) or f"{label}{frames(code).colon}{written}"
    if row and row.has_sentences and is_numbered:
        sentence = written[:1].upper() + written[1:]
    return WrittenAttribute(
        key, label, written, sentence, place, bool(row and _is_name(row)), text
    )


_BYTES = re.compile(r"\d\s?[KMGT]B\b", re.IGNORECASE)
_LAST = 1000  # the place of an attribute without a row


def _is_name(row: LabelRow) -> bool:
    return row.names or row.values == "gender"


def _answered(
    row: LabelRow | None, key: str, label: str, answer: ValueRow, code: str
) -> WrittenAttribute:
    """Yes or no: a name that a table has says yes alone: "Machine-washable"."""
    text = answer.texts[code]
    alone = answer.key == "yes" and row is not None and row.values == "yes_no"
    sentence = label if alone else f"{label}{frames(code).colon}{text}"
    place = row.place if row else _LAST
    kind: Literal["yes", "no"] = "yes" if answer.key == "yes" else "no"
    return WrittenAttribute(key, label, text, sentence, place, False, text, kind)


def _long_answer(text: str) -> ValueRow | None:
    """Yes or no under any name, where it is written out."""
    return value_rows("yes_no").get(fold(text)) if len(text) > 1 else None


# ---- names ------------------------------------------------------------------------------

_NAMESPACE = re.compile(r"^(?:[\w-]+[.:])+(?=\S)|^(?:pa|attribute|custom|meta)_(?=\w)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z][a-zà-ÿ])")
_BRACKETS = re.compile(r"\s?[(\[]\s?([^()\[\]]{1,12})[)\]]$")


def _name_words(name: str) -> tuple[str, bool]:
    """An attribute's name in words, and whether it asks: "is_waterproof"."""
    text = _NAMESPACE.sub("", html.unescape(name).strip())
    text = _CAMEL.sub(" ", text).replace("_", " ").strip(" :=*-•")
    text = "".join(c if c.isprintable() else " " for c in text)
    words = text.split()
    is_asked = len(words) > 1 and words[0].casefold() in ("is", "has")
    if is_asked:
        words = words[1:]
    plain = " ".join(words)
    if "<" in plain or "{" in plain or not any(c.isalpha() for c in plain):
        return "", False
    return plain, is_asked


def _without_number(words: str) -> tuple[str, bool]:
    """A name that a table has without the number behind it, and whether it has one."""
    plain = words.rstrip("0123456789 #")
    if plain == words or label_row(words) or not label_row(plain):
        return words, False
    return plain, True


def _with_unit(words: str, text: str, code: str) -> tuple[LabelRow | None, str, str]:
    """The row and words of a name without its unit, and the value with it.

    A unit of one letter is one only behind a name that a table has: "weight g".
    """
    row = label_row(words)
    is_number = bool(_NUMBERS.fullmatch(text))
    in_brackets = _BRACKETS.search(words)
    if in_brackets:
        own, plain = unit(in_brackets[1]), words[: in_brackets.start()]
        shorter = label_row(plain)
        if own and plain:
            return shorter, plain, _number(text, own[code], code) if is_number else text
        return row or shorter, words, text
    *head, last = words.split()
    own = unit(last) if row is None and head else None
    if own is None:
        return row, words, text
    if head[-1].casefold() == "in" and len(head) > 1:
        head = head[:-1]
    plain = " ".join(head)
    shorter = label_row(plain)
    if shorter is None and (len(last) == 1 or not is_number):
        return None, words, text
    return shorter, plain, _number(text, own[code], code) if is_number else text


_ONE = r"\d{1,9}(?:[.,]\d{1,4})?"
_NUMBERS = re.compile(rf"{_ONE}(?:\s?[x×–-]\s?{_ONE}){{0,3}}")


def _number(text: str, own: str, code: str) -> str:
    """ "0.75" and its unit, with the comma of the language."""
    if code != "en":
        text = re.sub(r"(?<=\d)\.(?=\d)", ",", text)
    return f"{text}{own}" if own.startswith((" ", "%")) else f"{text} {own}"


def words_of_value(written: WrittenAttribute) -> Iterator[str]:
    """The parts of a value, each of which may stand as a tag."""
    yield from filter(None, map(str.strip, re.split(r",\s", written.value)))


def spellings_of(name: str, value: str, language: str) -> Iterator[str]:
    """How copy may spell a value beside the merchant's own way: "blanche" for "white"."""
    one = written_attribute(name, value, language)
    if one is None or one.answer:
        return
    code = copy_language(language)
    yield from dict.fromkeys((one.value, *words_of_value(one)))
    if one.key == "gender":
        yield one.sentence  # "pour femme"
    if one.key in KIND_KEYS and (named := noun(one.given, code)):
        yield named.name
    if one.key == "colour":
        for part in parts_of(one.given):
            if shade := shade_named(part, code):
                yield from shade.spellings(code)
