"""Copy into a WooCommerce CSV: the whole file again, or only what changes.

Each finds a product's row in the export again, by an index on the disk, so that memory
does not grow with the file. What is written is HTML that WordPress keeps as it is, with
no backslash in it (the importer drops them) and nothing that begins like a formula.
"""

from __future__ import annotations

import json
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ..errors import CatalogError
from ..records import Description, Product
from .characters import formula
from .delimited import Row, changed, open_table, row_bytes
from .files import NewFile
from .fill import Choice, check_overwrite, choose
from .protocol import Edit, Saved
from .woocommerce.text import (
    MAX_TAG_CHARS,
    Unstorable,
    body_html,
    canonical,
    line,
    list_html,
    title_html,
)
from .woocommerce_csv_columns import Columns, find_columns

WRITES = ("title", "bullets", "description", "tags")
"""Fields that an import file can carry, where the export has their columns."""


class _WooCommerceCsvSink(ABC):
    """What both have in common. The file at `out` appears when the block ends well."""

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
        self._overwrite = check_overwrite(overwrite, WRITES)
        self._table = open_table(source_path, delimiter=delimiter, encoding=encoding)
        self._columns = find_columns(self._table.header, self._table.path)
        self._writes = [name for name in WRITES if name in self._columns.at]
        if lacking := [name for name in overwrite if name not in self._writes]:
            raise CatalogError(
                f"{self._table.path}: has no column for {', '.join(lacking)}, which "
                "overwrite names"
            )
        self._stamp = self._stat()
        self._new: NewFile | None = None
        self._rows: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self._new = NewFile(self.path)
        # "" is a database that sqlite keeps in a file without a name
        rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        rows.execute(
            "CREATE TABLE rows (key TEXT PRIMARY KEY, offset INTEGER, size INTEGER, "
            "line INTEGER, changes TEXT) WITHOUT ROWID"
        )
        rows.execute("BEGIN")
        offset = self._table.start
        for part in self._table.everything():
            size = len(part.raw)
            if isinstance(part, Row) and self._is_product(part):
                key = self._columns.key(part.cells, part.line)
                # of two rows with one key the first counts, and the second stays as it is
                rows.execute(
                    "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, NULL)",
                    (key, offset, size, part.line),
                )
            offset += size
        self._rows = rows
        return self

    def save(self, product: Product, description: Description) -> Saved:
        """What is written of `description`; of two for one product the last one counts."""
        if self._rows is None:
            raise ValueError(f"{self.path}: a sink is used inside its `with` block")
        row = self._row(self._rows, product.id)
        if row is None:
            reason = f"{self._table.path} has no readable row of {product.id!r}"
            return Saved(product.id, "refused", reason=reason)
        held = self._columns.held(row.cells)
        choice = choose(held, description, writes=self._writes, overwrite=self._overwrite)
        try:
            texts = _texts(self._columns, row, choice)
            changed(row, self._by_column(texts), self._table.dialect)
        except Unstorable as e:
            return Saved(product.id, "refused", kept=choice.kept, reason=str(e))
        except UnicodeEncodeError as e:
            encoding, character = self._table.dialect.encoding, e.object[e.start]
            reason = f"{encoding}, the file's encoding, has no {character!a}"
            return Saved(product.id, "refused", kept=choice.kept, reason=reason)
        if why := self._refusal(row) if texts else "":
            return Saved(product.id, "refused", kept=choice.kept, reason=why)
        self._rows.execute(
            "UPDATE rows SET changes = ? WHERE key = ?",
            (json.dumps(texts) if texts else None, product.id),
        )
        edits = tuple(
            Edit(name, self._columns.cell(row.cells, name), text)
            for name, text in texts.items()
        )
        return Saved(product.id, "written" if edits else "unchanged", edits, choice.kept)

    def _is_product(self, row: Row) -> bool:
        return any(row.cells) and not self._columns.is_variation(row.cells)

    def _row(self, rows: sqlite3.Connection, key: str) -> Row | None:
        found = rows.execute(
            "SELECT offset, size, line FROM rows WHERE key = ?",
            (key.encode("utf-8", "replace").decode(),),
        ).fetchone()
        if found is None:
            return None
        offset, size, at = found
        with self._table.path.open("rb") as source:
            return self._at(source, offset, size, at)

    def _at(self, source: BinaryIO, offset: int, size: int, at: int) -> Row:
        source.seek(offset)
        return self._table.row(source.read(size), at)

    def _by_column(self, texts: Mapping[str, str]) -> dict[int, str]:
        return {self._columns.at[name]: text for name, text in texts.items()}

    def _refusal(self, row: Row) -> str:
        """Why this row cannot be changed."""
        return ""

    @abstractmethod
    def _write(self, out: BinaryIO, rows: sqlite3.Connection) -> None:
        """The whole file, from the changes that were kept, in the export's order."""

    def _stat(self) -> tuple[int, int]:
        there = self._table.path.stat()
        return there.st_size, there.st_mtime_ns

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        new, rows = self._new, self._rows
        if new is None or rows is None:
            return
        self._new = self._rows = None
        try:
            if kind is not None:
                return
            if self._stat() != self._stamp:
                raise CatalogError(f"{self._table.path}: was changed since it was opened")
            self._write(new.file, rows)
            new.keep()
        except OSError as e:
            raise CatalogError(f"{self.path}: cannot be written: {e.strerror or e}") from e
        finally:
            new.drop()  # nothing is left to drop once it was kept
            rows.close()


