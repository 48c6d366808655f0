"""`load`: any photo source to one checked `Photo`.

    Path  -> files.read  \\
    bytes --------------> decoder process -> Photo
    URL   -> Http.get    /
    PIL image -> the same steps in place -> Photo

Does not judge whether the photo is a good one: `quality` does.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FetchError, PhotoError
from ..records import Photo, PhotoSource
from ..text.log_lines import package_logger
from ..text.printable import printable, quoted, words_of
from . import files
from .decoding.decoder import Decoder, shared
from .decoding.magic_bytes import HEAD_BYTES, photo_format
from .decoding.pixels import FORMATS, PhotoLimits, Refused, check_size
from .decoding.rgb import SIDEWAYS, to_rgb

if TYPE_CHECKING:
    from ..net import Http


_log = package_logger("photos")


def load(
    source: PhotoSource,
    *,
    limits: PhotoLimits | None = None,
    http: Http | None = None,
    formats: Collection[str] = FORMATS,
    decoder: Decoder | None = None,
) -> Photo:
    """One photo: upright, sRGB, RGB, at most `limits.kept_side` px long.

    `source`: a `Path`, bytes, a PIL image, an https URL as `str`, or a `Photo`, which is
    returned as it is. A `str` never opens a file. `http` is the client for URLs (default:
    a new one for this photo; pass one to keep connections and to set `allowed_hosts`).
    Raises `PhotoError`; `TypeError` for any other source, `ValueError` for a format that
    cannot be opened. Safe to call from several threads.
    """
    if isinstance(source, Photo):
        return source
    limits = limits or PhotoLimits()
    wanted = tuple(f.upper() for f in formats)
    if not wanted or not set(wanted) <= set(FORMATS):
        raise ValueError(f"formats is {wanted}; choose from {', '.join(FORMATS)}")
    sent_as = ""
    match source:
        case str():
            data, name, sent_as = _fetched(source, limits, http)
        case Path():
            name = printable(source, "path")
            data = files.read(source, max_bytes=limits.max_bytes)
        case bytes() | bytearray() | memoryview():
            data = bytes(source)
            name = f"bytes {hashlib.sha256(data).hexdigest()[:12]}"
        case _:
            return _from_image(source, limits)
    if len(data) > limits.max_bytes:
        raise PhotoError(
            f"{name}: {len(data)} bytes; {limits.max_bytes} is the limit; shrink it first"
        )
    format = _format(name + sent_as, data, len(data), wanted)
    decoded = (decoder or shared()).decode(
        name + sent_as, data, format=format, limits=limits
    )
    from PIL import Image

    image = Image.frombytes("RGB", decoded.size, decoded.rgb)
    digest = hashlib.sha256(data).hexdigest()
    photo = Photo(image, name, digest, format, *decoded.original, frame=decoded.frame)
    _log.debug("loaded %s, %d bytes", photo, len(data))
    return photo


def check_head(path: Path, *, limits: PhotoLimits | None = None) -> None:
    """Raise the `PhotoError` of `load` for a file that its first bytes show to be no photo.

    One that passes may still be refused once it is decoded.
    """
    most = (limits or PhotoLimits()).max_bytes
    data, size = files.head(path, max_bytes=most, first=HEAD_BYTES)
    _format(printable(path, "path"), data, size, FORMATS)


def _format(name: str, data: bytes, size: int, formats: Sequence[str]) -> str:
    if not data:
        raise PhotoError(f"{name}: it is empty (0 bytes)")
    try:
        return photo_format(data, formats, size=size)
    except ValueError as e:
        raise PhotoError(f"{name}: {e}") from e


_LOADING = threading.Lock()
"""Several products may show one lazily opened image, which reads its file only once."""

# AVIF and others are not asked for, so that a CDN sends what decodes fastest
_ACCEPT = {"accept": "image/jpeg, image/png, image/webp, image/gif;q=0.5, */*;q=0.1"}


def _fetched(url: str, limits: PhotoLimits, http: Http | None) -> tuple[bytes, str, str]:
    """(body, URL without secrets, a note for errors when the server calls it no image)."""
    from ..net import Http
    from ..net.url_policy import scrub

    if not re.match(r"https?://", url, re.IGNORECASE):
        raise PhotoError(
            f"{quoted(scrub(url), 'url')}: a text is only ever an https URL; for a "
            "local file give pathlib.Path(...), for encoded data give bytes"
        )
    with contextlib.nullcontext(http) if http else Http() as client:
        try:
            reply = client.get(url, headers=_ACCEPT, max_bytes=limits.max_bytes)
        except FetchError as e:
            raise PhotoError(str(e)) from e
    kind = reply.headers.get("content-type", "image/").partition(";")[0].strip()
    is_image = kind.startswith("image/") or kind == "application/octet-stream"
    sent_as = "" if is_image else f" (sent as {quoted(kind, 'code')})"
    return reply.body, scrub(url), sent_as


def _from_image(image: Any, limits: PhotoLimits) -> Photo:
    """A copy of the caller's own image, made here: it is decoded already, or trusted."""
    from PIL import Image

    if not isinstance(image, Image.Image):
        raise TypeError(
            f"a photo is a pathlib.Path, bytes, a PIL image, an https URL as str or a "
            f"Photo, not {type(image).__name__}"
        )
    name = printable(getattr(image, "filename", "") or "", "path")
    try:
        check_size(*image.size, limits, limits.max_pixels)
        with _LOADING:
            image.load()
        rgb, orientation = to_rgb(image, limits.kept_side)
        rgb = rgb.copy() if rgb is image else rgb
    except Refused as e:
        raise PhotoError(f"{name or 'image'}: {e}") from e
    except Exception as e:  # whatever Pillow raises over a lazily opened file
        raise PhotoError(f"{name or 'image'}: cannot be decoded: {words_of(e)}") from e
    digest = hashlib.sha256(b"%dx%d:" % rgb.size + rgb.tobytes()).hexdigest()
    width, height = image.size[::-1] if orientation in SIDEWAYS else image.size
    return Photo(
        rgb, name or f"image {digest[:12]}", digest, image.format or "image", width, height
    )
