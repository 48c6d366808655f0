"""Sanitising: characters that no copy should hold, and cells a spreadsheet would run."""

from __future__ import annotations

import re

# What XML 1.0 and most importers refuse; tab, line feed and carriage return are layout
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
# Excel and LibreOffice also take the full-width forms; white space before is skipped
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")


def forbidden(text: str) -> str:
    """Why no file should hold this text; "" where it may."""
    # what is printed is none of these, and to look for that is quicker
    if text.replace("\n", " ").isprintable():
        return ""
    bad = _FORBIDDEN.search(text)
    return f"holds the character {bad[0]!a}" if bad else ""


def formula(text: str) -> str:
    """Why a spreadsheet may run this cell instead of showing it; "" where it shows it."""
    if text[:1].isalnum() or not _FORMULA.match(text):
        return ""
    return f"begins with {text[:1]!r}, so that a spreadsheet takes it for a formula"


def defused(text: str) -> str:
    """The cell as a person may open it in a spreadsheet: an apostrophe before a formula."""
    return "'" + text if formula(text) else text
