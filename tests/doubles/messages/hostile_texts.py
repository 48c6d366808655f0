"""Texts that act on a terminal, turn a line round, hide, or have no end; and who sees it.

To try one more: a line in HOSTILE, and its characters in `_ACTS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HOSTILE: Mapping[str, str] = {
    "clears the screen": "A1\x1b[2J\x1b[H",
    "title of the window": "A1\x1b]0;owned\x07",
    "link by OSC 8": "A1\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "CSI in C1": "A1\x9b31mred\x9b0m",
    "OSC in C1": "A1\x9d0;owned\x9c",
    "DCS and APC": "A1\x90q\x9c\x9fx\x9c",
    "bell, backspace, delete": "A1\x07\x08\x08\x7f",
    "shift out": "A1\x0elqqk\x0f",
    "over the line": "A1\rproductdesc: all is well",
    "form feed, vertical tab": "A1\x0c\x0b",
    "right to left": "A1\u202egpj.exe\u202c",
    "isolates": "A1\u2066b\u2067c\u2068d\u2069",
    "marks of direction": "A1\u200e\u200f\u061c",
    "line and paragraph": "A1\u2028b\u2029c\x85d",
    "without width": "A\u200b1\u2060\ufeff\u00ad\u180e\u3164",
    "joiners without cause": "A\u200d1\u200c",
    "tags": "A1" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all"),
    "private use": "A1\ue000\U0010fffd",
    "unassigned": "A1\u0378\U000effff\ufffe",
    "a megabyte": "A" * 2**20,
    "a megabyte of escapes": "A1" + "\x1b[31m" * 200_000,
    "a megabyte of tags": "A1" + "\U000e0041" * 300_000,
    "accents to the ceiling": "A1" + "\u0335" * 5_000,
}
"""By what they do. Lone surrogates are apart (SURROGATE): few borders let them in."""

SURROGATE = "A1\udfff\ud800"

LONGEST = 4_500
"""Characters of a message that no stranger may exceed: two whole ones and what is ours."""

_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\u0378\ufffe\uffff\U000e0000-\U0010ffff]"
    r"|(?:(?<=[\x00-\x7f])|^)[\u200c\u200d]|[\u0335]{12}"
)


def acts(text: str, *, tabs: bool = True) -> list[str]:
    """What of a text acts on a terminal or is not seen; lines and tabs aside."""
    found = [ascii(match[0]) for match in _ACTS.finditer(text)]
    return found if tabs else found + ["tab"] * text.count("\t")


def check(message: str, *, lines: int = 1, longest: int = LONGEST) -> None:
    """Raises `AssertionError` for a message that is not safe to print."""
    assert not acts(message), f"{acts(message)[:5]} in {message[:300]!a}"
    assert message.count("\n") < lines, f"{message.count(chr(10)) + 1} lines: {message!a}"
    assert len(message) <= longest, f"{len(message)} characters: {message[:300]!a}"
