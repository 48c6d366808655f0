"""Where copy for a Shopify CSV goes: the full file, the changed cells only, or a review."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import ClassVar

from ....records import Description
from ...delimited.adjacency import Key
from ...delimited.row_index import Group
from ...delimited.table import Table
from ...output.rewrite_modes import ChangesMode, ReviewMode, WholeMode
from ...output.rewrite_sink import Change, RewriteSink
from .columns import find_columns
from .edits import WRITES, plan

_PHOTO = ("image", "position", "alt_texts")


class _Export:
    """A Shopify CSV as it is rewritten; see `rewriting.Export`."""

    WRITES: ClassVar[tuple[str, ...]] = WRITES

    def __init__(self, table: Table, overwrite: frozenset[str]) -> None:
        self.table = table
        self.columns = find_columns(table.header, table.path)
        self.at: Mapping[str, int] = self.columns.at
        self.by: Key = self.at["handle"]
        self._overwrite = overwrite
        photo = [role for role in _PHOTO if role in self.at]
        others = [role for role in WRITES if role not in _PHOTO]
        present = photo + [role for role in others if role in self.at]
        absent = [role for role in (*others, *_PHOTO) if role not in self.at]
        self.roles = ("handle", *present, *absent)
        self._place = {role: place for place, role in enumerate(self.roles)}
        self._photo = _cells_at([self.at[role] for role in photo])
        self._present = _cells_at([self.at[role] for role in present])
        self._absent = ("",) * len(absent)
        # an alt text that the file has no column for stands among the last
        blank = len(self.roles) - 1 - len(photo) if "alt_texts" in absent else 0
        self._blank = ("",) * blank

    def change(self, group: Group, description: Description, *, adds: bool) -> Change:
        return plan(
            group,
            self.columns,
            description,
            overwrite=self._overwrite,
            encoding=self.table.dialect.encoding,
            adds=adds,
        )

    def rows(self, change: Change) -> list[list[str]]:
        """The keys are handle and title, and where alt texts change the photo's too."""
        handle, image = change.group.key, self.at.get("image")
        speaks = change.group.rows[change.main_row].cells
        rows = {change.main_row: [handle, *self._present(speaks), *self._absent]}
        if image is not None:
            for n, (_, cells, _) in enumerate(change.group.rows):
                if cells[image].strip() and n != change.main_row:
                    rows[n] = [handle, *self._photo(cells), *self._blank]
        for (n, role), text in change.cells.items():
            rows[n][self._place[role]] = text
        return list(rows.values())

    def beside(self, roles: Collection[str]) -> set[str]:
        photo = set(_PHOTO) & self.at.keys() if "alt_texts" in roles else set()
        return {"handle", "title"} | photo

    def name(self, role: str) -> str:
        return self.columns.name(role)


def _cells_at(columns: Sequence[int]) -> Callable[[list[str]], Sequence[str]]:
    """What picks these cells of a row."""
    if not columns:
        return lambda _: ()
    return itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)


class ShopifyCsvFile(RewriteSink):
    """The whole file again: every byte the same, but for the cells meant to change.

    A field whose column the file has not is not written; `Saved.reason` says so.
    """

    export, form = _Export, WholeMode()


class ShopifyCsvChanges(RewriteSink):
    """Only products that change, and of them only key columns and columns that change.

    The keys are handle and title, and where alt texts change the photo's URL and position.
    Where a product's cell does not change the merchant's present text stands.
    """

    export, form = _Export, ChangesMode()


class ShopifyCsvReview(RewriteSink):
    """A list for a person: one row a change, with the text before and after.

    A cell that a spreadsheet would run begins with an apostrophe, the merchant's too, so
    this file is not for importing.
    """

    export, form = _Export, ReviewMode()
