"""A folder of photos, one product for each name.

    shirt.jpg                      product "shirt"
    sku-17_1.jpg, sku-17_2.png     product "sku-17", two photos
    sku-18/front.jpg, back.jpg     product "sku-18", two photos

A file in the folder belongs to its name without a last "_3", "-3", " 3" or "(3)" of at
most two digits. A file in a folder below it belongs to that folder. Photos come in natural
order (2 before 10). Only names are looked at; nothing is opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from ..errors import CatalogError
from ..records import Product
from .protocol import Closing, Problem, Problems

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")

_NUMBER = re.compile(r"(?:\s*[_\- ]\s*\d{1,2}|\s*\(\d{1,2}\))$")


class FolderSource(Closing):
    """The products of a folder, in natural order; photos are `Path`s.

    One level of folders is looked into. A link that leads out of the folder, and what is
    no regular file, is a problem; files with other suffixes and hidden ones are passed
    over.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, suffixes: Collection[str] = SUFFIXES
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        self._suffixes = tuple(s.lower() for s in suffixes)

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` where the folder cannot be listed."""
        self.problems = Problems()
        top = os.path.realpath(self.path)
        photos: dict[str, list[Path]] = {}
        for path in self._listed(self.path):
            if path.is_dir() and self._is_inside(path, top):
                for below in self._listed(path):
                    if below.is_dir():
                        message = "is a folder below a product's folder; it was left out"
                        self.problems.add(Problem(str(below), message))
                    elif self._is_photo(below, top):
                        photos.setdefault(path.name, []).append(below)
            elif not path.is_dir() and self._is_photo(path, top):
                photos.setdefault(name_of(path.stem), []).append(path)
        for name in sorted(photos, key=_natural):
            yield Product(id=name, photos=tuple(photos[name]))

    def _listed(self, folder: Path) -> list[Path]:
        try:
            found = [Path(e.path) for e in os.scandir(folder) if e.name[0] != "."]
        except OSError as e:
            raise CatalogError(f"{folder}: cannot be listed: {e.strerror or e}") from e
        # Without the suffix, so that sku.jpg comes before sku-2.jpg
        return sorted(found, key=lambda path: (*_natural(path.stem), path.name))

    def _is_photo(self, path: Path, top: str) -> bool:
        if path.suffix.lower() not in self._suffixes or not self._is_inside(path, top):
            return False
        if not path.is_file():
            self.problems.add(Problem(str(path), "is no regular file; it was left out"))
            return False
        return True

    def _is_inside(self, path: Path, top: str) -> bool:
        real = os.path.realpath(path)
        if os.path.commonpath([top, real]) == top and real != top:
            return True
        message = f"is a link out of {self.path}; it was left out"
        self.problems.add(Problem(str(path), message))
        return False


def name_of(stem: str) -> str:
    """The product that a photo's name (without suffix) belongs to."""
    return _NUMBER.sub("", stem) or stem


def _natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Numbers by value, before letters without case; what is alike by its own order."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    key = [(False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts]
    return key, name
