"""The columns of WooCommerce's product CSV, and what their cells say.

WooCommerce writes column names in the language of whoever exports. To read one more
language or name: one entry in `words/catalog_files/woocommerce.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ....errors import CatalogError
from ....text.printable import listed
from ....words.catalog_words import woocommerce_names
from ...merge_policy import Current
from ...shop_text.body import body_text
from ...shop_text.placeholders import stated, stated_html, stated_values
from ...shop_text.shop_html import to_text
from ..terms import first_category, is_variation, term_text
from ..wp_text import bullet_lines

_ONLY_EXPORTS = {"featured", "visibility", "attribute_name"}
"""Roles whose names no other shop's file has; one of them tells an export."""


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

    def has_key(self, cells: Sequence[str]) -> bool:
        """Whether an import would find the product by its ID or its SKU."""
        return any(self.cell(cells, role).strip() for role in ("id", "sku"))

    def is_variation(self, cells: Sequence[str]) -> bool:
        return is_variation(self.cell(cells, "type"))

    def current(self, cells: Sequence[str]) -> Current:
        """The copy that a row holds, as plain text; a placeholder is no copy."""
        return Current(
            title=to_text(stated_html(without_apostrophe(self.cell(cells, "title")))),
            category=first_category(stated_values(values(self.cell(cells, "category")))),
            attributes=self._attributes(cells),
            bullets=bullet_lines(stated_html(_lined(self.cell(cells, "bullets")))),
            description=body_text(stated_html(_lined(self.cell(cells, "description")))),
            tags=tuple(map(term_text, values(stated(self.cell(cells, "tags"))))),
        )

    def stored_text(self, cells: Sequence[str], role: str) -> str:
        """A text as it stands in the shop's database, as far as its cell tells it."""
        cell = self.cell(cells, role)
        return without_apostrophe(cell) if role == "title" else _lined(cell)

    def options(self, cells: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The values of each attribute that a row names; a variation has one or none."""
        found = (
            (term_text(without_apostrophe(cells[name])).strip(), values(cells[value]))
            for name, value in self.attributes
        )
        return {name: tuple(map(term_text, given)) for name, given in found if name}

    def _attributes(self, cells: Sequence[str]) -> dict[str, str]:
        found = {
            term_text(without_apostrophe(cells[name])).strip(): ", ".join(
                map(term_text, stated_values(values(cells[value])))
            )
            for name, value in self.attributes
        }
        return {name: value for name, value in found.items() if name and value}


def find_columns(header: Sequence[str], path: Path) -> Columns:
    """The columns of an export; raises `CatalogError` where they are another file's."""
    at: dict[str, int] = {}
    pairs: dict[int, dict[str, int]] = {}
    for column, (role, number) in enumerate(_roles(header)):
        if number is not None:
            pairs.setdefault(number, {}).setdefault(role, column)
        elif role:
            at.setdefault(role, column)
    if not {"id", "sku"} & set(at) or not {"title", "description"} & set(at):
        raise CatalogError(
            f"{path}: is no WooCommerce export in a language that is known here: it needs "
            f"a column ID or SKU and a column Name or Description, and begins with "
            f"{listed(header)}. WooCommerce writes column names in the language "
            "of who exports: set English in that user's profile, and export again"
        )
    both = ("attribute_name", "attribute_values")
    attributes = [(p[both[0]], p[both[1]]) for _, p in sorted(pairs.items()) if len(p) == 2]
    return Columns(at, tuple(attributes))


def is_export(header: Sequence[str]) -> bool:
    """Whether a header is WooCommerce's own, in any of the languages known.

    Another shop's file may have columns id, type, sku and name too; an export spells them
    as WooCommerce does and has no column of another name among them.
    """
    roles = [role for role, _ in _roles(header)]
    have = set(roles)
    if not {"id", "sku"} & have or not {"title", "description"} & have:
        return False
    if have & _ONLY_EXPORTS or ("in_stock" in have and have & {"type", "published"}):
        return True
    return bool(have & {"in_stock", "type"}) and all(
        role and _spelt(name) in _spellings()
        for name, role in zip(header, roles, strict=True)
    )


def _roles(header: Sequence[str]) -> list[tuple[str, int | None]]:
    """Each column's role and the number of its attribute; ("", None): not looked at.

    In the language that knows most of the names; a name that a translation lacks is
    English.
    """
    keys = [_key(name) for name in header]
    plain = [re.sub(r"\d+", "%d", key) for key in keys]
    known = _names()
    votes = Counter({code: sum(p in names for p in plain) for code, names in known.items()})
    language, english = known[votes.most_common(1)[0][0]], known["en"]
    roles: list[tuple[str, int | None]] = []
    for key, name in zip(keys, plain, strict=True):
        number = re.search(r"\d+", key)
        role = language.get(name) or english.get(name) or ""
        roles.append((role, int(number[0]) if number and role else None))
    return roles


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    """Key of a name -> role, by language; of two roles for one name the first counts."""
    return {
        code: {_key(n): role for role in reversed(list(row)) for n in row[role]}
        for code, row in woocommerce_names().columns.items()
    }


@cache
def _spellings() -> frozenset[str]:
    rows = woocommerce_names().columns.values()
    return frozenset(_spelt(n) for row in rows for names in row.values() for n in names)


def _spelt(name: str) -> str:
    """A name in WooCommerce's own letter case."""
    return unicodedata.normalize("NFKC", name).strip()


def _key(name: str) -> str:
    """A name without letter case, white space and the form of its apostrophes."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("\u2019", "'")
    return "".join(text.split())


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
