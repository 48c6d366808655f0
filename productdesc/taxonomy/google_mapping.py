"""Category mapping from one taxonomy to another, by the publisher's own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .tree import Category, Taxonomy


@dataclass(frozen=True, slots=True)
class CategoryMap:
    """Short ids of one taxonomy -> ids of another; `source` and `target` name both."""

    source: str
    target: str
    ids: Mapping[str, str] = field(repr=False)

    def find(
        self, category: Category, source: Taxonomy, target: Taxonomy
    ) -> Category | None:
        """The category of `target` that is named for this one of `source`.

        Where the table leaves a category out, that of the nearest one above it.
        """
        for here in (category, *source.ancestors(category)):
            there = self.ids.get(here.short_id.casefold())
            found = target.find(there) if there else None
            if found:
                return found
        return None


def from_data(data: Any) -> CategoryMap:
    """The map in the YAML of the data repository or the JSON of a release.

    Of several maps in one file, the first to Google. Raises `KeyError`, `TypeError`,
    `AttributeError` or `StopIteration` where the shape is another.
    """
    tables = data.get("mappings", [data])
    table = next(t for t in tables if str(t["output_taxonomy"]).startswith("google"))
    ids: dict[str, str] = {}
    for rule in table["rules"]:
        here, there = _source(rule["input"]), _target(rule["output"])
        if here and there:
            ids[here] = there
    return CategoryMap(str(table["input_taxonomy"]), str(table["output_taxonomy"]), ids)


def _source(side: Mapping[str, Any]) -> str:
    whole = side.get("product_category_id") or (side.get("category") or {}).get("id") or ""
    return str(whole).rpartition("/")[2].casefold()


def _target(side: Mapping[str, Any]) -> str:
    ids = side.get("product_category_id") or [c["id"] for c in side.get("category") or ()]
    if not isinstance(ids, list):
        raise TypeError(f"a rule's output is {type(ids).__name__}, no list of ids")
    return str(ids[0]) if ids else ""
