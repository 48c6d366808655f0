"""Written values: an attribute's value as people write it, in the language of the copy."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from ...text.fold import fold
from ...text.simple_tags import without_simple_tags
from ..catalog_words import placeholders
from ..colour_forms import is_colour_code, shade_named
from .copy_tables import LabelRow, ValueRow, frames, is_nothing, value_rows
from .nouns import is_english_noun, lowered, noun

__all__ = ["is_no_fact", "parts_of", "plain_value", "said_of_people", "written_value"]

_MAX_VALUE = 400  # characters; a longer text ends at a sentence before that, or is left out
_MAX_ID = 16  # letters and digits of one word; a longer one is some machine's


_SLUG = re.compile(r"[^\W_]+(?:_[^\W_]+)+")
_QUOTED = re.compile(r"\"([^\"]{1,200})\"|'([^']{1,200})'")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_HEX_COLOUR = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)")


def plain_value(value: str) -> str:
    """The value as one line: without tags and doubled spaces, lists with commas."""
    lines = without_simple_tags(html.unescape(value.strip())).splitlines()
    text = "; ".join(line for line in map(str.strip, lines) if line)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split()).strip(" ;,")
    if text[:1] + text[-1:] == "[]":
        parts = [one or other for one, other in _QUOTED.findall(text)]
        text = ", ".join(parts or [part.strip() for part in text[1:-1].split(",")])
    if _SLUG.fullmatch(text):
        text = text.replace("_", " ")
    text = re.sub(r"(?<=[^.!?;|])\s?[;|]\s?(?=[^;|])", ", ", text)
    text = re.sub(r"(?<=[.!?])\s?;\s?", " ", text)
    text = re.sub(r"(?<=[^\W\d]),(?=[^\W\d])", ", ", text)
    if len(text) > _MAX_VALUE:
        ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, _MAX_VALUE)]
        text = text[: ends[-1]] if ends else ""
    return text.rstrip(" .;,:") if not text.endswith("...") else text


def is_no_fact(text: str) -> bool:
    """Placeholders, dates, amounts of money, machines' ids and data."""
    words = placeholders()
    if fold(text) in words.never | words.alone or is_nothing(text):
        return True
    if not any(c.isalnum() for c in text):
        return True
    if any(unicodedata.category(c) == "Sc" for c in text) or _DATE.fullmatch(text):
        return True
    if _HEX_COLOUR.fullmatch(text):
        return True
    if text[:1] + text[-1:] in ("{}", "[]"):
        return True
    is_one = " " not in text and any(c.isdigit() for c in text)
    return is_one and len(text) > _MAX_ID and text.replace("-", "").isalnum()


def written_value(row: LabelRow | None, text: str, code: str) -> str:
    group = row.values if row else ""
    if row and group == "category":
        path = text.replace("/", ">") if row.key == "category" else text
        last = path.rpartition(">")[2].strip() or text
        return ", ".join(_kind(one, code) for one in last.split(", "))
    if group == "colour":
        return _colour(text, code)
    if group in _CODES:
        return _translated(text, group, code, keeps_own=False) or text
    if group and group != "yes_no":
        return _translated(text, group, code, keeps_own=True) or text
    return text


def _kind(text: str, code: str) -> str:
    """A kind of product, or a department of a shop."""
    if department := value_rows("category").get(fold(text)):
        is_own = _is_own_word(department, text, code)
        return lowered(text) if is_own else department.texts[code]
    if code == "en" and is_english_noun(text):
        return lowered(text)
    listed = noun(text, code)
    return listed.name if listed else text


_CODES = ("gender", "age_group", "condition", "country")
_SEPARATORS = re.compile(r"\s?[,;/|&+]\s?|\s(?:and|und|et|y|e)\s")
_JOINED = re.compile(r"[&+]|\s(?:and|und|et|y|e|with|mit|avec|con)\s")
_SHARE_BEFORE = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s?%\s?(?:of\s|de\s|di\s|d')?(.+)")
_SHARE_BEHIND = re.compile(r"(.+?)\s?\(?(\d{1,3}(?:[.,]\d{1,3})?)\s?%\)?")


def parts_of(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _translated(text: str, group: str, code: str, *, keeps_own: bool) -> str:
    """A value in this language, part by part; "" where it stays as the shop wrote it.

    A list divided by commas may hold a part that is not listed. keeps_own: what is in this
    language already stays.
    """
    rows = value_rows(group)
    written: list[str] = []
    is_own = True
    for part in parts_of(text):
        share, word = "", part
        if match := _SHARE_BEFORE.fullmatch(part):
            share, word = match[1], match[2]
        elif match := _SHARE_BEHIND.fullmatch(part):
            word, share = match[1], match[2]
        row = rows.get(fold(word))
        if row is None and (not keeps_own or _JOINED.search(text)):
            return ""
        if row is None:  # one of a list, in the shop's words
            written.append(part)
            continue
        is_own = is_own and _is_own_word(row, word, code) and lowered(word) == word
        percent = "" if code in ("en", "it") else " "
        written.append(f"{share}{percent}% {row.texts[code]}" if share else row.texts[code])
    if keeps_own and is_own:
        return ""
    return ", ".join(written)


def _is_own_word(row: ValueRow, word: str, code: str) -> bool:
    others = {fold(text) for language, text in row.texts.items() if language != code}
    own = fold(row.texts[code])
    return fold(word) == own or (code == "en" and fold(word) not in others)


def _colour(text: str, code: str) -> str:
    """The colours of a value in this language, where each of them is listed."""
    shades = [(part, shade_named(part, code)) for part in parts_of(text)]
    if code == "en" and all(_is_english(part) for part, _ in shades):
        return text
    written = [shade.base(code) for _, shade in shades if shade]
    return ", ".join(dict.fromkeys(written)) if len(written) == len(shades) else text


def _is_english(part: str) -> bool:
    """Whether English copy keeps the word: all but codes and those of another language."""
    shade = shade_named(part)
    if shade is None:
        return True
    if is_colour_code(part) or lowered(part) != part:
        return False
    foreign = {fold(form) for code, forms in shade.forms.items() for form in forms}
    return fold(part) == shade.name or fold(part) not in foreign


def said_of_people(group: str, text: str, code: str) -> str:
    """ "For women", "For women and men", "Unisex": what a code of gender says."""
    if group != "gender":
        return ""
    rows = [value_rows(group).get(fold(part)) for part in parts_of(text)]
    known = [row for row in _distinct(rows) if row]
    if not known or len(known) != len(_distinct(rows)):
        return ""
    if any(row.alone for row in known):
        unisex = next(row for row in known if row.alone).texts[code]
        return unisex[:1].upper() + unisex[1:]
    names = [row.texts[code] for row in known]
    joined = ", ".join(names[:-1])
    people = f"{joined} {frames(code).list_and} {names[-1]}" if joined else names[0]
    return frames(code).for_whom.format(people)


def _distinct(rows: Iterable[ValueRow | None]) -> list[ValueRow | None]:
    seen: dict[str, ValueRow | None] = {row.key if row else "": row for row in rows}
    return list(seen.values())
