"""Shopify import file of new, draft products, made from the products of any source."""

from __future__ import annotations

import re
import unicodedata

from ....records import Description, Product
from ....text.printable import quoted
from ...delimited.table import Dialect
from ...merge_policy import Current, decide
from ...output.new_file_sink import Entry, NewFileSink, edits, photos_left_out
from ...protocol import Saved
from ...shop_text.sanitize import forbidden, formula
from ...shop_text.shop_html import to_html

WRITES = (
    "title",
    "category",
    "bullets",
    "description",
    "seo_title",
    "seo_description",
    "alt_texts",
    "tags",
)
COLUMNS = (
    "Title",
    "URL handle",
    "Description",
    "Vendor",
    "Product category",
    "Type",
    "Tags",
    "Published on online store",
    "Status",
    "Product image URL",
    "Image position",
    "Image alt text",
    "SEO title",
    "SEO description",
)
MAX_HANDLE = 255
_DIALECT = Dialect("utf-8", b"", ",", "\n", False)


class ShopifyCsvNewSink(NewFileSink):
    """A file at `path` with one product a handle, further rows for further images.

    Every product is a draft and not published, so that nothing is sold before a person
    has looked. Handles are made of the products' ids. Photos that are no URLs cannot be
    in such a file; `Saved.reason` counts them. Prices, variants and stock are not written.
    """

    WRITES = WRITES

    def _head(self) -> bytes:
        return _DIALECT.row(COLUMNS)

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        """The product's rows; the merchant's own words go before ours."""
        current, photos = Current.of(product), len(product.photos)
        decision = decide(
            current, description, writes=WRITES, overwrite=self._overwrite, photos=photos
        )
        rows = _rows(product, current.updated(decision.new))
        if why := _refusal(product, rows):
            return Saved(product.id, "refused", untouched=decision.untouched, reason=why)
        data = b"".join(_DIALECT.row(row) for row in rows)
        note = photos_left_out(product)
        changes = edits(current, decision)
        saved = Saved(product.id, "written", changes, decision.untouched, note)
        return Entry(rows[0][1], data, saved)


def handle_of(product: Product) -> str:
    """The product's id as Shopify writes handles: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", product.id or product.title)
    letters = "".join(c for c in plain.lower() if not unicodedata.combining(c))
    return re.sub(r"[^\w]+|_", "-", letters).strip("-")[:MAX_HANDLE]


def _rows(product: Product, after: Current) -> list[list[str]]:
    """The product's row, then one for each further image."""
    urls = [photo for photo in product.photos if isinstance(photo, str)]
    alts = [
        alt
        for photo, alt in zip(
            product.photos, (*after.alt_texts, *[""] * len(product.photos)), strict=False
        )
        if isinstance(photo, str)
    ]
    handle = handle_of(product)
    facts = {key.casefold(): value for key, value in product.attributes.items()}
    first = [
        after.title,
        handle,
        to_html(after.description, after.bullets),
        facts.get("brand", ""),
        after.category,
        facts.get("type", facts.get("product type", "")),
        ", ".join(tag for tag in after.tags if "," not in tag),
        "FALSE",
        "Draft",
        *_image(urls, alts, 0),
        after.seo_title,
        after.seo_description,
    ]
    more = [
        ["", handle, *[""] * 7, *_image(urls, alts, n), "", ""] for n in range(1, len(urls))
    ]
    return [first, *more]


def _image(urls: list[str], alts: list[str], n: int) -> tuple[str, str, str]:
    return (urls[n], str(n + 1), alts[n]) if n < len(urls) else ("", "", "")


def _refusal(product: Product, rows: list[list[str]]) -> str:
    if not rows[0][1]:
        return (
            f"product {quoted(product.id, 'name')} has no id or title to make a handle of"
        )
    if not rows[0][0].strip():
        return "it has no title, which Shopify requires"
    for row in rows:
        for column, cell in zip(COLUMNS, row, strict=True):
            if why := forbidden(cell) or formula(cell):
                return f"{column} {why}"
    return ""
