"""`RewriteSink`: the base of sinks that rewrite an export file, the one that was read.

A product's rows are looked up in the source file again, so that what is written depends
on the file alone. A shop's `Export` says which cells change, a `RewriteMode` what is
written of that. To add a shop's: an `Export`, and a sink that gives it to `RewriteSink`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from ...errors import CatalogError
from ...records import Description, Product
from ..delimited.adjacency import Key
from ..delimited.row_index import Group, RowLookup
from ..delimited.table import FileVersion, Table
from ..protocol import Saved
from .atomic_file import AtomicFile
from .spool import Spool, SpoolEntry


class Change(NamedTuple):
    """The cells of one product's rows that change.

    cells: the new text of each, by row of the group and role. saved: the answer to the
    caller. main_row: the row that speaks for the product. unmatched: why an import of the
    changes alone would not find the product, "" where it would.
    """

    group: Group
    cells: Mapping[tuple[int, str], str]
    saved: Saved
    main_row: int = 0
    unmatched: str = ""


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

    def rows(self, change: Change) -> list[list[str]]:
        """The product in a file of changes, a cell a role; further rows: further photos.

        Those may end before the roles of no photo.
        """
        ...

    def key_roles(self, roles: Collection[str]) -> set[str]:
        """The roles by which an import finds what changes, where `roles` change."""
        ...

    def column_name(self, role: str) -> str:
        """What the column of a role that the file has not would be called."""
        ...


class RewriteMode(Protocol):
    """How a rewritten file is made of the changes: whole, changes only, for review.

    adds_columns: also those that the source has not. standalone: an import finds products
    by the new file alone.
    """

    adds_columns: bool
    standalone: bool

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        """What to spool of one product; the offsets are of its rows."""
        ...

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        """The whole file, from what was spooled."""
        ...


class RewriteSink:
    """A sink for a file at `out`, made from the file of `export`.

    It appears when the `with` block ends without an error; it may be the same path.
    """

    def __init__(
        self, export: Export, out: str | os.PathLike[str], mode: RewriteMode
    ) -> None:
        self.path = Path(out)
        self.table = export.table
        self._export = export
        self._mode = mode
        self._version = FileVersion.of(self.table.path)
        self._rows = RowLookup(self.table, export.by)
        self._open: tuple[AtomicFile, Spool] | None = None

    def __enter__(self) -> Self:
        self._open = AtomicFile(self.path), Spool()
        return self

    def save(self, product: Product, description: Description) -> Saved:
        """What is written of `description`; of two for one product the last one counts."""
        if self._open is None:
            raise ValueError(f"{self.path}: a sink is used inside its `with` block")
        group = self._rows.find(product.id)
        if group is None:
            reason = f"{self.table.path} has no readable row of {product.id!r}"
            return Saved(product.id, "refused", reason=reason)
        adds = self._mode.adds_columns
        change = self._export.change(group, description, adds_columns=adds)
        saved = change.saved
        entries: Sequence[SpoolEntry] = ()
        if change.cells and change.unmatched and self._mode.standalone:
            saved = replace(saved, status="refused", edits=(), reason=change.unmatched)
        elif change.cells:
            entries = self._mode.entries(change, self._export)
        try:
            self._open[1].put(group.offsets, entries)
        except sqlite3.Error as e:
            raise CatalogError(f"{self.path}: what is to be written: {e}") from e
        return saved

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open is None:
            return
        (new, spool), self._open = self._open, None
        self._rows.close()
        try:
            if kind is not None:
                return
            if FileVersion.of(self.table.path) != self._version:
                raise CatalogError(f"{self.table.path}: was changed since it was opened")
            self._mode.write(new.file, spool, self._export)
            new.keep()
        except (OSError, sqlite3.Error) as e:
            raise CatalogError(f"{self.path}: cannot be written: {e}") from e
        finally:
            new.drop()  # nothing is left to drop once it was kept
            spool.close()
