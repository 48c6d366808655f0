"""Blank text: nothing that a reader would see, whatever characters it holds."""

from __future__ import annotations

import re

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
"""Characters without a shape, beside white space, as the inside of a regular expression's
class: spaces and joiners without width, marks of direction, soft hyphens, fillers."""

_BLANK = re.compile(rf"[\s{INVISIBLE}]*+")


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: white space and characters without a shape."""
    return _BLANK.fullmatch(text) is not None


def shown(text: str) -> str:
    """The text, "" where it is blank."""
    return "" if is_blank(text) else text
