"""Attributes of a typed file as text: what is no plain value is left out and named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...text.plain_values import plain_text
from ...text.printable import quoted
from ..protocol import Problem, Problems


def plain_attributes(
    attributes: Mapping[str, Any], problems: Problems, where: str, line: int = 0
) -> dict[str, str]:
    """Every value as text; one that is an object is left out, and is a problem.

    Bytes, as columns of pictures hold them, are left out too, and are none.
    """
    texts: dict[str, str] = {}
    for name, value in attributes.items():
        if isinstance(value, bytes):
            continue
        try:
            texts[name] = plain_text(value)
        except ValueError as e:
            message = f"attribute {quoted(name, 'name')} was left out: it {e}"
            problems.add(Problem(where, message, line))
    return texts
