"""Products in Parquet, and a program that fills in what the descriptions file says."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from productdesc.catalogs.tables.parquet import ParquetSink, ParquetSource

from . import Seed
from .jsonl import Jsonl

LISTS = ("photos", "alt_texts", "tags", "bullets")
TEXTS = ("id", "title", "description", "category", "seo_title", "seo_description")


class Parquet(Jsonl):
    name = "parquet"

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        pytest.importorskip("pyarrow")
        super().__init__(folder, seeds)

    def write(self, products: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = self.folder / "products.parquet"
        self.copy = self.folder / "copy.parquet"
        rows = [{**p, **p["present"]} for p in products]
        schema = pa.schema(
            [
                *((name, pa.string()) for name in TEXTS),
                *((name, pa.list_(pa.string())) for name in LISTS),
                ("attributes", pa.map_(pa.string(), pa.string())),
            ]
        )
        for row in rows:
            row["attributes"] = list(row["attributes"].items())
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), self.path)

    def rows(self) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        found = pq.read_table(self.path).to_pylist()
        return [
            {
                **{k: row[k] or "" for k in ("id", "title", "description", "photos")},
                "attributes": dict(row["attributes"] or ()),
                "present": {
                    **{k: row[k] or "" for k in TEXTS[3:]},
                    **{k: row[k] or [] for k in LISTS[1:]},
                },
            }
            for row in found
        ]

    def descriptions(self) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        found = pq.read_table(self.copy).to_pylist()
        for row in found:
            whole = json.loads(row["description_json"])
            assert whole["product_id"] == row["id"] and whole["title"] == row["title"]
            row["product_id"] = row["id"]
            row["attributes"] = dict(row["attributes"])
        return found

    def source(self) -> ParquetSource:
        self._take()
        return ParquetSource(self.path)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> ParquetSink:
        return ParquetSink(self.copy, overwrite=overwrite)


SHOP = Parquet
