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
    rf"\s*(?:</t[dh]>\s*<t[dh]{_REST}|</dt>\s*<dd{_REST})\s*", re.IGNORECASE
)
_BLOCK_TAG = re.compile(rf"\s*</?(?:{_BLOCKS}){_REST}\s*", re.IGNORECASE)


def without_simple_tags(text: str) -> str:
    """The text without tags of style and layout; a block stands on lines of its own."""
    if "<" not in text:
        return text
    text = _CELLS.sub(": ", _INLINE_TAG.sub("", text))
    return _BLOCK_TAG.sub("\n", text).strip()
