"""`WooCommerceCsvNew`: products of any source as an import file of new, draft products."""

from __future__ import annotations

import os
from collections.abc import Collection
from types import TracebackType
from typing import Self

from ..records import Description, Product
from .characters import forbidden, formula
from .delimited import Dialect, row_bytes
from .fill import Held, check_overwrite, choose
from .new_rows import NewRows
from .protocol import Edit, Saved
from .table_cells import held_after
from .woocommerce.text import Unstorable, body_html, list_html
from .woocommerce_csv_sinks import name_cell, tag_cell

WRITES = ("title", "bullets", "description", "tags")
COLUMNS = (
    "Type",
    "SKU",
    "Name",
    "Published",
    "Short description",
    "Description",
    "Tags",
    "Images",
)
_DIALECT = Dialect("utf-8", b"", ",", "\n", False)
_DRAFT = "-1"


class WooCommerceCsvNew:
    """A file at `path` with one simple product a row; the product's id is its SKU.

    Every product is a draft, so that nothing is sold before a person has looked. Photos
    that are no URLs cannot be in such a file; `Saved.reason` counts them. Prices, stock
    and variations are not written, and neither are alt and SEO texts, which have no column.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, overwrite: Collection[str] = ()
    ) -> None:
        self._overwrite = check_overwrite(overwrite, WRITES)
        self._rows = NewRows(path)

    def save(self, product: Product, description: Description) -> Saved:
        """Add the product's row; the merchant's own words go before ours."""
        held = Held.of(product)
        choice = choose(held, description, writes=WRITES, overwrite=self._overwrite)
        after = held_after(held, choice.new)
        try:
            row = _row(product, after)
        except Unstorable as e:
            return Saved(product.id, "refused", (), choice.kept, str(e))
        if why := _refusal(row):
            return Saved(product.id, "refused", (), choice.kept, why)
        match self._rows.add(product.id, row_bytes(row, _DIALECT)):
            case None:
                files = sum(not isinstance(p, str) for p in product.photos)
                note = f"{files} photos are files, which it cannot hold" if files else ""
                edits = tuple(
                    Edit(name, _shown(getattr(held, name)), _shown(getattr(after, name)))
                    for name in choice.new
                )
                return Saved(product.id, "written", edits, choice.kept, note)
            case "":
                return Saved(product.id, "unchanged", (), choice.kept)
            case said:
                return Saved(product.id, "refused", (), choice.kept, said)

    def __enter__(self) -> Self:
        self._rows.open(row_bytes(COLUMNS, _DIALECT))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close(keep=kind is None)


def _row(product: Product, after: Held) -> list[str]:
    return [
        "simple",
        product.id,
        name_cell(after.title),
        _DRAFT,
        list_html(after.bullets),
        body_html(after.description),
        ", ".join(map(tag_cell, after.tags)),
        ", ".join(p.replace(",", "%2C") for p in product.photos if isinstance(p, str)),
    ]


def _refusal(row: list[str]) -> str:
    if not row[2].strip():
        return "it has no title, which WooCommerce requires"
    for column, cell in zip(COLUMNS, row, strict=True):
        why = "" if column == "Published" else forbidden(cell) or formula(cell)
        if why:
            return f"{column} {why}"
    return ""


def _shown(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)
