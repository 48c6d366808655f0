"""Where copy for a Shopify CSV goes: the full file, the changed cells only, or a review."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from ..records import Description
from .adjacency import Key
from .delimited import Table
from .rewriting import Change, Rewriting
from .rewritten import Changed, Review, Whole
from .row_groups import Group
from .shopify_columns import find_columns
from .shopify_csv_plan import WRITES, plan

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
        self._texts = [role for role in WRITES if role in self.at]
        self._photo = [role for role in _PHOTO if role in self.at]

    def change(self, group: Group, description: Description, *, adds: bool) -> Change:
        return plan(
            group,
            self.columns,
            description,
            overwrite=self._overwrite,
            encoding=self.table.dialect.encoding,
            adds=adds,
        )

    def rows(self, change: Change) -> list[dict[str, str]]:
        """The keys are handle and title, and where alt texts change the photo's too."""
        at, handle = self.at, change.group.key
        found: list[dict[str, str]] = []
        for n, row in enumerate(change.group.rows):
            roles = self._photo
            if n == change.speaks:
                roles = self._texts + roles
            elif "image" not in at or not row.cells[at["image"]].strip():
                continue
            texts = {role: row.cells[at[role]] for role in roles}
            if (n, "alt_texts") in change.cells:
                texts["alt_texts"] = change.cells[n, "alt_texts"]
            found.insert(0 if n == change.speaks else len(found), texts)
            texts["handle"] = handle
        for (n, role), text in change.cells.items():
            if n == change.speaks:
                found[0][role] = text
        return found

    def beside(self, roles: Collection[str]) -> set[str]:
        return {"handle", "title", *(self._photo if "alt_texts" in roles else ())}

    def name(self, role: str) -> str:
        return self.columns.name(role)


class ShopifyCsvFile(Rewriting):
    """The whole file again: every byte the same, but for the cells meant to change.

    A field whose column the file has not is not written; `Saved.reason` says so.
    """

    export, form = _Export, Whole()


class ShopifyCsvChanges(Rewriting):
    """Only products that change, and of them only key columns and columns that change.

    The keys are handle and title, and where alt texts change the photo's URL and position.
    Where a product's cell does not change the merchant's present text stands.
    """

    export, form = _Export, Changed()


class ShopifyCsvReview(Rewriting):
    """A list for a person: one row a change, with the text before and after.

    A cell that a spreadsheet would run begins with an apostrophe, the merchant's too, so
    this file is not for importing.
    """

    export, form = _Export, Review()
