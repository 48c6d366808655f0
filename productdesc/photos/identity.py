"""Identity: one digest for all that a product's description depends on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..digest import json_digest
from ..errors import PhotoError
from ..records import Photo, PhotoSource, Product
from . import files
from .decoding.pixels import PhotoLimits
from .intake import load


def product_digest(product: Product, *, limits: PhotoLimits | None = None) -> str:
    """SHA-256, in hex, of a product: its photos, its attributes and its texts.

    Of a photo that is at hand its bytes count (of an image its pixels), wherever it lies;
    of a URL its text: nothing is fetched. A photo that cannot be read counts by its name.
    Equal in every process and whatever the order of the attributes.
    """
    limits = limits or PhotoLimits()
    values = product.model_dump(exclude={"photos"})
    values["photos"] = [_photo(source, limits) for source in product.photos]
    return json_digest(values)


def _photo(source: PhotoSource, limits: PhotoLimits) -> dict[str, str]:
    try:
        match source:
            case str():
                return {"url": source}
            case Photo():
                return {"sha256": source.sha256}
            case Path():
                data = files.read(source, max_bytes=limits.max_bytes)
            case bytes() | bytearray() | memoryview():
                data = bytes(source)
            case _:
                return {"sha256": load(source, limits=limits).sha256}
    except PhotoError as e:
        return {"unreadable": str(source) if isinstance(source, Path) else str(e)}
    return {"sha256": hashlib.sha256(data).hexdigest()}
