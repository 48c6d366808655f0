"""HTML tags of style and layout, taken out of a text.

Bold is dropped, a paragraph ends a line, the cells of a row are a label and its value. Any
other tag stays as it is, for those who look for markup.
"""

from __future__ import annotations

import re

__all__ = ["without_simple_tags"]

_INLINE = "b|i|u|s|em|strong|span|small|big|sub|sup|mark|font|abbr|wbr|ins|bdi|code"
_BLOCKS = (
    "p|br|hr|div|ul|ol|li|dl|dt|dd|h[1-6]|table|thead|tbody|tr|td|th|section|article|pre"
)
_REST = r"(?:\s[^<>]{0,400})?/?>"
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_REST}", re.IGNORECASE)
_CELLS = re.compile(
    rf"</t[dh]>\s{{0,9}}<t[dh]{_REST}|</dt>\s{{0,9}}<dd{_REST}", re.IGNORECASE
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS}){_REST}", re.IGNORECASE)
_CELL = "\0"


def without_simple_tags(text: str) -> str:
    """The text without tags of style and layout; a block stands on lines of its own."""
    if "<" not in text:
        return text
    cells = _CELLS.sub(_CELL, _INLINE_TAG.sub("", text)).split(_CELL)
    lines = _BLOCK_TAG.sub("\n", ": ".join(map(str.strip, cells))).split("\n")
    return "\n".join(line for line in map(str.strip, lines) if line)
