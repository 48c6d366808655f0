"""Style files: TOML, read with a line for each mistake; texts written as TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..text.printable import printable
from ..text.suggest import did_you_mean

__all__ = ["MAX_FILE", "check_names", "read_toml", "toml_text"]

MAX_FILE = 1_000_000
"""Bytes of a style file; a larger one is no style."""


def read_toml(path: Path) -> Mapping[str, Any]:
    """What stands in a TOML file. Raises `ValueError` where it cannot be read."""
    shown = printable(str(path), "path")
    try:
        if path.stat().st_size > MAX_FILE:
            raise ValueError(f"{shown}: a style file has at most {MAX_FILE:,} bytes")
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as e:
        raise ValueError(f"{shown}: cannot be read: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise ValueError(f"{shown}: it is no UTF-8 text") from e
    except tomllib.TOMLDecodeError as e:
        raise ValueError(f"{shown}: it is no TOML: {e}") from e


def check_names(given: Iterable[object], known: Iterable[str], what: str) -> None:
    """Raise `ValueError` for the first name that there is not, with the one meant."""
    names = list(known)
    for name in map(str, given):
        if name not in names:
            hint = did_you_mean(name, names) or f"; there are: {', '.join(names)}"
            raise ValueError(f"{what} has no {printable(name, 'name')!r}{hint}")


def toml_text(text: str) -> str:
    """A text as a basic string of TOML, in one line."""
    # JSON's escapes are TOML's; only the delete character has none in JSON
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
