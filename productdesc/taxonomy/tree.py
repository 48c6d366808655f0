"""A tree of categories: by id, by path, by nearest name; with each one's attributes.

Knows no format and no file; `load_taxonomy` makes one from the published files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import CatalogError
from ..text.printable import printable, quoted
from .search import NameIndex

SEPARATOR = " > "
"""Between the names of a path, as Shopify and Google write it."""
MAX_DEPTH = 100
"""Categories above one; published trees have 8."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a category and the values it may have, in the publisher's words.

    `id` is what the publisher knows it by, the same in every category.
    """

    id: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One category; `id` and `path` are as published, `parent` is an id, "" at the top."""

    id: str
    path: str
    parent: str = ""
    attributes: tuple[Attribute, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(SEPARATOR)[2]

    @property
    def short_id(self) -> str:
        """The id without its `gid://` part: "aa-1-4"."""
        return self.id.rpartition("/")[2]


class Taxonomy:
    """Categories in the publisher's order; nothing in it ever changes.

    `name` is "shopify" or "google", `version` the publisher's own.
    Raises `CatalogError` where two categories share an id or a path, or a parent is
    missing.
    """

    def __init__(self, name: str, version: str, categories: Iterable[Category]) -> None:
        self.name = name
        self.version = version
        self._shown_version = printable(version, "code")
        self._categories = tuple(categories)
        if not self._categories:
            raise CatalogError(f"{name} taxonomy {self._shown_version}: has no categories")
        self._by_id = {_key(c.id): c for c in self._categories}
        self._by_short_id = {_key(c.short_id): c for c in self._categories}
        self._by_path = {_key(c.path): c for c in self._categories}
        self._children: dict[str, list[Category]] = {}
        for category in self._categories:
            self._children.setdefault(category.parent, []).append(category)
        self._check()

    def _check(self) -> None:
        count = len(self._categories)
        for what, index in (("id", self._by_id), ("path", self._by_path)):
            if len(index) != count:
                twice = count - len(index)
                raise CatalogError(
                    f"{self.name} taxonomy {self._shown_version}: {twice} of {count:,} "
                    f"categories have the {what} of another"
                )
        for category in self._categories:
            other = self._by_path.get(_key(category.id))
            if other and other is not category:
                raise CatalogError(
                    f"{self.name} taxonomy {self._shown_version}: the id "
                    f"{quoted(category.id, 'name')} is the path of another category"
                )
            if category.parent and _key(category.parent) not in self._by_id:
                path = printable(category.path, "name")
                parent = quoted(category.parent, "name")
                raise CatalogError(
                    f"{self.name} taxonomy {self._shown_version}: {path}: its parent "
                    f"{parent} is missing"
                )
        self._check_depth()

    def _check_depth(self) -> None:
        """No category may be above itself, nor below more than MAX_DEPTH others."""
        depths = {"": 0}
        for category in self._categories:
            way: list[str] = []
            here = _key(category.id)
            while here not in depths and len(way) <= MAX_DEPTH:
                way.append(here)
                here = _key(self._by_id[here].parent)
            above = depths.get(here, 0)
            if above + len(way) > MAX_DEPTH:
                raise CatalogError(
                    f"{self.name} taxonomy {self.version}: {category.path}: has over "
                    f"{MAX_DEPTH} categories above it, or is above itself"
                )
            depths.update((key, above + n) for n, key in enumerate(reversed(way), start=1))

    def __repr__(self) -> str:
        return f"Taxonomy({self.name!r}, {self._shown_version!r}, {len(self):,} categories)"

    def __len__(self) -> int:
        return len(self._categories)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._categories)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path, in the publisher's order: always the same object."""
        return tuple(c.path for c in self._categories)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex over every category and every attribute with its values."""
        attributes = {a.id: a for c in self._categories for a in c.attributes}
        lines = [
            "\t".join((c.id, c.path, c.parent, *(a.id for a in c.attributes)))
            for c in self._categories
        ]
        lines += ["\t".join((a.id, a.name, *a.values)) for a in attributes.values()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def find(self, text: str) -> Category | None:
        """The category with this id, short id or path, in any letter case and spacing."""
        key = _key(text)
        for index in (self._by_path, self._by_id, self._by_short_id):
            if key in index:
                return index[key]
        return None

    def parent(self, category: Category) -> Category | None:
        """The category above; None at the top."""
        return self._by_id[_key(category.parent)] if category.parent else None

    def ancestors(self, category: Category) -> Iterator[Category]:
        """The categories above, the nearest first."""
        above = self.parent(category)
        while above:
            yield above
            above = self.parent(above)

    def children(self, category: Category | None = None) -> tuple[Category, ...]:
        """The categories right below; without one, those at the top."""
        return tuple(self._children.get(category.id if category else "", ()))

    def leaves(self, category: Category | None = None) -> Iterator[Category]:
        """Every category at or below this one that has none below it itself."""
        below = self.children(category)
        if not below and category:
            yield category
        for child in below:
            yield from self.leaves(child)

    def nearest(
        self,
        text: str,
        n: int = 5,
        *,
        within: Category | None = None,
        whole: bool = False,
    ) -> list[Category]:
        """Up to n categories whose names are nearest to a product's name, best first.

        By shared words, the rarer the more; no model, always the same. Empty where no
        word is shared. within: only this category and those below it. whole: only
        categories whose every word stands in `text`.
        """
        found = self._names.nearest(text, whole=whole)
        near = (self._categories[number] for number in found)
        kept = (c for c in near if within is None or self._is_within(c, within))
        return [c for c, _ in zip(kept, range(n), strict=False)]

    @cached_property
    def _names(self) -> NameIndex:
        return NameIndex(c.path.split(SEPARATOR) for c in self._categories)

    def _is_within(self, category: Category, top: Category) -> bool:
        return category == top or top in self.ancestors(category)


def _key(text: str) -> str:
    """How ids and paths are compared."""
    parts = (" ".join(part.split()) for part in text.split(">"))
    return SEPARATOR.join(parts).casefold()
