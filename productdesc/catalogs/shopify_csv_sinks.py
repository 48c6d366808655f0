"""Where copy for a Shopify CSV goes: the full file, the changed cells only, or a review.

Each looks up a product's rows in the source file again, so that what it writes depends on
the file alone.
"""

from __future__ import annotations

import codecs
import marshal
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ..errors import CatalogError
from ..records import Description, Product
from .characters import defused
from .delimited import Dialect, changed, open_table, row_bytes
from .files import NewFile
from .fill import check_overwrite
from .markup import to_text
from .protocol import Saved
from .shopify_columns import find_columns
from .shopify_csv_lookup import Lookup
from .shopify_csv_plan import WRITES, Plan, plan
from .shopify_csv_rows import Group

_COPY_BYTES = 1 << 20

Entry = tuple[int, int | str, bytes | str]
"""An offset in the source, a note and what to write: kept on the disk until the end.

Written and read by the same process, so marshal, the quickest, will do.
"""


class _ShopifyCsvSink(ABC):
    """What the three have in common: finding a product's rows, and keeping what to write.

    The file at `out` appears when the `with` block ends without an error.
    """

    _adds = True

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
        self.overwrite = check_overwrite(overwrite, WRITES)
        self.table = open_table(source_path, delimiter=delimiter, encoding=encoding)
        self.columns = find_columns(self.table.header, self.table.path)
        self._stamp = self._stat()
        self._new: NewFile | None = None
        self._kept: sqlite3.Connection | None = None
        self._rows = Lookup(self.table, self.columns.at["handle"])
        self._reached = -1  # the highest offset of which anything was kept

    def __enter__(self) -> Self:
        self._new = NewFile(self.path)
        # "" is a database that sqlite keeps in a file without a name
        self._kept = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._kept.execute("CREATE TABLE kept (offset INTEGER PRIMARY KEY, note, new)")
        self._kept.execute("BEGIN")
        self._reached = -1
        return self

    def save(self, product: Product, description: Description) -> Saved:
        """What is written of `description`; of two for one product the last one counts."""
        if self._kept is None:
            raise ValueError(f"{self.path}: a sink is used inside its `with` block")
        group = self._rows.find(product.id)
        if group is None:
            reason = f"{self.table.path} has no readable row of {product.id!r}"
            return Saved(product.id, "refused", reason=reason)
        made = plan(
            group,
            self.columns,
            description,
            overwrite=self.overwrite,
            encoding=self.table.dialect.encoding,
            adds=self._adds,
        )
        refused = self._refusal(made) if made.cells else ""
        entries = self._entries(group, made) if made.cells and not refused else []
        try:
            if group.offsets[0] <= self._reached:
                offsets = [(offset,) for offset in group.offsets]
                self._kept.executemany("DELETE FROM kept WHERE offset = ?", offsets)
            self._kept.executemany("INSERT INTO kept VALUES (?, ?, ?)", entries)
        except sqlite3.Error as e:
            raise CatalogError(f"{self.path}: what is to be written: {e}") from e
        self._reached = max(self._reached, group.offsets[-1])
        if refused:
            return Saved(product.id, "refused", reason=refused)
        return made.saved

    def _refusal(self, made: Plan) -> str:
        return ""

    @abstractmethod
    def _entries(self, group: Group, made: Plan) -> list[Entry]:
        """What to keep of one product; the offsets are of its rows."""

    @abstractmethod
    def _write(self, out: BinaryIO, kept: sqlite3.Connection) -> None:
        """The whole file, from what was kept, in the source's order."""

    def _stat(self) -> tuple[int, int]:
        there = self.table.path.stat()
        return there.st_size, there.st_mtime_ns

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        new, kept = self._new, self._kept
        if new is None or kept is None:
            return
        self._new = self._kept = None
        self._rows.close()
        try:
            if kind is not None:
                return
            if self._stat() != self._stamp:
                raise CatalogError(f"{self.table.path}: was changed since it was opened")
            self._write(new.file, kept)
            new.keep()
        except (OSError, sqlite3.Error) as e:
            raise CatalogError(f"{self.path}: cannot be written: {e}") from e
        finally:
            new.drop()  # nothing is left to drop once it was kept
            kept.close()


