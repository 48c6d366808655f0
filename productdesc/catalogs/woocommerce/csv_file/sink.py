"""WooCommerce's product CSV as a sink: an export rewritten whole, or changes only.

What is written is HTML that WordPress keeps as it is, with no backslash in it (the
importer drops them) and nothing that begins like a formula.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass
from typing import Any, Literal, NamedTuple

from ....errors import CatalogError
from ....records import Description, Product
from ....text.printable import quoted
from ...delimited.adjacency import Key
from ...delimited.row_index import Group
from ...delimited.table import Row, Table, open_table
from ...merge_policy import (
    Current,
    Decision,
    check_overwrite,
    decide,
    missing_fields,
)
from ...output.rewrite_modes import find_mode
from ...output.rewrite_sink import Change, RewriteSink
from ...protocol import Edit, Saved, Status
from ...shop_text.sanitize import formula
from ..built_in import Role, check_role
from ..survives import FIELDS, Fate, Text, accepted, doubled, fate, left_alone
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

Mode = Literal["whole", "changes", "rollback"]
MODES: tuple[Mode, ...] = ("whole", "changes", "rollback")


class Guard(NamedTuple):
    """Who imports the file, and whether other texts of a product may be cleaned by it."""

    role: Role
    accept_cleaning: bool


class _Export:
    """A WooCommerce CSV as it is rewritten; see `rewrite_sink.Export`."""

    def __init__(
        self, table: Table, overwrite: frozenset[str], guard: Guard | None = None
    ) -> None:
        self.table = table
        self._guard = guard
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
        wanted = texts
        texts, theirs, why = self._guarded(row, texts)
        cells = {(0, name): text for name, text in (texts | theirs).items()}
        edits = tuple(
            Edit(name, self.columns.cell(row.cells, name), text)
            for name, text in texts.items()
        )
        status: Status = "written" if edits else "refused" if wanted else "unchanged"
        saved = Saved(key, status, edits, decision.untouched, why)
        return Change(group, cells, saved, unmatched=self._unmatched(row))

    def needs(self, product: Product, *, adds_columns: bool) -> frozenset[str]:
        return missing_fields(
            Current.of(product), writes=self._writes, overwrite=self._overwrite
        )

    def _guarded(
        self, row: Row, texts: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str], str]:
        """The cells of ours that may be written, theirs that must be, and why not all.

        A column that the export has not says nothing, and is taken to come through.
        """
        ours = [name for name in FIELDS.values() if name in texts]
        theirs: dict[str, str] = {}
        losses: dict[Text, str] = {}
        if not ours or self._guard is None:
            return texts, theirs, ""
        for text, name in FIELDS.items():
            if name in ours or name not in self.at:
                continue
            held = self.columns.stored_text(row.cells, name)
            survival, cause = cell_fate(held, self._guard.role, text)
            if survival == "no":
                losses[text] = cause
            elif survival != "as it is":
                theirs[name] = doubled(held)
        if not losses:
            return texts, theirs, ""
        if self._guard.accept_cleaning:
            return texts, theirs, "; ".join(accepted(losses))
        rest = {name: text for name, text in texts.items() if name not in ours}
        return rest, {}, left_alone(ours, losses, self._guard.role)

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

    def former(self, cell: str) -> str:
        return doubled(cell)

    def column_name(self, role: str) -> str:
        raise KeyError(role)  # every role that is written has a column of the file


@dataclass(eq=False, repr=False)
class WooCommerceCsvSink(RewriteSink):
    """A WooCommerce CSV at `out` for importing, made from the export at `source_path`.

    mode="changes": only products that change, and of them only ID, SKU and columns that
    change. A column is there for all products of the file, and an empty cell would erase,
    so where a product's cell does not change the merchant's present text stands. An import
    saves name and descriptions together, so texts are left out where another text of the
    product would not come through: by `role`, that of the user who imports the file.
    accept_cleaning=True: they are written all the same.
    mode="rollback": what takes those changes back: the same products and columns with the
    merchant's texts as the export has them.
    mode="whole": the export again, every byte the same but for the cells meant to change.
    WooCommerce's importer alters products that it is given back unchanged, so take this
    only to read the file, not to import it.
    """

    source_path: InitVar[str | os.PathLike[str]]
    out: InitVar[str | os.PathLike[str]]
    _: KW_ONLY
    mode: InitVar[Mode] = "changes"
    overwrite: InitVar[Collection[str]] = ()
    replace: InitVar[bool] = False
    delimiter: InitVar[str | None] = None
    encoding: InitVar[str | None] = None
    role: InitVar[Role] = "shop_manager"
    accept_cleaning: InitVar[bool] = False

    def __post_init__(
        self,
        source_path: str | os.PathLike[str],
        out: str | os.PathLike[str],
        mode: Mode,
        *options: Any,
    ) -> None:
        overwrite, replace, delimiter, encoding, role, accept_cleaning = options
        rewrite_mode, allowed = find_mode(mode, MODES), check_overwrite(overwrite, WRITES)
        table = open_table(source_path, delimiter=delimiter, encoding=encoding)
        guard = Guard(check_role(role), accept_cleaning) if mode != "whole" else None
        super().__init__(_Export(table, allowed, guard), out, rewrite_mode, replace=replace)


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


def cell_fate(text: str, role: Role, of: Text) -> Fate:
    """What a text survives that an import saves again.

    A cell with its backslashes doubled and its line ends as they are comes through the
    importer, which sends nothing through kses. Measured on WooCommerce 10.5.
    """
    plain = text.replace("\\", "") if role == "administrator" else text
    whole = fate(plain, role, of)
    if whole.survival == "no" or "\\" not in text:
        return whole
    if why := formula(text):
        return Fate("no", f"its backslashes go: sent doubled, the cell {why}")
    return Fate("sent with backslashes doubled")


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
            f"the tag {quoted(tag, 'value')} has {len(tag)} characters; "
            f"{MAX_TAG_CHARS} are kept"
        )
    return tag.replace(",", "\\,")
