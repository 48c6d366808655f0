"""Thumbnails: small JPEGs of a product's photos, for a page or a notebook."""

from __future__ import annotations

import io
from collections.abc import Sequence

from ..records import Photo

MAX_BYTES = 40_000
"""Of all thumbnails of one product: a description crosses processes with them."""

SIZES = ((220, 80), (220, 60), (220, 40), (110, 40))
"""The longer side in pixels and the JPEG quality, tried in turn."""


def thumbnails(photos: Sequence[Photo]) -> list[bytes]:
    """One JPEG a photo, in their order; the more photos, the smaller each."""
    return [_jpeg(photo, MAX_BYTES // len(photos)) for photo in photos]


def _jpeg(photo: Photo, max_bytes: int) -> bytes:
    jpeg = b""
    for side, quality in SIZES:
        small, out = photo.image.copy(), io.BytesIO()
        small.thumbnail((side, side))
        small.save(out, "JPEG", quality=quality)
        jpeg = out.getvalue()
        if len(jpeg) <= max_bytes:
            break
    return jpeg
