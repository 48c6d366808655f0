r"""Printable text: what a stranger wrote, as it may stand in an error, a log or a terminal.

    printable("A1\x1b[2J", "name")      # A1\x1b[2J: the ESC is four characters now
    printable("x" * 1_000_000, "code")  # xxx... (999,955 characters left out)

One line without anything that a terminal obeys, that turns a line's direction round or
that nobody sees: such characters stand there as Python would write them. Letters of every
script stay, and so do emoji. For people only: data that a program reads is never changed.

To limit one more kind of text: one line in LIMITS.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Literal

from .blank import INVISIBLE

What = Literal["message", "path", "words", "url", "name", "code", "value"]

LIMITS: Mapping[What, int] = {
    "message": 2_000,  # a whole error, problem line or reason: a screen, not a scroll
    "path": 1_000,  # of a file; systems take 4,096 bytes, and people write 200
    "words": 400,  # what a server, a parser or a decoder says
    "url": 120,  # without its query
    "name": 120,  # ids, columns, attributes, tensors, models, templates, tokens
    "code": 80,  # error codes, request ids, content types
    "value": 80,  # the beginning of a cell or of a reply
}
"""What -> characters of it that a person is shown, the note on the rest included."""

MAX_NAMES = 20
"""Names of a list, such as a table's columns, that a message shows one by one."""

MAX_LISTED = 1_200
"""Characters of them all, so that what a message advises behind them is not cut off."""

MAX_MARKS = 8
"""Accents on one letter; a hundred of them paint over the lines above."""

_ODD = re.compile(r"[^ -~]")
_ANY = re.compile(r".", re.DOTALL)
_NO_SHAPE = re.compile(f"[{INVISIBLE}]")
_OBEYED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MARKS = {"Mn", "Me"}
_JOINERS = {"\u200c", "\u200d"}
_VARIANTS = {"\ufe0e", "\ufe0f"}  # a sign as text, as a picture
_KEYCAP = "\u20e3"


def printable(text: object, at_most: int | What) -> str:
    """One visible line of at most that many characters; what is cut off is counted.

    at_most: a number, or a row of LIMITS.
    """
    limit = LIMITS[at_most] if isinstance(at_most, str) else at_most
    head, note = _cut(str(text), limit, keep_note=True)
    return (head + note)[:limit]


def quoted(text: object, at_most: int | What) -> str:
    """The same between quotes, which close before the note; that is not counted here."""
    limit = LIMITS[at_most] if isinstance(at_most, str) else at_most
    head, note = _cut(str(text), limit, keep_note=False)
    mark = '"' if "'" in head and '"' not in head else "'"
    return f"{mark}{head}{mark}{note}"


def words_of(program: object) -> str:
    """What a server, a parser or an exception says, as one line of folded white space."""
    return printable(" ".join(str(program).split()), "words")


def listed(names: Sequence[object]) -> str:
    """The first MAX_NAMES of some names, with commas; the others are counted."""
    first = names[:MAX_NAMES]
    limit = min(LIMITS["name"], MAX_LISTED // max(1, len(first)))
    shown = ", ".join(printable(name, limit) for name in first)
    more = len(names) - MAX_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


def message_line(text: str) -> str:
    """A whole message as one printable line: its own lines are joined by spaces."""
    if "\n" in text:
        text = " ".join(filter(None, map(str.strip, text.split("\n"))))
    return printable(text, "message")


def visible(text: str) -> str:
    """The text with everything in it to be seen, as one line, however long."""
    return text if text.isascii() and text.isprintable() else _ODD.sub(_seen, text)


def visible_characters(text: str) -> list[str]:
    """Each character of a text as `visible` shows it there, one entry a code point."""
    if text.isascii() and text.isprintable():
        return list(text)
    return [m[0] if " " <= m[0] <= "~" else _seen(m) for m in _ANY.finditer(text)]


def _cut(text: str, limit: int, *, keep_note: bool) -> tuple[str, str]:
    """(What is shown, a note on what is left out: "" where nothing is).

    keep_note: within the limit, too.
    """
    if len(text) <= limit:
        if text.isascii() and text.isprintable():
            return text, ""  # every row of a table comes here
        if len(shown := visible(text)) <= limit:
            return shown, ""
    room = max(0, limit - len(_note(len(text)))) if keep_note else limit
    sizes = range(min(len(text), room) + 1)
    size = bisect_right(sizes, room, key=lambda n: len(visible(text[:n]))) - 1
    return visible(text[:size]), _note(len(text) - size)


def _note(count: int) -> str:
    return f"... ({count:,} characters left out)"


def _seen(match: re.Match[str]) -> str:
    """A character, or how Python would write it; a space of any width is a space."""
    if match[0].isspace() and unicodedata.category(match[0]) == "Zs":
        return " "
    if is_seen(match.string, match.start()):
        return match[0]
    return match[0].encode("unicode_escape").decode("ascii")


def is_seen(text: str, at: int) -> bool:
    """Whether a character of a text is what a reader sees there, and does nothing else."""
    character = text[at]
    if character in _JOINERS:
        return _joins(text[at - 1 : at]) and _joins(text[at + 1 : at + 2])
    if character in _VARIANTS:
        return _has_variants(text[at - 1 : at], text[at + 1 : at + 2])
    kind = unicodedata.category(character)
    if kind in _MARKS and at >= MAX_MARKS:
        before = text[at - MAX_MARKS : at]
        if all(unicodedata.category(c) in _MARKS for c in before):
            return False
    return kind not in _OBEYED and not _NO_SHAPE.match(character)


def _joins(character: str) -> bool:
    """Whether a joiner beside it does what joiners are for: Persian, Indic, emoji."""
    if not character or character.isascii():
        return False
    has_shape = character in _VARIANTS or not _NO_SHAPE.match(character)
    return has_shape and unicodedata.category(character)[0] in "LMS"


def _has_variants(before: str, after: str) -> bool:
    """Whether a sign is one that is drawn as text or as a picture."""
    if not before or before.isspace():
        return False
    return unicodedata.category(before)[0] in "SP" or after == _KEYCAP
