"""Sentence boundaries of a text: together the sentences cover all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["sentences"]

# Words that end in a full stop without ending a sentence.
_ABBREVIATIONS = (
    *("approx", "no", "nr", "ca", "in", "ft", "oz", "lb", "vs", "incl", "max", "min"),
    *("dr", "st", "mr", "mrs", "inc", "ltd", "co", "eg", "ie"),
)
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s|$)|[。！？]|\n+")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; together they cover the whole text."""
    start = end = 0
    for stop in _STOP.finditer(text):
        if stop.end() <= end:  # within the white space behind the last one
            continue
        end = stop.end()
        if stop[0] == ".":
            head = text[max(start, stop.start() - 8) : stop.start()]
            last = re.split(r"[^\w]", head)[-1]
            after = text[end : end + 2].strip()
            if last.casefold() in _ABBREVIATIONS and not after[:1].isupper() and after:
                continue
        while end < len(text) and text[end].isspace():
            end += 1
        if text[start:end].strip():
            yield start, end
            start = end
    if start < len(text):
        yield start, len(text)
