"""Word diff: two texts as HTML, `<del>` and `<ins>` around what only one of them has."""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher

from ..text.printable import visible

MOST_WORDS = 2_000
"""Longer texts are shown whole on either side: a diff of them takes minutes."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def word_diff(old: str, new: str) -> tuple[str, str]:
    """Both texts as HTML, with the words marked that only one of them has."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return _marked("del", old), _marked("ins", new)
    left: list[str] = []
    right: list[str] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        left.append(_escaped(gone) if kind == "equal" else _marked("del", gone))
        right.append(_escaped(come) if kind == "equal" else _marked("ins", come))
    return "".join(left), "".join(right)


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{_escaped(text)}</{tag}>" if text else ""


def _escaped(text: str) -> str:
    """Text for HTML; nothing in it is hidden from who reads it."""
    return html.escape("\n".join(map(visible, text.split("\n"))))
