"""A plain CSV of somebody's, filled: the file that is written takes its place."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from productdesc.catalogs import Sink, TableSink

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
        return {row["id"]: row for row in _rows(self.table)}


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [{COLUMNS.get(k, k): v for k, v in row.items()} for row in rows]


SHOP = TableFilled