class ShopifyCsvFile(_ShopifyCsvSink):
    """The whole file again: every byte the same, but for the cells meant to change.

    A field whose column the file has not is not written; `Saved.reason` says so.
    """

    _adds = False

    def _entries(self, group: Group, made: Plan) -> list[Entry]:
        changes: dict[int, dict[int, str]] = {}
        for (row, role), text in made.cells.items():
            changes.setdefault(row, {})[self.columns.at[role]] = text
        return [
            (
                group.offsets[row],
                len(group.rows[row].raw),
                changed(group.rows[row], cells, self.table.dialect),
            )
            for row, cells in changes.items()
        ]

    def _write(self, out: BinaryIO, kept: sqlite3.Connection) -> None:
        entries = kept.execute("SELECT offset, note, new FROM kept ORDER BY offset")
        with self.table.path.open("rb") as source:
            for offset, size, new in entries:
                _copy(source, out, offset - source.tell())
                out.write(new)
                source.seek(size, os.SEEK_CUR)
            _copy(source, out, self._stamp[0] - source.tell())


def _copy(source: BinaryIO, out: BinaryIO, size: int) -> None:
    while size and (block := source.read(min(size, _COPY_BYTES))):
        out.write(block)
        size -= len(block)


_PHOTO = ("image", "position", "alt_texts")


class ShopifyCsvChanges(_ShopifyCsvSink):
    """Only products that change, and of them only key columns and columns that change.

    The keys are handle and title, and where alt texts change the photo's URL and position.
    A column is there for all products of the file, and a blank would erase, so where a
    product's cell does not change the merchant's present text stands.
    """

    def _refusal(self, made: Plan) -> str:
        if made.copy.text("title").strip() or (made.copy.speaks, "title") in made.cells:
            return ""
        return "it has no title, and Shopify updates no product without one"

    def _entries(self, group: Group, made: Plan) -> list[Entry]:
        at, speaking = self.columns.at, group.rows[made.copy.speaks].cells
        texts = {role: speaking[at[role]] for role in WRITES if role in at}
        texts |= {role: text for (_, role), text in made.cells.items()}
        photos: list[tuple[str, ...]] = [("", "", "")]
        if "image" in at:
            for n, row in enumerate(group.rows):
                image, position, alt = self._photo(row.cells)
                alt = made.cells.get((n, "alt_texts"), alt)
                if n == made.copy.speaks:
                    photos[0] = image, position, alt
                elif image.strip():
                    photos.append((image, position, alt))
        roles = " ".join(sorted({role for _, role in made.cells}))
        entry = marshal.dumps((group.handle, texts, photos))
        return [(group.offsets[0], roles, entry)]

    def _photo(self, cells: list[str]) -> list[str]:
        at = self.columns.at
        return [cells[at[role]] if role in at else "" for role in _PHOTO]

    def _write(self, out: BinaryIO, kept: sqlite3.Connection) -> None:
        at, dialect = self.columns.at, self.table.dialect
        found = kept.execute("SELECT DISTINCT note FROM kept")
        roles = {"handle", "title"}.union(*(names.split() for (names,) in found))
        if "alt_texts" in roles:
            roles |= set(_PHOTO) & set(at)
        order = sorted(roles, key=lambda role: (at.get(role, len(at) * 99), role))
        names = [
            self.table.header[at[role]] if role in at else self.columns.name(role)
            for role in order
        ]
        out.write(dialect.bom + row_bytes(names, dialect))
        for (entry,) in kept.execute("SELECT new FROM kept ORDER BY offset"):
            handle, texts, photos = marshal.loads(entry)
            for photo in photos if "alt_texts" in roles else photos[:1]:
                row = {**texts, "handle": handle, **dict(zip(_PHOTO, photo, strict=True))}
                out.write(row_bytes([row.get(role, "") for role in order], dialect))
                texts = {}


class ShopifyCsvReview(_ShopifyCsvSink):
    """A list for a person: one row a change, with the text before and after.

    For a spreadsheet, whatever the source's dialect: UTF-8 with a byte order mark, commas.
    A cell that a spreadsheet would run begins with an apostrophe, the merchant's too, so
    this file is not for importing.
    """

    def _entries(self, group: Group, made: Plan) -> list[Entry]:
        edits = [(e.field, e.target, e.before, e.after) for e in made.saved.edits]
        return [(group.offsets[0], "", marshal.dumps((group.handle, edits)))]

    def _write(self, out: BinaryIO, kept: sqlite3.Connection) -> None:
        out.write(_REVIEW.bom)
        out.write(row_bytes(["Handle", "Field", "Photo", "Before", "After"], _REVIEW))
        for (entry,) in kept.execute("SELECT new FROM kept ORDER BY offset"):
            handle, edits = marshal.loads(entry)
            for field, photo, before, after in edits:
                if field == "description":
                    before, after = to_text(before), to_text(after)
                cells = [handle, field, photo, before, after]
                out.write(row_bytes([defused(cell) for cell in cells], _REVIEW))


_REVIEW = Dialect("utf-8", codecs.BOM_UTF8, ",", "\r\n", quotes_all=False)
