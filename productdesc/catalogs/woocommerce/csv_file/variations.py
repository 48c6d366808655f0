"""Variations of an export, by their parents: rows of their own, anywhere in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....records import VARIANT_LIMITS, PhotoSource, Variant
from ...delimited.table import Table
from ...protocol import Problem
from ...shop_text.photo_lists import split_photos
from ...shop_text.variant_rows import VariantRow, variants_of
from .columns import Columns, without_apostrophe

__all__ = ["Variations", "of_parent", "read_variations"]

Variations = Mapping[str, Sequence[VariantRow]]
"""By the parent as a variation names it: its SKU, or "id:" and its number."""

_MOST = 4 * VARIANT_LIMITS.variants
"""Rows of one parent that are held; of more no new value is to be expected."""


def read_variations(table: Table, columns: Columns) -> Variations:
    """The variations of a file; none, and nothing is read, where it has no such columns."""
    found: dict[str, list[VariantRow]] = {}
    if not {"type", "parent"} <= set(columns.at):
        return found
    for row in table.rows():
        if isinstance(row, Problem) or not columns.is_variation(row.cells):
            continue
        parent = _key(columns.cell(row.cells, "parent"))
        rows = found.setdefault(parent, []) if parent else None
        if rows is not None and len(rows) < _MOST:
            sku, number = (columns.cell(row.cells, role) for role in ("sku", "id"))
            images = without_apostrophe(columns.cell(row.cells, "images"))
            photo = next(iter(split_photos(images.replace("\\,", ","))), "")
            options = columns.options(row.cells)
            rows.append(VariantRow(sku.strip() or number.strip(), options, photo))
    return found


def of_parent(
    variations: Variations,
    columns: Columns,
    cells: Sequence[str],
    photos: Sequence[PhotoSource],
) -> tuple[Variant, ...]:
    """The variants of a product; a value that a variation leaves open is any of its own."""
    number, sku = (columns.cell(cells, role).strip() for role in ("id", "sku"))
    rows = [
        *variations.get(_key(f"id:{number}") if number else "", ()),
        *variations.get(_key(sku), ()),
    ]
    if not rows:
        return ()
    own = columns.options(cells)
    whole = (
        row._replace(
            options={
                name: given or own.get(name, ()) for name, given in row.options.items()
            }
        )
        for row in rows
    )
    return variants_of(whole, photos)


def _key(parent: str) -> str:
    return "".join(parent.split()).casefold()
