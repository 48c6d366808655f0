"""What the photo rules look at: each measure is taken once, and only where it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ....photos.quality_measures import Measures, measure
from ....records import Photo
from .framing import Framing, measure_framing
from .lettering import Lettering, find_lettering, laid_over
from .pieces import Box
from .seams import Seams, measure_seams

UNITS = {
    "long_side": "px",
    "short_side": "px",
    "megapixels": "MP",
    "structure": "of 255",
    "overlays": "",
    "watermarks": "",
    "product_count": "",
}
"""The unit of a measure; that of any other is a share, told as per cent."""


class PhotoMeasures:
    """The measures of one photo, taken when they are first read. Not for several threads.

    text_boxes: where text was read on the photo; none where nobody looked.
    """

    def __init__(self, photo: Photo, text_boxes: Sequence[Box] = ()) -> None:
        self._photo, self._boxes = photo, text_boxes

    def value(self, name: str) -> float | None:
        """A measure by its name; None where the photo has no such thing to measure."""
        found: float | None = getattr(self, name)
        return found

    @property
    def long_side(self) -> float:
        """Of the original, in px."""
        return max(self._photo.original_width, self._photo.original_height)

    @property
    def short_side(self) -> float:
        """Of the original, in px."""
        return min(self._photo.original_width, self._photo.original_height)

    @property
    def megapixels(self) -> float:
        """Of the original."""
        return self._photo.original_width * self._photo.original_height / 1e6

    @property
    def sharpness(self) -> float:
        """The steepest edges to those of a copy a quarter as large; `photos/quality.py`."""
        return self._quality.sharpness

    @property
    def shading(self) -> float:
        """Share of the plain parts that is not flat; `photos/quality.py`."""
        return self._quality.shading

    @property
    def structure(self) -> float:
        """Range of tones, but for the best smooth gradient, 0 to 255."""
        return self._quality.structure

    @property
    def off_white(self) -> float:
        """Share of the photo's edge that is background and not pure white."""
        return self._framing.off_white

    @property
    def share(self) -> float | None:
        """The product's longer side, as a share of the photo's."""
        return self._framing.share

    @property
    def touched(self) -> float | None:
        """Share of the photo's edge that the product crosses."""
        return self._framing.touched

    @property
    def product_count(self) -> float:
        """Things of like size that stand apart on a plain background."""
        return self._framing.product_count

    @property
    def border(self) -> float:
        """Share of an added border's edge that can be seen."""
        return self._seams.border

    @property
    def seam(self) -> float:
        """Share of the photo along which the clearest straight edge runs."""
        return self._seams.seam

    @property
    def watermarks(self) -> float:
        """Lines of half-transparent text."""
        return sum(line.is_watermark for line in self._lettering)

    @property
    def overlays(self) -> float:
        """Lines of text that were laid over the photo: as measured, and as read beside."""
        lines = [line.box for line in self._lettering]
        over = laid_over(self._photo.rgb, self._framing.ground, self._boxes)
        read = sum(not any(_meet(box, one) for one in lines) for box in over)
        return read + sum(not line.is_watermark for line in self._lettering)

    @cached_property
    def _quality(self) -> Measures:
        return measure(self._photo)

    @cached_property
    def _framing(self) -> Framing:
        return measure_framing(self._photo.rgb)

    @cached_property
    def _seams(self) -> Seams:
        return measure_seams(self._photo.rgb)

    @cached_property
    def _lettering(self) -> list[Lettering]:
        return find_lettering(self._photo.rgb, self._framing.ground)


def _meet(one: Box, other: Box) -> bool:
    return (
        max(one[0], other[0]) < min(one[2], other[2])
        and max(one[1], other[1]) < min(one[3], other[3])
    )  # fmt: skip
