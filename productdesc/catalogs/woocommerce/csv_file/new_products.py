"""WooCommerce import file of new, draft products, from the products of any source."""

from __future__ import annotations

from ....records import Description, Product
from ...delimited.table import Dialect
from ...merge_policy import Current, decide
from ...output.new_file_sink import Entry, NewFileSink, edits, photos_left_out
from ...protocol import Saved
from ...shop_text.sanitize import forbidden, formula
from ..wp_text import Unstorable, body_html, list_html
from .sink import name_cell, tag_cell

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


class WooCommerceCsvNewSink(NewFileSink):
    """A file at `path` with one simple product a row; the product's id is its SKU.

    Every product is a draft, so that nothing is sold before a person has looked. Photos
    that are no URLs cannot be in such a file; `Saved.reason` counts them. Prices, stock
    and variations are not written, and neither are alt and SEO texts, which have no column.
    """

    WRITES = WRITES

    def _head(self) -> bytes:
        return _DIALECT.row(COLUMNS)

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        """The product's row; the merchant's own words go before ours."""
        current = Current.of(product)
        decision = decide(current, description, writes=WRITES, overwrite=self._overwrite)
        try:
            row = _row(product, current.updated(decision.new))
            why = _refusal(row)
        except Unstorable as e:
            why = str(e)
        if why:
            return Saved(product.id, "refused", untouched=decision.untouched, reason=why)
        note = photos_left_out(product)
        changes = edits(current, decision)
        saved = Saved(product.id, "written", changes, decision.untouched, note)
        return Entry(product.id, _DIALECT.row(row), saved)


def _row(product: Product, after: Current) -> list[str]:
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
