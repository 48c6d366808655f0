"""`Rewriting`: what all sinks share that make a file from the one that was read.

A product's rows are looked up in the source file again, so that what is written depends
on the file alone. A shop's `Export` says what becomes of them, a `Form` what is written of
that. To add a shop's: an `Export`, and a class of two lines for each form.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ClassVar, NamedTuple, Protocol, Self

from ...errors import CatalogError
from ...records import Description, Product
from ..delimited.adjacency import Key
from ..delimited.recent import Version
from ..delimited.row_index import Group
from ..delimited.row_lookup import Lookup
from ..delimited.table import Table, open_table
from ..merge_policy import check_overwrite
from ..protocol import Saved
from .atomic_file import AtomicFile
from .spool import Entry, Spool


class Change(NamedTuple):
    """What becomes of one product's rows.

    cells: the new text of each cell that changes, by row of the group and role. saved:
    the answer to the caller. speaks: the row that speaks for the product. lost: why an
    import of the changes alone would not find the product, "" where it would.
    """

    group: Group
    cells: Mapping[tuple[int, str], str]
    saved: Saved
    main_row: int = 0
    lost: str = ""


class Export(Protocol):
    """One file of a shop, as it is rewritten.

    at: the column of each role. by: what tells products apart. roles: those that a file
    of changes may hold.
    """

    WRITES: ClassVar[tuple[str, ...]]
    table: Table
    at: Mapping[str, int]
    by: Key
    roles: tuple[str, ...]

    def __init__(self, table: Table, overwrite: frozenset[str]) -> None: ...

    def change(self, group: Group, description: Description, *, adds: bool) -> Change:
        """What to write; with `adds` into columns that the file has not, too."""
        ...

    def rows(self, change: Change) -> list[list[str]]:
        """The product in a file of changes, a cell a role; further rows: further photos.

        Those may end before the roles of no photo.
        """
        ...

    def beside(self, roles: Collection[str]) -> set[str]:
        """The roles that a file of changes needs where these change."""
        ...

    def name(self, role: str) -> str:
        """What the column of a role that the file has not would be called."""
        ...


class RewriteMode(Protocol):
    """What is written of changes.

    adds: also columns that the source has not. alone: an import finds products by the
    new file alone.
    """

    adds: bool
    alone: bool

    def entries(self, change: Change, export: Export) -> Sequence[Entry]:
        """What to keep of one product; the offsets are of its rows."""
        ...

    def write(self, out: BinaryIO, kept: Spool, export: Export) -> None:
        """The whole file, from what was kept."""
        ...


class RewriteSink:
    """A sink for a file at `out`, made from the file at `source_path`.

    It appears when the `with` block ends without an error; it may be the same path.
    """

    export: ClassVar[type[Export]]
    mode: ClassVar[RewriteMode]

    def __init__(
        self,
        source_path: str | os.PathLike[str],
        out: str | os.PathLike[str],
        *,
        overwrite: Collection[str] = (),
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> None:
        self.path = Path(out)
        allowed = check_overwrite(overwrite, self.export.WRITES)
        self.table = open_table(source_path, delimiter=delimiter, encoding=encoding)
        self._export = self.export(self.table, allowed)
        self._version = Version.of(self.table)
        self._rows = Lookup(self.table, self._export.by)
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
        change = self._export.change(group, description, adds=self.mode.adds)
        saved = change.saved
        entries: Sequence[Entry] = ()
        if change.cells and change.lost and self.mode.alone:
            saved = replace(saved, status="refused", edits=(), reason=change.lost)
        elif change.cells:
            entries = self.mode.entries(change, self._export)
        try:
            self._open[1].put(group.offsets, entries)
        except (OSError, sqlite3.Error) as e:
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
        (new, kept), self._open = self._open, None
        self._rows.close()
        try:
            if kind is not None:
                return
            if Version.of(self.table) != self._version:
                raise CatalogError(f"{self.table.path}: was changed since it was opened")
            self.mode.write(new.file, kept, self._export)
            new.keep()
        except (OSError, sqlite3.Error) as e:
            raise CatalogError(f"{self.path}: cannot be written: {e}") from e
        finally:
            new.drop()  # nothing is left to drop once it was kept
            kept.close()
