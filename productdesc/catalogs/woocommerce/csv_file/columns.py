"""The columns of WooCommerce's product CSV, and what their cells say.

Column names are those of an export in English. To read one more: one line in NAMES.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ....errors import CatalogError
from ...merge_policy import Current
from ...shop_text.shop_html import to_text
from ..wp_text import bullet_lines

NAMES = {
    "id": "ID",
    "sku": "SKU",
    "type": "Type",
    "parent": "Parent",
    "title": "Name",
    "bullets": "Short description",
    "description": "Description",
    "category": "Categories",
    "tags": "Tags",
    "images": "Images",
}
"""Role -> column name. The importer takes them in any letter case."""

_ATTRIBUTE = re.compile(r"attribute (\d+) (name|value\(s\))")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands, by role from 0; `attributes` are (name, values) columns."""

    at: dict[str, int]
    attributes: tuple[tuple[int, int], ...]

    def cell(self, cells: Sequence[str], role: str) -> str:
        """ "" where the file has no such column."""
        return cells[self.at[role]] if role in self.at else ""

    def key(self, cells: Sequence[str], line: int) -> str:
        """What a product goes by: its ID, else its SKU, else the line it stands in."""
        number = self.cell(cells, "id").strip()
        return number or self.cell(cells, "sku").strip() or f"line {line}"

    def is_variation(self, cells: Sequence[str]) -> bool:
        kinds = self.cell(cells, "type").lower().split(",")
        return "variation" in (kind.strip() for kind in kinds)

    def current(self, cells: Sequence[str]) -> Current:
        """The copy that a row holds, as plain text."""
        return Current(
            title=to_text(without_apostrophe(self.cell(cells, "title"))),
            category=next(iter(values(self.cell(cells, "category"))), ""),
            attributes=self._attributes(cells),
            bullets=bullet_lines(_lined(self.cell(cells, "bullets"))),
            description=to_text(_lined(self.cell(cells, "description"))),
            tags=values(self.cell(cells, "tags")),
        )

    def _attributes(self, cells: Sequence[str]) -> dict[str, str]:
        found = {
            without_apostrophe(cells[name]).strip(): ", ".join(values(cells[value]))
            for name, value in self.attributes
        }
        return {name: value for name, value in found.items() if name and value}


def find_columns(header: Sequence[str], path: Path) -> Columns:
    """The columns of an export; raises `CatalogError` where they are another file's."""
    names = [name.strip().casefold() for name in header]
    at = {r: names.index(n.casefold()) for r, n in NAMES.items() if n.casefold() in names}
    if not {"id", "sku"} & set(at) or not {"title", "description"} & set(at):
        raise CatalogError(
            f"{path}: is no WooCommerce export in English: it needs a column ID or SKU and "
            f"a column Name or Description, and begins with {', '.join(header)[:120]!a}. "
            "WooCommerce writes column names in the language of who exports: set English "
            "in that user's profile, and export again"
        )
    found: dict[int, dict[str, int]] = {}
    for column, name in enumerate(names):
        if match := _ATTRIBUTE.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = column
    pairs = [(p["name"], p["value(s)"]) for _, p in sorted(found.items()) if len(p) == 2]
    return Columns(at, tuple(pairs))


def without_apostrophe(cell: str) -> str:
    """A cell without the apostrophe that an export puts before = + - @."""
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell


def values(cell: str) -> tuple[str, ...]:
    r"""The values of a list; a comma within one is written \, ."""
    parts = (
        p.replace("\\,", ",").strip()
        for p in re.split(r"(?<!\\),", without_apostrophe(cell))
    )
    return tuple(part for part in parts if part)


def _lined(cell: str) -> str:
    r"""A description as it is in the shop: an export writes its line ends as \n."""
    text = without_apostrophe(cell)
    parts = (part.replace("\\n", "\n") for part in text.split("\\\\n"))
    return "\\n".join(parts)
