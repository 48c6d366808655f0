"""Modes of a rewritten file: the whole of it, changes only, a list for review."""

from __future__ import annotations

import codecs
import marshal
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from ..delimited.table import Dialect, replace_cells
from ..shop_text.sanitize import defused
from ..shop_text.shop_html import to_text
from .evidence_lines import evidence_lines
from .rewrite_sink import Change, Export, RewriteMode
from .spool import Spool, SpoolEntry

_COPY_BYTES = 1 << 20

# Entries are written and read by the same process, so marshal, the quickest, will do.


class WholeMode:
    """The source again: every byte the same, but for the cells meant to change."""

    adds_columns, standalone, holds_source = False, False, True

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        group = change.group
        news: dict[int, dict[int, str]] = {}
        for (row, role), text in change.cells.items():
            news.setdefault(row, {})[export.at[role]] = text
        return [
            (
                group.offsets[row],
                len(group.rows[row].raw),
                replace_cells(group.rows[row], cells, export.table.dialect),
            )
            for row, cells in news.items()
        ]

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        at = 0
        with export.table.path.open("rb", _COPY_BYTES) as source:
            for offset, size, new in spool:
                _copy(source, out, offset - at)
                out.write(new)
                at = source.seek(offset + int(size))
            while block := source.read(_COPY_BYTES):
                out.write(block)


def _copy(source: BinaryIO, out: BinaryIO, size: int) -> None:
    while size and (block := source.read(min(size, _COPY_BYTES))):
        out.write(block)
        size -= len(block)


class ChangesMode:
    """Only products that change, and of them only keys and columns that change.

    A column is there for all products of the file, and a blank would erase, so where a
    product's cell does not change the merchant's present text stands.
    """

    adds_columns, standalone, holds_source = True, True, False

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        roles = " ".join(sorted({role for _, role in change.cells}))
        new = marshal.dumps(export.rows(change))
        return [(change.group.offsets[0], roles, new)]

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        at, dialect = export.at, export.table.dialect
        changed = {role for roles in spool.notes() for role in str(roles).split()}
        order = sorted(
            changed | export.key_roles(changed),
            key=lambda role: (at.get(role, len(export.table.header)), role),
        )
        header = export.table.header
        names = [
            header[at[role]] if role in at else export.column_name(role) for role in order
        ]
        out.write(dialect.bom + dialect.row(names))
        places = [export.roles.index(role) for role in order]
        for _, _, new in spool:
            rows = marshal.loads(new)
            for cells in rows if "alt_texts" in changed else rows[:1]:
                filled = [*cells, *[""] * (len(export.roles) - len(cells))]
                out.write(dialect.row([filled[place] for place in places]))


class RollbackMode(ChangesMode):
    """What takes the changes back: the same products and columns, as the source has them.

    A column that the source has not is not in it: nobody knows what stood there.
    """

    adds_columns = False

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        formers = {
            (row, role): export.former(change.group.rows[row].cells[export.at[role]])
            for row, role in change.cells
        }
        return super().entries(change._replace(cells=formers), export)


class ReviewMode:
    """A list for a person: one row a change, with the text before and after.

    Findings, and who vouches for each sentence, stand beside the first change of their
    field; findings of a field that does not change have a row of their own.
    For a spreadsheet, whatever the source's dialect: UTF-8 with a byte order mark, commas.
    A cell that a spreadsheet would run begins with an apostrophe, the merchant's too, so
    this file is not for importing.
    """

    adds_columns, standalone, holds_source = True, False, False

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        found: dict[str, list[str]] = {}
        for one in change.findings:
            found.setdefault(one.field, []).append(f"{one.code}: {one.message}")
        sources = {name: evidence_lines(some) for name, some in change.evidence.items()}
        edits = [
            (
                *(e.field, e.target, e.before, e.after),
                "\n".join(found.pop(e.field, ())),
                sources.pop(e.field, ""),
            )
            for e in change.saved.edits
        ]
        edits += [
            (field, "", "", "", "\n".join(lines), "") for field, lines in found.items()
        ]
        new = marshal.dumps((change.group.key, edits))
        return [(change.group.offsets[0], "", new)]

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        out.write(_REVIEW.bom)
        out.write(
            _REVIEW.row(
                ["Handle", "Field", "Photo", "Before", "After", "Findings", "Evidence"]
            )
        )
        for _, _, new in spool:
            key, edits = marshal.loads(new)
            for field, photo, before, after, found, sources in edits:
                if field == "description":
                    before, after = to_text(before), to_text(after)
                cells = [key, field, photo, before, after, found, sources]
                out.write(_REVIEW.row([defused(cell) for cell in cells]))


_REVIEW_COLUMNS = ["Handle", "Field", "Photo", "Before", "After", "Findings", "Evidence"]
_REVIEW = Dialect("utf-8", codecs.BOM_UTF8, ",", "\r\n", quotes_all=False)

MODES: Mapping[str, RewriteMode] = {
    "whole": WholeMode(),
    "changes": ChangesMode(),
    "rollback": RollbackMode(),
    "review": ReviewMode(),
}


def find_mode(name: str, names: Sequence[str]) -> RewriteMode:
    """The mode by its name, one of `names`; raises `ValueError`."""
    if name not in names:
        raise ValueError(f"mode is {name!r}; modes are: {', '.join(names)}")
    return MODES[name]
