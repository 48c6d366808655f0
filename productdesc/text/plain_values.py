"""Plain values as text: numbers, dates, yes and no, and lists of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date, time
from enum import Enum
from numbers import Number
from typing import Any

from .printable import quoted

MAX_DEPTH = 8
"""Lists within lists that are read as one; deeper ones are no value of a product."""


def plain_text(value: Any, depth: int = 0) -> str:
    """A plain value, or a list of them, as text. Raises `ValueError` for an object.

    Plain are text, numbers (not-a-number is ""), dates, yes and no, and None, which is "".
    depth: of lists around the value.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"holds lists over {MAX_DEPTH} deep")
    match value:
        case str():
            return value.strip()
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if math.isnan(value):
            return ""  # what typed files write for nothing
        case float() if value.is_integer():
            return str(int(value))
        case Enum():
            return plain_text(value.value, depth + 1)
        case Number() | date() | time():
            return str(value)
        case list() | tuple() | set() | frozenset() if not _is_pairs(value):
            return ", ".join(t for one in value if (t := plain_text(one, depth + 1)))
        case _ if callable(plain := getattr(value, "tolist", None)):  # NumPy's
            return plain_text(plain(), depth + 1)
        case _:
            raise ValueError(
                f"is an object ({type(value).__name__}); text, a number, yes or no, or a "
                "list of such is taken"
            )


def _is_pairs(value: Collection[Any]) -> bool:
    """Whether it is what a map of a typed file is read as."""
    return any(isinstance(one, tuple) for one in value)


def plain_texts(values: Mapping[Any, Any], what: str) -> dict[str, str]:
    """Plain values by name, as text; those that say nothing are left out.

    what: they are, for the message of the `ValueError` for one that is an object.
    """
    texts: dict[str, str] = {}
    for key, one in values.items():
        name = str(key).strip()
        try:
            text = plain_text(one)
        except ValueError as e:
            raise ValueError(f"{what} {quoted(name, 'name')} {e}") from e
        if name and text:
            texts[name] = text
    return texts
