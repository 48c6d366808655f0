"""Units that stand in an attribute of their own: `weight: 300`, `weight_unit: g`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..tokens import FormSet, forms_of
from .copy_tables import unit

__all__ = ["joined_units"]

_UNIT_NAMES = FormSet("unit uom einheit unité unidad unità")
_NUMBER = re.compile(r"\s*\d{1,9}(?:[.,]\d{1,4})?\s*")


def joined_units(attributes: Mapping[str, str]) -> Mapping[str, str]:
    """The attributes, each number with the unit that the data gives beside it.

    A unit without its number is left out: it says nothing of the product.
    """
    units = {
        forms[:-1]: (name, value.strip())
        for name, value in attributes.items()
        if (forms := _forms(name))[-1:] and forms[-1] in _UNIT_NAMES and unit(value.strip())
    }
    if not units:
        return attributes
    alone = {name for name, _ in units.values()}
    return {
        name: f"{value.strip()} {units[_forms(name)][1]}"
        if _forms(name) in units and _NUMBER.fullmatch(value)
        else value
        for name, value in attributes.items()
        if name not in alone
    }


def _forms(name: str) -> tuple[str, ...]:
    return forms_of(name.replace("_", " "))
