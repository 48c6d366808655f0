"""What an option of `describe` may be, where its type alone decides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from ...engines import Settings
from ...style import Style
from ...taxonomy import Taxonomy
from ...text.printable import printable

__all__ = ["check_kinds"]

_SWITCH = ((bool,), "True or False")

OPTION_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "template": ((str, Path), "the name of a template, or a pathlib.Path"),
    "templates": ((Path,), "a pathlib.Path, of a folder"),
    "taxonomy": ((Taxonomy,), "a Taxonomy, as load_taxonomy(...) gives it"),
    "visible": ((Mapping,), "attributes and the values of each, in a dict"),
    "settings": ((Settings,), "a Settings"),
    "style": ((Style,), "a Style"),
    "rewrite": _SWITCH,
    "ocr": _SWITCH,
    "second_look": _SWITCH,
}
"""What an option may be, beside None."""


def check_kinds(asked: Mapping[str, Any]) -> None:
    """Raise `TypeError` for an option of another type."""
    for name, (kinds, what) in OPTION_KINDS.items():
        value = asked.get(name)
        if not isinstance(value, (*kinds, NoneType)):
            raise TypeError(f"{name} is {what}, not {printable(repr(value), 'value')}")
