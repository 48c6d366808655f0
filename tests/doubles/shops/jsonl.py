"""Products in JSON lines, and a program that fills in what the descriptions file says."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from productdesc.catalogs.jsonl import JsonlSink, JsonlSource
from productdesc.catalogs.merge_policy import FIELDS

from . import Seed, Shop, stamp

OWN = ("title", "description", "attributes")


class Jsonl(Shop):
    name = "jsonl"
    fields = FIELDS

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.path = folder / "products.jsonl"
        self.copy = folder / "copy.jsonl"
        self._seen = (0, 0)
        self._held: dict[str, Mapping[str, Any]] = {}
        self.write(
            {
                "id": s.id,
                "title": s.title,
                "description": s.description,
                "photos": list(s.photos),
                "attributes": {},
                "present": {
                    "seo_title": s.seo_title,
                    "seo_description": s.seo_description,
                    "alt_texts": list(s.alt_texts),
                    "tags": list(s.tags),
                },
            }
            for s in seeds
        )

    def write(self, products: Any) -> None:
        text = "".join(json.dumps(p) + "\n" for p in products)
        self.path.write_text(text, encoding="utf-8")

    def rows(self) -> list[dict[str, Any]]:
        lines = self.path.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines if line]

    def descriptions(self) -> list[dict[str, Any]]:
        lines = self.copy.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines if line]

    def source(self) -> Any:
        self._take()
        return JsonlSource(self.path)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Any:
        return JsonlSink(self.copy, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self._take()
        if self._seen != stamp(self.path):
            self._seen = stamp(self.path)
            self._held = {p["id"]: {**p, **p["present"]} for p in self.rows()}
        return dict(self._held)

    def plain(self, product_id: str, field: str) -> Any:
        value = self.held()[product_id][field]
        return tuple(value) if isinstance(value, list) else value

    def _take(self) -> None:
        if not self.copy.exists():
            return
        products = {p["id"]: p for p in self.rows()}
        for one in self.descriptions():
            product = products[one["product_id"]]
            for name in FIELDS:
                place = product if name in OWN else product["present"]
                if name == "attributes":
                    product["attributes"] |= one[name]
                elif one[name]:
                    place[name] = one[name]
        self.write(products.values())
        os.unlink(self.copy)


SHOP = Jsonl
