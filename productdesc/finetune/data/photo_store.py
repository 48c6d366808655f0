"""Photo store: a lesson's photos, so kept that they load again as the same pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from ...net import Http
from ...photos import files, load
from ...photos.decoding.pixels import PhotoLimits
from ...records import Photo, PhotoSource
from .data_folder import PHOTOS

NAME_LENGTH = 32
"""Digits of a photo's SHA-256 that name its file: 128 bits meet by no chance."""


@dataclass(frozen=True, slots=True)
class PhotoStore:
    """The photos of a data folder, each by the SHA-256 of its bytes, so once."""

    folder: Path
    http: Http

    def add(self, source: PhotoSource) -> tuple[Photo, str]:
        """A photo, and its name in `photos`. Raises `PhotoError`.

        A file is copied as it is; what came over the network, or is an image already, is
        kept as PNG, pixel for pixel.
        """
        data: bytes | None = None
        if isinstance(source, Path):
            data = files.read(source, max_bytes=PhotoLimits().max_bytes)
        elif isinstance(source, bytes | bytearray | memoryview):
            data = bytes(source)
        photo = load(source if data is None else data, http=self.http)
        suffix = photo.format.lower()
        if data is None:
            buffer = io.BytesIO()
            photo.rgb.save(buffer, "PNG")
            data, suffix = buffer.getvalue(), "png"
            photo = load(data)
        stem = photo.sha256[:NAME_LENGTH]
        name = f"{stem}.{suffix}"
        path = self.folder / PHOTOS / name
        if not path.exists():
            path.write_bytes(data)
        return photo, name
