"""Columns of a Shopify product CSV by their role, in every header since 2014.

Shopify renamed nearly every column in 2025, and its files are read by name, so both names
stand here: before, since. To add a column that was renamed again: one more name in ROLES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from ....errors import CatalogError
from ....net.network_access import NO_ACCESS, NetworkAccess
from ....text.printable import listed

ROLES: dict[str, tuple[str, ...]] = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title", "Title"),
    "description": ("Body (HTML)", "Description"),
    "vendor": ("Vendor", "Vendor"),
    # the third is of 2021 only
    "category": ("Product Category", "Product category", "Standard Product Type"),
    "type": ("Type", "Type", "Custom Product Type"),
    "tags": ("Tags", "Tags"),
    "sku": ("Variant SKU", "SKU"),
    "image": ("Image Src", "Product image URL"),
    "variant_image": ("Variant Image", "Variant image URL"),
    "position": ("Image Position", "Image position"),
    "alt_texts": ("Image Alt Text", "Image alt text"),
    "seo_title": ("SEO Title", "SEO title"),
    "seo_description": ("SEO Description", "SEO description"),
}
"""The columns that are used, each with its names: until 2025, since 2025, others."""

COPY = ("title", "description", "category", "tags", "seo_title", "seo_description")
"""The roles of which a product has one cell, in the row that speaks for it."""

_OPTIONS = tuple((f"option{n} name", f"option{n} value") for n in (1, 2, 3))

_GOOGLE = {
    "google product category": "google_product_category",
    "gender": "gender",
    "age group": "age_group",
    "mpn": "mpn",
    "manufacturer part number (mpn)": "mpn",
    "condition": "condition",
}
"""What says something about the product; labels and groupings of campaigns do not."""

_METAFIELD = re.compile(r"\(product\.metafields\.([^().]+)\.([^()]+)\)$", re.IGNORECASE)
_NO_FACTS = ("shopify--discovery", "mm-google-shopping", "reviews", "seo", "global")
"""Metafields of these name spaces name other products, campaigns or ratings."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of one file stand, from 0.

    at: by role; a role that the file has not is missing. options: where the name and the
    value of each option stand. facts: where attributes stand, with their keys. renamed:
    the header is one of 2025 or later. copied: the cells of a row that hold copy, and
    copy: the role of each. folder, network: where photos may be, see
    `photo_links`.
    """

    at: dict[str, int]
    options: tuple[tuple[int, int], ...]
    facts: tuple[tuple[int, str], ...]
    renamed: bool
    copy: tuple[str, ...]
    copied: Callable[[list[str]], tuple[str, ...]]
    folder: Path | None = None
    network: NetworkAccess = NO_ACCESS

    def name(self, role: str) -> str:
        """What a column that the file has not would be called in a header like its own."""
        return ROLES[role][self.renamed]


def find_columns(
    header: Sequence[str],
    path: Path,
    *,
    folder: Path | None = None,
    network: NetworkAccess = NO_ACCESS,
) -> Columns:
    """The columns of a header; raises `CatalogError` where there is no handle.

    Letter case and white space of a name do not matter, nor does the columns' order. Of
    columns with the same name the first counts.
    """
    names: dict[str, int] = {}
    for column, name in enumerate(header):
        names.setdefault(_folded(name), column)
    at = {
        role: names[_folded(name)]
        for role, known in ROLES.items()
        for name in reversed(known)
        if _folded(name) in names
    }
    if "handle" not in at:
        raise CatalogError(
            f"{path}: has no column 'Handle' or 'URL handle' among its {len(header)} "
            f"({listed(header)}), so its rows cannot be told apart by product"
        )
    options = tuple(
        (names[name], names[value])
        for name, value in _OPTIONS
        if name in names and value in names
    )
    copy = tuple(role for role in COPY if role in at)
    copied = [at[role] for role in copy]
    return Columns(
        at,
        options,
        tuple(_facts(names, at)),
        "url handle" in names,
        copy,
        # one column too many, as of one only itemgetter gives no tuple
        itemgetter(*copied, copied[0]) if copied else lambda cells: (),
        folder,
        network,
    )


def _facts(names: dict[str, int], at: dict[str, int]) -> list[tuple[int, str]]:
    facts = [
        (at[role], key)
        for role, key in (("vendor", "brand"), ("type", "type"), ("category", "category"))
        if role in at
    ]
    taken = {key for _, key in facts}
    for name, column in names.items():
        key = _GOOGLE.get(name.removeprefix("google shopping / "), "")
        if not name.startswith("google shopping / "):
            key = _metafield(name, taken)
        if key and key not in taken:
            facts.append((column, key))
            taken.add(key)
    return facts


def _metafield(name: str, taken: set[str]) -> str:
    """The key of a metafield: its own, whatever language its label is in; else ""."""
    found = _METAFIELD.search(name)
    if not found or found[1].startswith(_NO_FACTS):
        return ""
    space, key = found[1], found[2].replace("-", "_")
    if space == "shopify" and key == "color_pattern":
        key = "color"
    return f"{space}.{key}" if key in taken else key


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
