"""Word diff: what only one of two texts has, word by word; for HTML and terminals."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from ..text.printable import visible

__all__ = [
    "MOST_WORDS",
    "WordChange",
    "inline_diff",
    "sides_html",
    "word_changes",
    "word_diff",
]

MOST_WORDS = 2_000
"""Longer texts are shown whole on either side: a diff of them takes minutes."""

_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+|\s+|[^\w\s]")


class WordChange(NamedTuple):
    """A stretch of words that is the same, gone, come, or replaced; together both texts."""

    kind: Literal["equal", "delete", "insert", "replace"]
    before: str
    after: str


def word_changes(old: str, new: str) -> tuple[WordChange, ...]:
    """The stretches in order; each `before` is of the old text, each `after` of the new."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return (WordChange("replace", old, new),)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes: list[WordChange] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        one = WordChange(kind, "".join(before[a:b]), "".join(after[c:d]))
        if kind != "equal" and len(changes) > 1 and not _WORDS.search(changes[-1].after):
            one = _joined(changes.pop(-2), changes.pop(), one)
        changes.append(one)
    return tuple(changes)


_WORDS = re.compile(r"\w")


def _joined(*stretches: WordChange) -> WordChange:
    """Two changes with nothing but a space or stop between them are one."""
    gone = "".join(one.before for one in stretches)
    return WordChange("replace", gone, "".join(one.after for one in stretches))


def word_diff(old: str, new: str) -> tuple[str, str]:
    """Both texts as HTML, with the words marked that only one of them has."""
    return sides_html(word_changes(old, new))


def sides_html(changes: Sequence[WordChange]) -> tuple[str, str]:
    """Either side as HTML, `<del>` and `<ins>` around what only it has."""
    left, right = [], []
    for kind, gone, come in changes:
        left.append(_escaped(gone) if kind == "equal" else _marked("del", gone))
        right.append(_escaped(come) if kind == "equal" else _marked("ins", come))
    return "".join(left), "".join(right)


def inline_diff(changes: Sequence[WordChange]) -> str:
    """Both as one text for a terminal, as `git diff --word-diff` has it: [-old-]{+new+}."""
    return "".join(_inline(changes))


def _inline(changes: Sequence[WordChange]) -> Iterator[str]:
    for kind, gone, come in changes:
        if kind == "equal":
            yield _shown(come)
            continue
        if gone:
            yield f"[-{_shown(gone)}-]"
        if come:
            yield f"{{+{_shown(come)}+}}"


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{_escaped(text)}</{tag}>" if text else ""


def _escaped(text: str) -> str:
    """Text for HTML; nothing in it is hidden from who reads it."""
    return html.escape(_shown(text))


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
