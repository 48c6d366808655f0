"""Printing for a person: the only module of the command line that prints.

Whatever a catalogue, server or model says, nothing that a terminal obeys leaves here.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, TextIO

from ..text.printable import is_seen, visible

_ODD = re.compile(r"[^ -~\n]")


def show(text: str, file: TextIO | None = None, *, flush: bool = False) -> None:
    """Print what was asked for; its lines stay lines.

    A stranger's text that is one line of several has to be printable before.
    """
    print("\n".join(map(visible, text.split("\n"))), file=file, flush=flush)


def say(text: object) -> None:
    """Print a remark to standard error."""
    show(f"productdesc: {text}", sys.stderr)


def show_json(value: Any, *, indent: int | None = None) -> None:
    """Print a value, or a document in JSON, as the same data in visible characters."""
    document = value if isinstance(value, str) else json.dumps(value, indent=indent)
    print(_ODD.sub(_escaped, document), flush=True)


def _escaped(match: re.Match[str]) -> str:
    """A character of a JSON string, or JSON's own way to write it."""
    if is_seen(match.string, match.start()):
        return match[0]
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
