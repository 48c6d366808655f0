"""Passes: what of a run is on the disk, and how it is read; the last over a row counts.

OUTPUT/plan, OUTPUT/rows, OUTPUT/checkpoint      the first pass, over every row
OUTPUT/retry-1/plan, ...                         over those that failed, and so on
OUTPUT/failed.parquet                            what failed in the last pass over it
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import CatalogError
from .place import Place
from .row_plan import ROW_ID, RowPlan, read_plan

RETRY = "retry-"

PENDING = ".pending.parquet"
"""Ray's mark in its checkpoint, behind the name of a file of rows that is being written."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the rows of a plan. `number`: 0 for the first, over all of them."""

    folder: Place
    number: int
    plan: RowPlan

    @property
    def plan_folder(self) -> Place:
        return self.folder.under("plan")

    @property
    def rows(self) -> Place:
        return self.folder.under("rows")

    @property
    def checkpoint(self) -> Place:
        return self.folder.under("checkpoint")

    def files(self) -> list[str]:
        """The files of rows that are written; one that a dead run left half is not."""
        marks = [one.base_name for one in self.checkpoint.files(PENDING)]
        begun = tuple(mark.removesuffix(PENDING) for mark in marks)
        rows = self.rows.files(".parquet")
        return [one.path for one in rows if not one.base_name.startswith(begun)]

    def each(self, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows that are written, in the order of the files."""
        from pyarrow import parquet

        for path in self.files():
            with self.rows.reading(path) as file:
                yield from parquet.read_table(file, columns=columns).to_pylist()

    def statuses(self) -> dict[int, str]:
        """What is written: of each row its status."""
        table = self._table([ROW_ID, "status"])
        if table is None:
            return {}
        ids, statuses = (table.column(name).to_pylist() for name in (ROW_ID, "status"))
        return dict(zip(ids, statuses, strict=True))

    def written(self) -> int:
        """How many rows are written."""
        table = self._table([ROW_ID])
        return 0 if table is None else int(table.num_rows)

    def _table(self, columns: list[str]) -> Any:
        """These columns of all rows; None where there is none."""
        from pyarrow import dataset

        if not (files := self.files()):
            return None
        there = self.rows.filesystem
        with self.rows.explained():
            found = dataset.dataset(files, filesystem=there, format="parquet")
            return found.to_table(columns=columns)


def passes(output: Place) -> list[Pass]:
    """The passes of an OUTPUT, the first one first; none where nothing was planned.

    They are asked for by name: not every cloud lists the folders of a folder.
    """
    found: list[Pass] = []
    folder = output
    while (plan := read_plan(folder.under("plan"))) is not None:
        found.append(Pass(folder, len(found), plan))
        folder = output.under(f"{RETRY}{len(found)}")
    return found


def last_statuses(all_: list[Pass]) -> dict[int, str]:
    """Of each row the status of the last pass that wrote it."""
    statuses: dict[int, str] = {}
    for one in all_:
        statuses.update(one.statuses())
    return statuses


def read_rows(output: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """The rows of an OUTPUT, each once: what the last pass over it made.

    A dict a row: `row_id`, `id`, `key`, `status`, `error`, `reason`, `seconds`, the fields
    of a description and `description_json`; in the order of the files. Raises
    `CatalogError` where no run was planned.
    """
    place = Place.of(output)
    all_ = passes(place)
    if not all_:
        raise CatalogError(f"{place.shown}: no run was planned here")
    given: set[int] = set()
    for one in reversed(all_):
        for row in one.each():
            if row[ROW_ID] not in given:
                given.add(row[ROW_ID])
                yield row


def write_failed(output: Place, all_: list[Pass]) -> int:
    """Write `failed.parquet` anew; how many rows it has."""
    import pyarrow
    from pyarrow import parquet

    text = pyarrow.string()
    names = ("id", "error", "reason")
    schema = pyarrow.schema([(ROW_ID, pyarrow.int64()), *((name, text) for name in names)])
    failed: dict[int, dict[str, Any]] = {}
    for one in all_:
        for row in one.each([ROW_ID, "status", *names]):
            failed.pop(row[ROW_ID], None)
            if row.pop("status") == "failed":
                failed[row[ROW_ID]] = row
    rows = [failed[number] for number in sorted(failed)]
    with output.under("failed.parquet").writing() as file:
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), file)
    return len(rows)


def failed_rows(output: str | os.PathLike[str]) -> int:
    """How many rows `failed.parquet` has."""
    from pyarrow import parquet

    place = Place.of(output).under("failed.parquet")
    with place.reading(place.path) as file:
        return int(parquet.read_metadata(file).num_rows)
