"""Copy into a WooCommerce CSV: the whole file again, or only what changes.

What is written is HTML that WordPress keeps as it is, with no backslash in it (the
importer drops them) and nothing that begins like a formula.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from ....errors import CatalogError
from ....records import Description
from ...delimited.adjacency import Key
from ...delimited.row_index import Group
from ...delimited.table import Row, Table
from ...merge_policy import Decision, decide
from ...output.rewrite_modes import ChangesMode, WholeMode
from ...output.rewrite_sink import Change, RewriteSink
from ...protocol import Edit, Saved
from ...shop_text.sanitize import formula
from ..wp_text import (
    MAX_TAG_CHARS,
    Unstorable,
    body_html,
    canonical,
    list_html,
    plain_line,
    title_html,
)
from .columns import NAMES, Columns, find_columns

WRITES = ("title", "bullets", "description", "tags")
"""Fields that an import file can carry, where the export has their columns."""


class _Export:
    """A WooCommerce CSV as it is rewritten; see `rewriting.Export`."""

    WRITES: ClassVar[tuple[str, ...]] = WRITES

    def __init__(self, table: Table, overwrite: frozenset[str]) -> None:
        self.table = table
        self.columns = find_columns(table.header, table.path)
        self.at: Mapping[str, int] = self.columns.at
        self.by: Key = self._key
        self._overwrite = overwrite
        self._writes = [name for name in WRITES if name in self.at]
        self.roles = (*sorted(self.beside(())), *self._writes)
        if lacking := [name for name in WRITES if name in overwrite - self.at.keys()]:
            raise CatalogError(
                f"{table.path}: has no column for {', '.join(lacking)}, which "
                "overwrite names"
            )

    def _key(self, row: Row) -> str:
        if not any(row.cells) or self.columns.is_variation(row.cells):
            return ""
        return self.columns.key(row.cells, row.line)

    def change(self, group: Group, description: Description, *, adds: bool) -> Change:
        row, key = group.rows[0], group.key  # of two rows with one key the first counts
        held = self.columns.held(row.cells)
        choice = decide(held, description, writes=self._writes, overwrite=self._overwrite)
        encoding = self.table.dialect.encoding
        try:
            texts = _texts(self.columns, row, choice)
            "".join(texts.values()).encode(encoding)
        except Unstorable as e:
            refused = Saved(key, "refused", kept=choice.kept, reason=str(e))
            return Change(group, {}, refused)
        except UnicodeEncodeError as e:
            reason = f"{encoding}, the file's encoding, has no {e.object[e.start]!a}"
            return Change(group, {}, Saved(key, "refused", kept=choice.kept, reason=reason))
        cells = {(0, name): text for name, text in texts.items()}
        edits = tuple(
            Edit(name, self.columns.cell(row.cells, name), text)
            for name, text in texts.items()
        )
        saved = Saved(key, "written" if edits else "unchanged", edits, choice.kept)
        return Change(group, cells, saved, lost=self._lost(row))

    def _lost(self, row: Row) -> str:
        if any(self.columns.cell(row.cells, role) for role in ("id", "sku")):
            return ""
        return f"line {row.line} has neither ID nor SKU, so an import would add a product"

    def rows(self, change: Change) -> list[list[str]]:
        cells = change.group.rows[0].cells
        present = ((role, cells[self.at[role]]) for role in self.roles)
        return [[change.cells.get((0, role), text) for role, text in present]]

    def beside(self, roles: Collection[str]) -> set[str]:
        return {"id", "sku"} & self.at.keys()

    def name(self, role: str) -> str:
        return NAMES[role]


class WooCommerceCsvFile(RewriteSink):
    """The whole export again: every byte the same, but for the cells meant to change."""

    export, form = _Export, WholeMode()


class WooCommerceCsvChanges(RewriteSink):
    """Only products that change, and of them only ID, SKU and columns that change.

    A column is there for all products of the file, and an empty cell would erase, so where
    a product's cell does not change the merchant's present text stands.
    """

    export, form = _Export, ChangesMode()


def _texts(columns: Columns, row: Row, choice: Decision) -> dict[str, str]:
    """The new cell of each field that changes. Raises `Unstorable`."""
    made = {
        "title": name_cell(choice.text("title") or ""),
        "description": body_html(choice.text("description") or ""),
        "bullets": list_html(choice.texts("bullets") or ()),
    }
    found = {
        name: text
        for name, text in made.items()
        if text and canonical(text) != canonical(columns.cell(row.cells, name))
    }
    present = columns.held(row.cells).tags
    if ours := [tag_cell(tag) for tag in (choice.texts("tags") or ())[len(present) :]]:
        theirs = columns.cell(row.cells, "tags").rstrip().rstrip(",")
        found["tags"] = ", ".join([*([theirs] if theirs.strip() else []), *ours])
        if not theirs.strip() and (why := formula(found["tags"])):
            raise Unstorable(f"the list of tags {why}")
    return found


def name_cell(text: str) -> str:
    """A name as its column holds it. Raises `Unstorable`.

    A first letter that a spreadsheet takes for a formula is spelled in HTML.
    """
    title = title_html(text)
    return f"&#{ord(title[0]):03};{title[1:]}" if formula(title) else title


def tag_cell(name: str) -> str:
    """A tag as its column holds it. Raises `Unstorable`."""
    said = plain_line(name, "the tag")
    if len(said) > MAX_TAG_CHARS:
        raise Unstorable(
            f"the tag {said[:40]!a}... has {len(said)} characters; {MAX_TAG_CHARS} are kept"
        )
    return said.replace(",", "\\,")
