"""Tokens and keys that cannot be printed, logged, formatted or pickled by accident."""

from __future__ import annotations

import html.entities
import re
from collections.abc import Callable
from typing import NoReturn

REDACTED = "[secret]"


class Secret:
    """A token that shows itself only when asked by name: `reveal()`.

    Not a `str`, so joining it to a text is a `TypeError` and not a leak. Never compared
    and never hashed by its value. `TypeError` for anything but text, `ValueError` for an
    empty one or for one that no HTTP header can carry; neither message shows it.
    """

    __slots__ = ("_pattern", "_reveal")

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a secret is text, not {type(value).__name__}")
        if not value:
            raise ValueError("a secret is empty")
        if not all("!" <= c <= "~" for c in value):
            raise ValueError(
                "a secret holds white space, a control character or a letter beyond "
                "ASCII; was it copied with something around it?"
            )
        # a closure: in no slot that `vars`, `asdict` or a debugger's list would show
        self._reveal: Callable[[], str] = lambda: value
        self._pattern: Callable[[], re.Pattern[str]] | None = None

    def reveal(self) -> str:
        """The value itself: hand it to one header, keep it nowhere."""
        return self._reveal()

    def hide(self, text: str) -> str:
        """The text without it: error pages repeat what was sent.

        Found also where its characters are written as JSON, URLs or HTML may write them.
        """
        if self._pattern is None:
            pattern = _pattern_of(self._reveal())
            self._pattern = lambda: pattern
        return self._pattern().sub(REDACTED, text)

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return format(REDACTED, spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled or copied; give it again instead")


def _pattern_of(value: str) -> re.Pattern[str]:
    """Every way to write a value: each backslash in a text is looked at once."""
    parts = re.findall(r"\\*[^\\]|\\+", value)
    # From within backslashes only what begins with all of them would be found again.
    return re.compile(r"(?!(?<=\\)\\)" + "".join(map(_spelt, parts)))


def _spelt(part: str) -> str:
    """Every way to write a character: itself, "\\/", "\\u002f", "%2f", "&#47;", "&sol;".

    With the backslashes before it that are the value's own; a text may have more of them.
    """
    character = part.lstrip("\\")
    own = len(part) - len(character)
    escaped = re.escape(character)
    if not own:
        return rf"(?:{_coded(character)}|\\++{_in_json(character)}|\\*+{escaped})"
    backslashes = rf"(?:{_coded(chr(92))}|\\++{_in_json(chr(92))}){{{own}}}"
    if not character:
        return rf"(?:{backslashes}|\\{{{own},}}+)"
    return (
        rf"(?:\\{{{own},}}+(?:{_coded(character)}|{escaped})"
        rf"|\\{{{own + 1},}}+{_in_json(character)}|{backslashes}{_spelt(character)})"
    )


def _in_json(character: str) -> str:
    return f"u00(?i:{ord(character):02x})"


def _coded(character: str) -> str:
    """The ways to write a character in HTML, and in URLs, also many times over."""
    code = ord(character)
    named = [
        re.escape(name)
        for name, meant in html.entities.html5.items()
        if meant == character and name.endswith(";")
    ]
    ways = [
        *(rf"&(?:amp;)*{name}" for name in named),
        rf"&(?:amp;)*#0{{0,6}}{code};",
        rf"&(?:amp;)*#[xX]0{{0,6}}(?i:{code:x});",
        rf"%(?:25)*(?i:{code:02x})",
    ]
    return "|".join(ways)
