"""Pairs (name=value) that Magento writes into one cell: attributes, and options."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["attribute_pairs", "variation_options", "variations"]

_PAIR = re.compile(
    r"""(?<![A-Za-z0-9_])(?P<name>[A-Za-z][A-Za-z0-9_]*)=
    (?:"(?P<quoted>(?:[^"]|"")*)"(?=\s*(?:"?[,|;]|"?$))
      |(?P<bare>.*?)(?="?[,|;]\s*"?[A-Za-z][A-Za-z0-9_]*=|"?$))
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_DESCRIBING = ("has_options", "required_options", "gift_message_available")


def attribute_pairs(cell: str) -> dict[str, str]:
    """name=value pairs of one cell; several values of one name with ", " between them.

    A value may stand in quotes, doubled within it; pairs are parted by ",", "|" or ";".
    """
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(cell):
        name, value = pair["name"], pair["quoted"] or pair["bare"] or ""
        # "no" describes nothing: such an attribute is a switch of the shop
        if value and name not in _NOT_DESCRIBING and value.lower() != "no":
            found[name] = value.replace('""', '"').replace("|", ", ")
    return found


def variation_options(cell: str) -> dict[str, str]:
    """The values that a configurable product comes in, by option."""
    found: dict[str, dict[str, None]] = {}
    for _, options in variations(cell):
        for name, value in options.items():
            found.setdefault(name, {})[value] = None
    return {name: ", ".join(values) for name, values in found.items()}


def variations(cell: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The SKU of each variation of a configurable product, and its options."""
    for variation in re.split(r"\|(?=\s*sku=)", cell):
        pairs = attribute_pairs(variation)
        sku = pairs.pop("sku", "")
        yield sku, {k: v for k, v in pairs.items() if k not in ("display", "default")}
