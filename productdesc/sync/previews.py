"""Previews: small WebP copies of the photos of a job, as the model saw them.

They lie in a file of their own beside the journal, once a photo by the digest of its
bytes, and hold pixels only: no EXIF, no name. A page that reviews drafts shows them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from PIL import Image

from ..records import Photo
from .database import Database
from .versions import Versions

SIDE = 768
"""The longest side of a preview, in pixels; about 40 KB each."""
BYTES_EACH = 40_000
"""About how large one is, for an estimate."""
QUALITY = 80

PREVIEW_VERSIONS: Versions = (
    (
        """CREATE TABLE previews(
            sha256 TEXT PRIMARY KEY,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            webp BLOB NOT NULL
        ) STRICT""",
    ),
)
PREVIEW_APPLICATION_ID = 0x7064507A


class PreviewDatabase(Database):
    """The SQLite file of previews."""

    versions = PREVIEW_VERSIONS
    application_id = PREVIEW_APPLICATION_ID


class Previews:
    """The previews of one job. `side`: the longest side, in pixels.

    Safe to use from several threads. Raises `JournalError`.
    """

    def __init__(self, path: Path, *, side: int = SIDE, create: bool = True) -> None:
        if side < 1:
            raise ValueError(f"side is {side}; it is a number of pixels, 1 or more")
        self.path = path
        self._side = side
        self._database = PreviewDatabase(path, create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, photos: Sequence[Photo]) -> None:
        """Keep previews of the photos that have none yet."""
        for photo in photos:
            if self._has(photo.sha256):
                continue
            width, height, webp = _webp(photo, self._side)
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO previews VALUES(?,?,?,?)",
                    (photo.sha256, width, height, webp),
                )

    def webp(self, sha256: str) -> bytes | None:
        """The preview of the photo with this digest, as a WebP file."""
        found = self._database.rows("SELECT webp FROM previews WHERE sha256 = ?", sha256)
        return bytes(found[0][0]) if found else None  # type: ignore[call-overload]

    def _has(self, sha256: str) -> bool:
        statement = "SELECT 1 FROM previews WHERE sha256 = ?"
        return bool(self._database.rows(statement, sha256))


def previews_path(journal: Path) -> Path:
    """Where the previews of a journal lie: `autumn.previews.db` beside `autumn.db`."""
    suffix = journal.suffix if journal.suffix == ".db" else ""
    return journal.with_name(f"{journal.name.removesuffix(suffix)}.previews.db")


def _webp(photo: Photo, side: int) -> tuple[int, int, bytes]:
    """Width, height and the file, made of pixels alone."""
    small = photo.rgb.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, method=2)
    return small.width, small.height, out.getvalue()
