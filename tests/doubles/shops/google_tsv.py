"""A Google feed in text, and a merchant who follows docs/google.md with the supplement."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from productdesc.catalogs.google.feed import GoogleSink, GoogleSource

from . import Seed, Shop, stamp

MARK = 'trained_algorithmic_media:"'
COLUMNS = ("id", "title", "description", "image_link", "additional_image_link", "color")
COLUMNS = (*COLUMNS, "pattern", "material", "gender", "age_group", "product_highlight")


class GoogleTsv(Shop):
    name = "google tsv"
    fields = ("title", "description", "bullets", "attributes")

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.feed = folder / "feed.tsv"
        self.supplement = folder / "supplement.tsv"
        self._write(
            {
                "id": seed.id,
                "title": seed.title,
                "description": seed.description,
                "image_link": seed.photos[0],
                "additional_image_link": ",".join(seed.photos[1:]),
            }
            for seed in seeds
        )

    def _write(self, rows: Any) -> None:
        with self.feed.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, dialect="excel-tab")
            writer.writeheader()
            writer.writerows(rows)

    def _read(self, path: Path) -> dict[str, dict[str, str]]:
        return rows(path, stamp(path))

    def source(self) -> GoogleSource:
        self._merge()
        return GoogleSource(self.feed)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> GoogleSink:
        return GoogleSink(self.supplement, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self._merge()
        return dict(self._read(self.feed))

    def plain(self, product_id: str, field: str) -> Any:
        return self.held()[product_id][field]

    def _merge(self) -> None:
        """What Merchant Center makes of both, its rules clearing replaced plain texts."""
        if not self.supplement.exists():
            return
        feed = self._read(self.feed)
        for key, ours in self._read(self.supplement).items():
            assert "title" not in ours and "description" not in ours
            for name, cell in ours.items():
                if name.startswith("structured_") and cell:
                    assert cell.startswith(MARK) and cell.endswith('"')
                    text = cell[len(MARK) : -1].replace('""', '"')
                    feed[key][name.removeprefix("structured_")] = text
                elif cell:
                    feed[key][name] = cell
        self._write(feed.values())
        os.unlink(self.supplement)


@lru_cache(maxsize=1)
def rows(path: Path, stamp: object) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file, dialect="excel-tab")}


SHOP = GoogleTsv
