"""A folder of photos, one product for each name.

    shirt.jpg                      product "shirt"
    sku-17_1.jpg, sku-17_2.png     product "sku-17", two photos
    sku-18/front.jpg, back.jpg     product "sku-18", two photos

A file in the folder belongs to its name without a last "_3", "-3", " 3" or "(3)" of at
most two digits. A file in a folder below it belongs to that folder. Names that look alike
are one name, in whatever Unicode a system wrote them (NFC, NFD). Photos come in natural
order (2 before 10). Only names are looked at; nothing is opened.

To read one more kind of picture: its ending from UNREAD to SUFFIXES.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from ..errors import CatalogError
from ..records import Product
from .protocol import Closing, Problem, Problems
from .shop_text.product_ids import IdCheck

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".avif")

_RAW = "raw photo of a camera"
UNREAD: Mapping[str, str] = {
    ".heic": "HEIC", ".heif": "HEIF", ".hif": "HEIF",
    ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".dib": "BMP", ".psd": "Photoshop",
    ".svg": "SVG", ".eps": "EPS", ".ai": "Illustrator", ".jp2": "JPEG 2000",
    ".jxl": "JPEG XL", ".ico": "icon", ".tga": "TGA", ".xcf": "GIMP",
    ".dng": _RAW, ".cr2": _RAW, ".cr3": _RAW, ".nef": _RAW, ".arw": _RAW, ".raf": _RAW,
    ".orf": _RAW, ".rw2": _RAW,
}  # fmt: skip
"""Endings of pictures that are not read, and what they are."""
HEIF_SUFFIXES = (".heic", ".heif", ".hif")
"""Read where the extra `productdesc[heic]` is installed."""

_NUMBER = re.compile(
    r"(?<!\s)(?:(?:\s*+[_-]|[^\S ]*+ )\s*+\d{1,2}|\s*+\(\d{1,2}\))$"
)  # from where white space begins: within it, it would be looked through again and again


class FolderSource(Closing):
    """The products of a folder, in natural order; photos are `Path`s.

    One level of folders is looked into. A link that leads out of the folder, what is no
    regular file, and a picture that cannot be read is a problem; files with other suffixes
    and hidden ones are passed over.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, suffixes: Collection[str] | None = None
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        if suffixes is None:
            has_heif = find_spec("pi_heif") is not None
            suffixes = (*SUFFIXES, *HEIF_SUFFIXES) if has_heif else SUFFIXES
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
                        self._add(photos, _composed(path.name), below)
            elif not path.is_dir() and self._is_photo(path, top):
                self._add(photos, name_of(path.stem), path)
        with IdCheck(self.problems) as ids:
            for name in sorted(photos, key=_natural):
                ids.look(name, str(photos[name][0]))
                yield Product(id=name, photos=tuple(photos[name]))

    def _add(self, photos: dict[str, list[Path]], name: str, path: Path) -> None:
        if name.strip():
            photos.setdefault(name, []).append(path)
        else:
            message = "has a name of white space only, which names no product: rename it"
            self.problems.add(Problem(str(path), message))

    def _listed(self, folder: Path) -> list[Path]:
        try:
            found = [Path(e.path) for e in os.scandir(folder) if e.name[0] != "."]
        except OSError as e:
            raise CatalogError(f"{folder}: cannot be listed: {e.strerror or e}") from e
        # Without the suffix, so that sku.jpg comes before sku-2.jpg
        return sorted(found, key=lambda path: (*_natural(_composed(path.stem)), path.name))

    def _is_photo(self, path: Path, top: str) -> bool:
        suffix = path.suffix.lower()
        if suffix not in self._suffixes:
            if format := UNREAD.get(suffix):
                extra = ' or pip install "productdesc[heic]"'
                cure = "save it as JPEG" + (extra if suffix in HEIF_SUFFIXES else "")
                message = f"is a picture that is not read ({format}): {cure}"
                self.problems.add(Problem(str(path), message))
            return False
        if not self._is_inside(path, top):
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
    """The product that a photo's name (without suffix) belongs to, in NFC."""
    stem = _composed(stem)
    return _NUMBER.sub("", stem) or stem


def _composed(name: str) -> str:
    """A name as NFC: macOS writes accents apart, as NFD, where others do not."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Numbers by value, before letters without case; what is alike by its own order."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    key = [(False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts]
    return key, name