_CHANGED = (
    "SELECT offset, size, line, changes FROM rows WHERE changes IS NOT NULL ORDER BY offset"
)


class WooCommerceCsvFile(_WooCommerceCsvSink):
    """The whole export again: every byte the same, but for the cells meant to change."""

    def _write(self, out: BinaryIO, rows: sqlite3.Connection) -> None:
        with self._table.path.open("rb") as source:
            for offset, size, at, changes in rows.execute(_CHANGED):
                _copy(source, out, offset - source.tell())
                row = self._at(source, offset, size, at)
                texts = self._by_column(json.loads(changes))
                out.write(changed(row, texts, self._table.dialect))
            _copy(source, out, self._stamp[0] - source.tell())


class WooCommerceCsvChanges(_WooCommerceCsvSink):
    """Only products that change, and of them only ID, SKU and columns that change.

    A column is there for all products of the file, and an empty cell would erase, so where
    a product's cell does not change the merchant's present text stands.
    """

    def _refusal(self, row: Row) -> str:
        if self._columns.cell(row.cells, "id") or self._columns.cell(row.cells, "sku"):
            return ""
        return f"line {row.line} has neither ID nor SKU, so an import would add a product"

    def _write(self, out: BinaryIO, rows: sqlite3.Connection) -> None:
        at, dialect = self._columns.at, self._table.dialect
        named: set[str] = set()
        for *_, changes in rows.execute(_CHANGED):
            named |= json.loads(changes).keys()
        keys = {"id", "sku"} & set(at)
        columns = sorted(at[role] for role in keys | named)
        out.write(dialect.bom)
        out.write(row_bytes([self._table.header[c] for c in columns], dialect))
        with self._table.path.open("rb") as source:
            for offset, size, line_number, changes in rows.execute(_CHANGED):
                row = self._at(source, offset, size, line_number)
                texts = self._by_column(json.loads(changes))
                cells = [texts.get(c, row.cells[c]) for c in columns]
                out.write(row_bytes(cells, dialect))


def _texts(columns: Columns, row: Row, choice: Choice) -> dict[str, str]:
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
    said = line(name, "the tag")
    if len(said) > MAX_TAG_CHARS:
        raise Unstorable(
            f"the tag {said[:40]!a}... has {len(said)} characters; {MAX_TAG_CHARS} are kept"
        )
    return said.replace(",", "\\,")


def _copy(source: BinaryIO, out: BinaryIO, size: int) -> None:
    while size and (block := source.read(min(size, 1 << 20))):
        out.write(block)
        size -= len(block)
