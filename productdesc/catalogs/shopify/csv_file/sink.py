"""Shopify's product CSV as a sink: an export rewritten whole, changes only, for review."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Literal

from ....net.network_access import NO_ACCESS, NetworkAccess
from ....records import Description, Product
from ...delimited.adjacency import Key
from ...delimited.row_index import Group
from ...delimited.table import Row
from ...merge_policy import Current, check_overwrite
from ...output.rewrite_modes import find_mode
from ...output.rewrite_sink import Change, RewriteSink
from .edits import WRITES, needs, plan
from .source import ShopifyCsvSource

Mode = Literal["whole", "changes", "rollback", "review"]
MODES: tuple[Mode, ...] = ("whole", "changes", "rollback", "review")

_PHOTO = ("image", "position", "alt_texts")


class _Export:
    """A Shopify CSV as it is rewritten; see `rewrite_sink.Export`."""

    def __init__(self, source: ShopifyCsvSource, overwrite: frozenset[str]) -> None:
        self.table = source.table
        self.columns = source.columns
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

    def change(
        self, group: Group, description: Description, *, adds_columns: bool
    ) -> Change:
        return plan(
            group,
            self.columns,
            description,
            overwrite=self._overwrite,
            encoding=self.table.dialect.encoding,
            adds_columns=adds_columns,
        )

    def needs(self, product: Product, *, adds_columns: bool) -> frozenset[str]:
        return needs(
            product, self.columns, overwrite=self._overwrite, adds_columns=adds_columns
        )

    def current(self, row: Row) -> Current | None:
        return None  # a product has a row for each variant and photo

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

    def key_roles(self, roles: Collection[str]) -> set[str]:
        photo = set(_PHOTO) & self.at.keys() if "alt_texts" in roles else set()
        return {"handle", "title"} | photo

    def former(self, cell: str) -> str:
        return cell

    def column_name(self, role: str) -> str:
        return self.columns.name(role)


def _cells_at(columns: Sequence[int]) -> Callable[[list[str]], Sequence[str]]:
    """What picks these cells of a row."""
    if not columns:
        return lambda _: ()
    return itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)


class ShopifyCsvSink(RewriteSink):
    """A Shopify CSV at `out` for importing, made from an export.

    export: its path; or the source that reads it, where that was given a folder of photos,
    so that both see the same photos.

    mode="whole": the file again, every byte the same but for the cells meant to change. A
    field whose column the file has not is not written; `Saved.reason` says so.
    mode="changes": only products that change, and of them only key columns and columns
    that change. The keys are handle and title, and where alt texts change the photo's URL
    and position. Where a product's cell does not change the merchant's present text stands.
    mode="rollback": what takes those changes back: the same products and columns with the
    merchant's texts as the export has them.
    mode="review": a list for a person, one row a change, with the text before and after.
    A cell that a spreadsheet would run begins with an apostrophe, the merchant's too, so
    this file is not for importing.
    network: as its source was given, so that both see the same photos.
    """

    def __init__(
        self,
        export: str | os.PathLike[str] | ShopifyCsvSource,
        out: str | os.PathLike[str],
        *,
        mode: Mode = "whole",
        overwrite: Collection[str] = (),
        replace: bool = False,
        delimiter: str | None = None,
        encoding: str | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        rewrite_mode, allowed = find_mode(mode, MODES), check_overwrite(overwrite, WRITES)
        if not isinstance(export, ShopifyCsvSource):
            export = ShopifyCsvSource(
                export, delimiter=delimiter, encoding=encoding, network=network
            )
        super().__init__(_Export(export, allowed), out, rewrite_mode, replace=replace)
