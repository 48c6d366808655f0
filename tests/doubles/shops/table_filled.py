"""A plain CSV of somebody's, filled: the file that is written takes its place."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from productdesc.catalogs import Sink, TableSink

from . import stamp
from .table_csv import TableCsv

COLUMNS = {
    "SKU": "id",
    "Name": "title",
    "Description": "description",
    "SEO title": "seo_title",
    "Meta description": "seo_description",
    "Alt text": "alt_texts",
    "Keywords": "tags",
    "Images": "photos",
}


class TableFilled(TableCsv):
    name = "table, filled"

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Sink:
        return TableSink(self.source(), self.new, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self._take()
        return _rows(self.table, stamp(self.table))


@lru_cache(maxsize=8)
def _rows(table: Path, _: object) -> dict[str, Mapping[str, Any]]:
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    named = ({COLUMNS.get(k, k): v for k, v in row.items()} for row in rows)
    return {row["id"]: row for row in named}


SHOP = TableFilled
