"""Second look: a smaller copy of a photo, by which a model's answer is tried again."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ..records import Photo

__all__ = ["SECOND_SCALE", "smaller"]

SECOND_SCALE = 0.75
"""Of each side: another grid of patches, and little more than half of the tokens."""


def smaller(photo: Photo) -> Photo:
    """The photo at `SECOND_SCALE` of its size; its digest is another."""
    size = tuple(max(1, round(side * SECOND_SCALE)) for side in photo.image.size)
    digest = hashlib.sha256(f"{photo.sha256} x {SECOND_SCALE}".encode()).hexdigest()
    image = photo.image.resize((size[0], size[1]))
    return replace(photo, image=image, sha256=digest)
