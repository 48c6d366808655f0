"""JSON-LD for a shop's pages; only written."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from productdesc.catalogs.jsonld import JsonLdSink
from productdesc.catalogs.protocol import Source

from . import Seed, Shop


class JsonLd(Shop):
    name = "json-ld"
    fields = ("title", "category", "description", "attributes", "alt_texts", "tags")
    reads = False

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.path = folder / "products.jsonl"

    def source(self) -> Source:
        raise NotImplementedError

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> JsonLdSink:
        return JsonLdSink(self.path, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        if not self.path.exists():
            return {}
        lines = self.path.read_text("utf-8").splitlines()
        return {one["sku"]: one for one in map(json.loads, lines)}

    def plain(self, product_id: str, field: str) -> Any:
        one = self.held()[product_id]
        match field:
            case "alt_texts":
                return tuple(image["caption"] for image in one["image"])
            case "tags":
                return tuple(one["keywords"].split(", "))
            case _:
                return one[field]


SHOP = JsonLd
