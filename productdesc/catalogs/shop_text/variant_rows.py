"""Variants of a product as a catalogue lists them: one rule for every reader.

What says nothing is no option, and "Default Title", which Shopify writes for a product
without options, is no variant.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...records import VARIANT_LIMITS, PhotoSource, Variant
from ...records.variants import within_limits
from .placeholders import stated_values

__all__ = ["DEFAULT_OPTION", "VariantRow", "variants_of"]

DEFAULT_OPTION = ("Title", "Default Title")
"""Name and value of the only option of a product without options, in Shopify's files."""


class VariantRow(NamedTuple):
    """One variant as it stands in a catalogue.

    `options`: name -> value, or all values of which the buyer may choose any. `photo`: the
    one that is tied to it, as the product's own photos name it.
    """

    id: str
    options: Mapping[str, str | Sequence[str]]
    photo: PhotoSource = ""


def variants_of(
    rows: Iterable[VariantRow], photos: Sequence[PhotoSource]
) -> tuple[Variant, ...]:
    """The variants of a product, within the limits; none where no row has an option."""
    numbers: dict[str, int] = {}
    for number, photo in enumerate(photos, start=1):
        for name in (str(photo), _plain(photo)):
            numbers.setdefault(name, number)
    return within_limits(
        Variant(id=row.id.strip(), options=options, photo=_number(row.photo, numbers))
        for row in rows
        for options in _choices(row.options)
    )


def _choices(options: Mapping[str, str | Sequence[str]]) -> Iterator[dict[str, str]]:
    """Each choice of a variant's options: one where each has one value."""
    lists: list[list[tuple[str, str]]] = []
    for name, given in options.items():
        # limited before it is read: an open option is read again for each variant
        listed = [given] if isinstance(given, str) else given[: VARIANT_LIMITS.values]
        values = [one for value in stated_values(listed) if (one := value.strip())]
        pairs = [(name.strip(), value) for value in values]
        if name.strip() and pairs and pairs != [DEFAULT_OPTION]:
            lists.append(pairs)
    if lists:
        most = VARIANT_LIMITS.variants
        yield from map(dict, itertools.islice(itertools.product(*lists), most))


def _number(photo: PhotoSource, numbers: Mapping[str, int]) -> int | None:
    name = str(photo).strip() if photo else ""
    return (numbers.get(name) or numbers.get(_plain(name))) if name else None


def _plain(photo: PhotoSource) -> str:
    """An address without the version that a shop hangs on it."""
    return str(photo).strip().partition("?")[0]
