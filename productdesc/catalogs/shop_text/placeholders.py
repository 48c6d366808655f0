"""Placeholders: cells that have nothing to say, such as NULL, N/A, nan, #REF! and "-".

One notion of empty for every reader, and for the sinks that fill what is empty. Ids and
SKUs are never judged by it. To add a word: one entry in `placeholders.toml`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ...text.fold import fold
from ...words.catalog_words import placeholders
from .body import is_empty

MAX_CHARS = 40
"""No placeholder is longer, so that texts are not looked at."""

_MAX_MARKUP = 200
_TEXT_TAG = re.compile(
    r"</?(?:p|br|div|span|b|strong|em|i|u|ul|ol|li|h[1-6])\b[^<>]*>", re.IGNORECASE
)


def stated(text: str) -> str:
    """The text, "" where the whole of it is a placeholder."""
    return "" if 0 < len(text) <= MAX_CHARS and _is_placeholder(text) else text


def stated_html(markup: str) -> str:
    """The markup, "" where a reader would see nothing, or only a placeholder."""
    if is_empty(markup):
        return ""
    if len(markup) > _MAX_MARKUP:
        return markup
    text = html.unescape(_TEXT_TAG.sub(" ", markup)).strip() if "<" in markup else markup
    return markup if not text or stated(text) else ""


def stated_values(values: Iterable[str]) -> list[str]:
    """The values of one list that say something.

    Beside other values "None" is one itself: a choice. Alone it is nothing.
    """
    some = [v for v in values if not (len(v) <= MAX_CHARS and _is_never_a_value(v))]
    return some if len(some) > 1 else [v for v in some if stated(v)]


def stated_list(entries: Sequence[str]) -> tuple[str, ...]:
    """A list as it is, such as tags; empty where no entry of it says anything."""
    return tuple(entries) if any(map(stated, entries)) else ()


def stated_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes whose values say something."""
    return {name: value for name, value in attributes.items() if stated(value)}


@lru_cache(maxsize=1 << 12)  # the same few words come in every row
def _is_placeholder(text: str) -> bool:
    folded = _folded(text)
    return folded in placeholders().alone or _is_never(folded)


def _is_never_a_value(text: str) -> bool:
    return _is_never(_folded(text))


def _is_never(folded: str) -> bool:
    words = placeholders()
    if folded in words.never or not folded.strip(words.strokes):
        return True
    # a search is most of the cost, and nearly no text needs one
    return bool(
        ("#" in folded or ":" in folded) and words.patterns.fullmatch(folded) is not None
    )


def _folded(text: str) -> str:
    return " ".join((text.casefold() if text.isascii() else fold(text)).split())
