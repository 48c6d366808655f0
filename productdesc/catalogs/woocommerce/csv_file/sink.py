"""WooCommerce's product CSV as a sink: an export rewritten whole, or changes only.

What is written is HTML that WordPress keeps as it is, with no backslash in it (the
importer drops them) and nothing that begins like a formula.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Literal

from ....errors import CatalogError
from ....records import Description
from ...delimited.adjacency import Key
from ...delimited.row_index import Group
from ...delimited.table import Row, Table, open_table
from ...merge_policy import Current, Decision, check_overwrite, decide
from ...output.rewrite_modes import find_mode
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
from .columns import Columns, find_columns

WRITES = ("title", "bullets", "description", "tags")
"""Fields that an import file can carry, where the export has their columns."""

Mode = Literal["whole", "changes"]
MODES: tuple[Mode, ...] = ("whole", "changes")


class _Export:
    """A WooCommerce CSV as it is rewritten; see `rewrite_sink.Export`."""

    def __init__(self, table: Table, overwrite: frozenset[str]) -> None:
        self.table = table
        self.columns = find_columns(table.header, table.path)
        self.at: Mapping[str, int] = self.columns.at
        self.by: Key = self._key
        self._overwrite = overwrite
        self._writes = [name for name in WRITES if name in self.at]
        self.roles = (*sorted(self.key_roles(())), *self._writes)
        if lacking := [name for name in WRITES if name in overwrite - self.at.keys()]:
            raise CatalogError(
                f"{table.path}: has no column for {', '.join(lacking)}, which "
                "overwrite names"
            )

    def _key(self, row: Row) -> str:
        if not any(row.cells) or self.columns.is_variation(row.cells):
            return ""
        return self.columns.key(row.cells, row.line)

    def change(
        self, group: Group, description: Description, *, adds_columns: bool
    ) -> Change:
        row, key = group.rows[0], group.key  # of two rows with one key the first counts
        current = self.columns.current(row.cells)
        decision = decide(
            current, description, writes=self._writes, overwrite=self._overwrite
        )
        encoding = self.table.dialect.encoding
        try:
            texts = _texts(self.columns, row, decision)
            "".join(texts.values()).encode(encoding)
        except Unstorable as e:
            refused = Saved(key, "refused", untouched=decision.untouched, reason=str(e))
            return Change(group, {}, refused)
        except UnicodeEncodeError as e:
            reason = f"{encoding}, the file's encoding, has no {e.object[e.start]!a}"
            return Change(
                group,
                {},
                Saved(key, "refused", untouched=decision.untouched, reason=reason),
            )
        cells = {(0, name): text for name, text in texts.items()}
        edits = tuple(
            Edit(name, self.columns.cell(row.cells, name), text)
            for name, text in texts.items()
        )
        saved = Saved(key, "written" if edits else "unchanged", edits, decision.untouched)
        return Change(group, cells, saved, unmatched=self._unmatched(row))

    def _unmatched(self, row: Row) -> str:
        if self.columns.has_key(row.cells):
            return ""
        return f"line {row.line} has neither ID nor SKU, so an import would add a product"

    def current(self, row: Row) -> Current | None:
        return self.columns.current(row.cells)

    def rows(self, change: Change) -> list[list[str]]:
        cells = change.group.rows[0].cells
        present = ((role, cells[self.at[role]]) for role in self.roles)
        return [[change.cells.get((0, role), text) for role, text in present]]

    def key_roles(self, roles: Collection[str]) -> set[str]:
        return {"id", "sku"} & self.at.keys()

    def column_name(self, role: str) -> str:
        raise KeyError(role)  # every role that is written has a column of the file


class WooCommerceCsvSink(RewriteSink):
    """A WooCommerce CSV at `out` for importing, made from the export at `source_path`.

    mode="changes": only products that change, and of them only ID, SKU and columns that
    change. A column is there for all products of the file, and an empty cell would erase,
    so where a product's cell does not change the merchant's present text stands.
    mode="whole": the export again, every byte the same but for the cells meant to change.
    WooCommerce's importer alters products that it is given back unchanged, so take this
    only to read the file, not to import it.
    """

    def __init__(
        self,
        source_path: str | os.PathLike[str],
        out: str | os.PathLike[str],
        *,
        mode: Mode = "changes",
        overwrite: Collection[str] = (),
        replace: bool = False,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> None:
        rewrite_mode, allowed = find_mode(mode, MODES), check_overwrite(overwrite, WRITES)
        table = open_table(source_path, delimiter=delimiter, encoding=encoding)
        super().__init__(_Export(table, allowed), out, rewrite_mode, replace=replace)


def _texts(columns: Columns, row: Row, decision: Decision) -> dict[str, str]:
    """The new cell of each field that changes. Raises `Unstorable`."""
    cells = {
        "title": name_cell(decision.text("title") or ""),
        "description": body_html(decision.text("description") or ""),
        "bullets": list_html(decision.texts("bullets") or ()),
    }
    changes = {
        name: text
        for name, text in cells.items()
        if text and canonical(text) != canonical(columns.cell(row.cells, name))
    }
    present = columns.current(row.cells).tags
    if ours := [tag_cell(tag) for tag in (decision.texts("tags") or ())[len(present) :]]:
        # a cell that is a placeholder holds no tags, and goes
        theirs = columns.cell(row.cells, "tags").rstrip().rstrip(",") if present else ""
        changes["tags"] = ", ".join([*([theirs] if theirs.strip() else []), *ours])
        if not theirs.strip() and (why := formula(changes["tags"])):
            raise Unstorable(f"the list of tags {why}")
    return changes


def name_cell(text: str) -> str:
    """A name as its column holds it. Raises `Unstorable`.

    A first letter that a spreadsheet takes for a formula is spelled in HTML.
    """
    title = title_html(text)
    return f"&#{ord(title[0]):03};{title[1:]}" if formula(title) else title


def tag_cell(name: str) -> str:
    """A tag as its column holds it. Raises `Unstorable`."""
    tag = plain_line(name, "the tag")
    if len(tag) > MAX_TAG_CHARS:
        raise Unstorable(
            f"the tag {tag[:40]!a}... has {len(tag)} characters; {MAX_TAG_CHARS} are kept"
        )
    return tag.replace(",", "\\,")
