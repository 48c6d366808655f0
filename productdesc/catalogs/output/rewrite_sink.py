"""`RewriteSink`: the base of sinks that rewrite an export file, the one that was read.

A product's rows are looked up in the source file again, so that what is written depends
on the file alone. A shop's `Export` says which cells change, a `RewriteMode` what is
written of that. To add a shop's: an `Export`, and a sink that gives it to `RewriteSink`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from ...errors import CatalogError
from ...output_file import OutputFile, is_same_file, open_output
from ...records import Description, Evidence, Finding, Product
from ...text.printable import quoted
from ..delimited.adjacency import Key
from ..delimited.row_index import Group, RowLookup
from ..delimited.table import FileVersion, Row, Table
from ..merge_policy import Current
from ..protocol import Saved, SaveLog
from .publishable import publishable
from .spool import Spool, SpoolEntry

_LINES_NAMED = 5
"""Rows with one key that are named by their lines."""


class Change(NamedTuple):
    """The cells of one product's rows that change.

    cells: the new text of each, by row of the group and role. saved: the answer to the
    caller. main_row: the row that speaks for the product. unmatched: why an import of the
    changes alone would not find the product, "" where it would. findings: those of the
    description.
    """

    group: Group
    cells: Mapping[tuple[int, str], str]
    saved: Saved
    main_row: int = 0
    unmatched: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = MappingProxyType({})


class Export(Protocol):
    """A shop's export file, as it is rewritten.

    at: the column of each role. by: what tells products apart. roles: those that a file
    of changes may hold.
    """

    table: Table
    at: Mapping[str, int]
    by: Key
    roles: tuple[str, ...]

    def change(
        self, group: Group, description: Description, *, adds_columns: bool
    ) -> Change:
        """What to write; with `adds_columns` into columns that the file has not, too."""
        ...

    def needs(self, product: Product, *, adds_columns: bool) -> frozenset[str]:
        """The fields that `change` would write; see `protocol.SelectiveSink`."""
        ...

    def current(self, row: Row) -> Current | None:
        """The copy of a row that is a product of its own; None: it is one of several.

        Of two such rows with one key the file does not tell which one is meant.
        """
        ...

    def rows(self, change: Change) -> list[list[str]]:
        """The product in a file of changes, a cell a role; further rows: further photos.

        Those may end before the roles of no photo.
        """
        ...

    def key_roles(self, roles: Collection[str]) -> set[str]:
        """The roles by which an import finds what changes, where `roles` change."""
        ...

    def former(self, cell: str) -> str:
        """A cell of the source, so that an import of it stores what stands there now."""
        ...

    def column_name(self, role: str) -> str:
        """What the column of a role that the file has not would be called."""
        ...


class RewriteMode(Protocol):
    """How a rewritten file is made of the changes: whole, changes only, for review.

    adds_columns: also those that the source has not. standalone: an import finds products
    by the new file alone. holds_source: all that stands in the source is in the new file
    too, so that it may take the source's place.
    """

    adds_columns: bool
    standalone: bool
    holds_source: bool

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        """What to spool of one product; the offsets are of its rows."""
        ...

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        """The whole file, from what was spooled."""
        ...


class RewriteSink:
    """A sink for a file at `out`, made from the file of `export`.

    It appears when the `with` block ends without an error. It may be the same path, where
    the new file holds all of the source; any other file that exists is replaced only with
    `replace`, and none is by a run that saved no product. "-" is standard output.
    """

    def __init__(
        self,
        export: Export,
        out: str | os.PathLike[str],
        mode: RewriteMode,
        *,
        replace: bool = False,
    ) -> None:
        self.path = Path(out)
        self.table = export.table
        if is_same_file(out, self.table.path) and not mode.holds_source:
            raise ValueError(
                f"{self.path}: is the file that is read, and what is written holds only a "
                "part of it; name another file"
            )
        self._saves = SaveLog(lambda: out)
        self._export = export
        self._mode = mode
        self._replace = replace
        self._is_idle = True  # no product was saved so far
        self._version = FileVersion.of(self.table.path)
        self._rows = RowLookup(self.table, export.by)
        self._open: tuple[OutputFile, Spool] | None = None

    def __enter__(self) -> Self:
        source = self.table.path if self._mode.holds_source else None
        new = open_output(self.path, replace=self._replace, source=source)
        self._open = new, Spool()
        return self

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read."""
        return self._export.needs(product, adds_columns=self._mode.adds_columns)

    def save(self, product: Product, description: Description) -> Saved:
        """What is written of `description`; of two for one product the last one counts."""
        if self._open is None:
            raise ValueError(f"{self.path}: a sink is used inside its `with` block")
        description, held_back = publishable(description)
        saved = self._saved(product, description, self._open[1]).with_reason(held_back)
        self._is_idle = self._is_idle and saved.status == "refused"
        return self._saves.note(saved)

    def skip(self, product: Product) -> Saved:
        """See `FileSink`."""
        self._is_idle = False
        return self._saves.note(Saved(product.id, "unchanged"))

    def _saved(self, product: Product, description: Description, spool: Spool) -> Saved:
        group = self._rows.find(product.id)
        if group is None:
            reason = (
                f"{self.table.path} has no readable row of {quoted(product.id, 'name')}"
            )
            return Saved(product.id, "refused", reason=reason)
        adds = self._mode.adds_columns
        change = self._export.change(group, description, adds_columns=adds)
        saved = change.saved
        entries: Sequence[SpoolEntry] = ()
        if change.cells and change.unmatched and self._mode.standalone:
            saved = replace(saved, status="refused", edits=(), reason=change.unmatched)
        elif change.cells:
            change = change._replace(
                findings=description.findings, evidence=description.evidence
            )
            entries = self._mode.entries(change, self._export)
        try:
            if why := self._repeated(group, product, entries, spool):
                return replace(saved, status="refused", edits=(), reason=why)
            spool.put(group.offsets, entries)
        except sqlite3.Error as e:
            raise CatalogError(f"{self.path}: what is to be written: {e}") from e
        return saved

    def _repeated(
        self, group: Group, product: Product, entries: Sequence[SpoolEntry], spool: Spool
    ) -> str:
        """Why a product is not the one that its row speaks of, "" where it may be.

        Of several products with one key only the first is written, and once: the text of
        another must never land on it.
        """
        current = self._export.current(group.rows[0]) if len(group.rows) > 1 else None
        if current is None:
            return ""
        before = spool.entries_at(group.offsets)
        is_first = _texts(current) == _texts(Current.of(product))
        if is_first and before in ([], list(entries)):
            return ""
        lines = [str(row.line) for row in group.rows[:_LINES_NAMED]]
        lines += ["..."] * (len(group.rows) > _LINES_NAMED)
        return (
            f"{len(group.rows)} rows of {self.table.path} go by "
            f"{quoted(group.key, 'name')} (lines {', '.join(lines)}) and only the "
            "first is written; give each product an id of its own"
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._ended() as (new, spool):
                if new and spool and kind is None and not (self._is_idle and new.replaces):
                    self._write(new, spool)
                    new.keep()
        finally:
            self._saves.end(appears=kind is None)

    def keep_part(self) -> str:
        """See `FileSink`. Of a whole file, rows not reached are as in the source."""
        with self._ended() as (new, spool):
            if new is None or spool is None or self._is_idle:
                return ""
            self._write(new, spool)
            return new.keep_part()

    @contextlib.contextmanager
    def _ended(self) -> Iterator[tuple[OutputFile | None, Spool | None]]:
        """The new file and the spool, for the last time; None where they are closed."""
        if self._open is None:
            yield None, None
            return
        (new, spool), self._open = self._open, None
        self._rows.close()
        try:
            yield new, spool
        except (OSError, sqlite3.Error) as e:
            reason = getattr(e, "strerror", None) or e
            raise CatalogError(f"{self.path}: cannot be written: {reason}") from e
        finally:
            new.drop()  # nothing is left to drop once it was kept
            spool.close()

    def _write(self, new: OutputFile, spool: Spool) -> None:
        if FileVersion.of(self.table.path) != self._version:
            raise CatalogError(f"{self.table.path}: was changed since it was opened")
        self._mode.write(new.file, spool, self._export)


def _texts(current: Current) -> Current:
    return current._replace(attributes={})  # which a caller may have added to
