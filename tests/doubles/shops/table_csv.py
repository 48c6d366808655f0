"""A plain CSV of somebody's; the table of copy that is written takes its place."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from productdesc.catalogs.merge_policy import FIELDS
from productdesc.catalogs.tables.csv_table import TableNewSink, TableSource

from . import Seed, Shop, stamp


class TableCsv(Shop):
    name = "table"
    fields = FIELDS

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.table = folder / "table.csv"
        self.new = folder / "new.csv"
        with self.table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(
                (
                    *("SKU", "Name", "Description", "SEO title", "Meta description"),
                    *("Alt text", "Keywords", "Images"),
                )
            )
            for s in seeds:
                lists = "\n".join(s.alt_texts), ",".join(s.tags), " ".join(s.photos)
                writer.writerow(
                    (s.id, s.title, s.description, s.seo_title, s.seo_description, *lists)
                )

    def source(self) -> TableSource:
        self._take()
        return TableSource(self.table)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> TableNewSink:
        return TableNewSink(self.new, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self._take()
        return rows(self.table, stamp(self.table))

    def plain(self, product_id: str, field: str) -> Any:
        value = self.held()[product_id][field]
        match field:
            case "alt_texts" | "bullets":
                return tuple(value.split("\n"))
            case "tags":
                return tuple(value.split(", "))
            case _:
                return value

    def _take(self) -> None:
        if self.new.exists():
            os.replace(self.new, self.table)


@lru_cache(maxsize=1)
def rows(table: Path, stamp: object) -> dict[str, Mapping[str, Any]]:
    with table.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    first = {"SKU": "id", "Name": "title", "Description": "description"}
    first |= {"SEO title": "seo_title", "Meta description": "seo_description"}
    first |= {"Alt text": "alt_texts", "Images": "photos"}
    named = [
        {first.get(k, k): v for k, v in row.items() if k != "Keywords"} for row in found
    ]
    for row in named:
        row["photos"] = "\n".join(row["photos"].split())
    return {row["id"]: row for row in named}


SHOP = TableCsv
