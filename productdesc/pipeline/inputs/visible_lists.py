"""Visible attributes to look for, and the closed list of values of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...colours import shades
from ...taxonomy import UNKNOWN, VISIBLE
from ...taxonomy.closed_lists import closed_list


def visible_lists(given: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """Attributes by name, the colour first: equal mappings must give equal prompts."""
    asked = VISIBLE if given is None else given
    lists = {name: closed_list(name, asked[name]) for name in sorted(asked)}
    return {"colour": lists.pop("colour", _colours()), **lists}


def _colours() -> tuple[str, ...]:
    return (*(shade.name for shade in shades()), "multicolour", UNKNOWN)
