"""Versions of photos: whether one is still what a draft was made from.

A photo at a URL is the same as long as its URL is, unless it is asked for again. A local
one is looked at anew where its size or time has changed, and counts by its content.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import FetchError, PhotoError
from ..net import Http
from ..photos import files
from ..photos.decoding.pixels import PhotoLimits
from ..pipeline.draft import PhotoDigest
from ..records import MAX_PHOTOS, Product
from .database import Database
from .stored import id_text

ASKING_THREADS = 8
"""Photos that are asked for at the same time: asking is waiting."""


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """What a journal knows of a photo; see the table `photos`."""

    place: str
    size: int | None = None
    modified: int | None = None
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""
    version: str = ""

    def with_content(self, sha256: str) -> KnownPhoto:
        """The same photo, as its bytes are now."""
        if self.sha256 == sha256:
            return self
        # never seen before by its bytes: a former draft is of whatever was there then
        return replace(self, sha256=sha256, version=sha256)


class PhotoVersions:
    """Versions of photos, kept in a journal. http: ask for photos at URLs again."""

    def __init__(self, database: Database, http: Http | None = None) -> None:
        self._database = database
        self._http = http
        self._max_bytes = PhotoLimits().max_bytes

    def of(self, products: Sequence[Product]) -> list[tuple[str, ...]]:
        """The version of each product's photos that have changed since first seen."""
        places = {place for product in products for place in self._places(product)}
        known = known_photos(self._database, places)
        current = {place: self._look(known.get(place), place) for place in places}
        urls = [place for place in places if not _path(place)]
        if self._http and urls:
            with ThreadPoolExecutor(ASKING_THREADS, "productdesc-recheck") as threads:
                current |= zip(
                    urls, threads.map(lambda url: self._ask(known.get(url), url), urls),
                    strict=True,
                )  # fmt: skip
        changed = [one for place, one in current.items() if known.get(place) != one]
        if changed:
            _keep(self._database, changed)
        return [
            tuple(
                f"{place} {current[place].version}"
                for place in self._places(product)
                if current[place].version
            )
            for product in products
        ]

    def loaded(self, product: Product, photos: Sequence[PhotoDigest]) -> None:
        """Note the content of a product's photos, which a draft is made from."""
        places = [place_of(source) for source in product.photos[:MAX_PHOTOS]]
        if len(places) != len(photos):
            return  # which of them was left out is not told
        known = known_photos(self._database, filter(None, places))
        now = [
            replace(known.get(place, KnownPhoto(place)), sha256=photo.sha256)
            for place, photo in zip(places, photos, strict=True)
            if place
        ]
        if changed := [photo for photo in now if known.get(photo.place) != photo]:
            _keep(self._database, changed)

    def _places(self, product: Product) -> list[str]:
        """Its photos whose version may be another: local ones, and URLs if asked for."""
        found = map(place_of, product.photos[:MAX_PHOTOS])
        return [one for one in found if one and (self._http or _path(one))]

    def _look(self, known: KnownPhoto | None, place: str) -> KnownPhoto:
        path, before = _path(place), known or KnownPhoto(place)
        if path is None:
            return before
        try:
            found = path.stat()
        except (OSError, ValueError):
            return before  # gone: what was made from it stands
        stat = found.st_size, found.st_mtime_ns
        if (before.size, before.modified) == stat:
            return before
        now = replace(before, size=stat[0], modified=stat[1])
        if known is None or known.size is None:
            return now
        try:
            data = files.read(path, max_bytes=self._max_bytes)
        except PhotoError:
            return replace(now, sha256="", version=f"{stat[0]} {stat[1]}")
        return now.with_content(hashlib.sha256(data).hexdigest())

    def _ask(self, known: KnownPhoto | None, url: str) -> KnownPhoto:
        assert self._http
        before = known or KnownPhoto(url)
        asked = {"if-none-match": before.etag, "if-modified-since": before.last_modified}
        headers = {name: value for name, value in asked.items() if value}
        try:
            reply = self._http.send("GET", url, headers=headers, max_bytes=self._max_bytes)
        except FetchError:
            return before
        if reply.status != 200:
            return before
        now = replace(
            before,
            etag=id_text(reply.headers.get("etag", "")),
            last_modified=id_text(reply.headers.get("last-modified", "")),
        )
        content = hashlib.sha256(reply.body).hexdigest()
        if not before.sha256:  # nothing was made from it that could be told from this
            return replace(now, sha256=content)
        return now.with_content(content)


def place_of(source: object) -> str | None:
    """Where a photo lies, as one text; None: nowhere that could be looked at again."""
    if isinstance(source, Path):
        return id_text(f"file:{os.path.abspath(source)}")
    # a stranger's text is never the path of a file
    is_url = isinstance(source, str) and source.lower().startswith(("https://", "http://"))
    return id_text(str(source)) if is_url else None


def same_photos(product: Product, here: Database, there: Database) -> bool:
    """Whether another journal saw a product's local photos as this one does."""
    found = filter(None, map(place_of, product.photos[:MAX_PHOTOS]))
    places = [place for place in found if _path(place)]
    ours, theirs = known_photos(here, places), known_photos(there, places)
    return all(_is_same(ours.get(place), theirs.get(place)) for place in places)


def _is_same(one: KnownPhoto | None, other: KnownPhoto | None) -> bool:
    if one is None or other is None:
        return False
    stats = [(photo.size, photo.modified) for photo in (one, other)]
    return stats[0] == stats[1] or bool(one.sha256 and one.sha256 == other.sha256)


def known_photos(database: Database, places: Iterable[str]) -> dict[str, KnownPhoto]:
    """What a journal knows of photos, by their places."""
    found = {}
    for place in places:
        rows = database.rows(
            """SELECT place, size, modified, sha256, etag, last_modified, version
               FROM photos WHERE place = ?""",
            place,
        )
        if rows:
            found[place] = KnownPhoto(*rows[0])  # type: ignore[arg-type]
    return found


def _keep(database: Database, photos: Iterable[KnownPhoto]) -> None:
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO photos VALUES(?,?,?,?,?,?,?)",
            [
                (p.place, p.size, p.modified, p.sha256, p.etag, p.last_modified, p.version)
                for p in photos
            ],
        )


def _path(place: str) -> Path | None:
    kind, _, path = place.partition(":")
    return Path(path) if kind == "file" else None
