"""Lettering: words that were laid over a photo, told from print on what it shows.

What is laid over has one ink, or one share of an ink, and stands where no print can: on
the plain background, on a bar or a badge without shading, or across the product's edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ....photos.product_crop import shrunk
from ....photos.regions import Mask
from .pieces import Box, Ints, pieces

Floats = NDArray[np.float64]


class LetterMeasuring(NamedTuple):
    """The sizes and limits that letters are found with; tones are 0 to 255."""

    side: int = 800  # px: letters of 1.5 % are 12 px high there
    around: int = 20  # px: a letter's strokes are darker or lighter than these around it
    contrast: int = 10  # from the tones around: a pale watermark's
    least_height: int = 8  # px; smaller ones cannot be told from noise
    most_height: float = 0.16  # of the long side
    least_area: int = 14  # px
    filled: tuple[float, float] = (0.12, 0.95)  # of its box that a letter covers
    flat: float = 4.0  # an ink's tones stray by no more,
    flat_share: float = 0.05  # and as much more of its contrast, which JPEG smears
    same_ink: float = 20.0  # in any channel, from letter to letter; JPEG smears colours
    like_height: float = 2.5  # the tallest letter of a word to its lowest
    gap: float = 0.9  # of a letter's height, to the next one
    in_line: float = 0.5  # of the lower letter's height that both share: slanted up to 40°
    core: float = 0.8  # of its contrast: a stroke without its smoothed edges
    letters: int = 4  # in one word at least,
    clear_letters: int = 3  # or so many of a contrast of `clear`
    clear: int = 80
    ring: float = 0.3  # of a word's height: what it stands on
    on_ground: float = 0.75  # of that is plain background
    between: float = 0.45  # of a word with what is around it: the rest is its letters
    drawn: float = 6.0  # a bar's tones stray by no more from their middle
    even: float = 2.0  # from side to side of a word: more is shade, on a product
    exact: float = 2.0  # as near the middle is a drawn bar in most of its pixels:
    one_tone: float = 0.65  # made bars 0.77 and more, a smooth product 0.58
    variety: float = 0.08  # in how much of its box a letter covers: a row of beads has none
    solid: int = 130  # of contrast: from here the ink is no half-transparent one
    most: int = 600  # pieces that are looked at, the clearest first


MEASURING = LetterMeasuring()


class Lettering(NamedTuple):
    """A line of words of one ink.

    `contrast`: of the ink to what is around it, 0 to 255. `on`: what the line stands on:
    plain "ground", a "flat" bar or badge, or else "print", which is no finding.
    """

    box: Box
    letters: int
    contrast: float
    on: str = ""

    @property
    def is_watermark(self) -> bool:
        """Whether the ink is so pale, on plain background, that it lets that through."""
        return self.on == "ground" and self.contrast < MEASURING.solid


def find_lettering(image: Image.Image, ground: Mask | None) -> list[Lettering]:
    """Words that were laid over a photo in RGB.

    `ground`: what is background, (height, width) of any size, None for a scene.
    """
    small = shrunk(image, MEASURING.side)
    grey = small.convert("L")
    around = grey.filter(ImageFilter.BoxBlur(MEASURING.around))
    off = np.asarray(grey, np.int16) - np.asarray(around, np.int16)
    pixels = np.asarray(small, np.float64)
    where = _Where(pixels, _resized(ground, small.size))
    found = [
        word._replace(on=where.stands(word.box))
        for sign in (1, -1)
        for word in _words(off * sign, pixels)
    ]
    return [
        word  # a pale ink is told from a product's own tones on plain background only
        for word in found
        if word.on == "ground" or (word.on == "flat" and word.contrast >= MEASURING.clear)
    ]


def laid_over(image: Image.Image, ground: Mask | None, boxes: Sequence[Box]) -> list[Box]:
    """Those boxes of text, in shares of the photo, that stand where no print can."""
    small = shrunk(image, MEASURING.side)
    where = _Where(np.asarray(small, np.float64), _resized(ground, small.size))
    return [box for box in boxes if where.stands(box) != "print"]


def _resized(ground: Mask | None, size: tuple[int, int]) -> Mask | None:
    if ground is None:
        return None
    return np.asarray(Image.fromarray(ground).resize(size, Image.Resampling.NEAREST))


class _Where(NamedTuple):
    """What a word stands on: pixels (height, width, 3), and what of them is background."""

    pixels: Floats
    ground: Mask | None

    def stands(self, box: Box) -> str:
        """What the box of a word stands on: "ground", "flat" (a bar, a badge), "print"."""
        sides, whole = self._around(box)
        if self.ground is not None and (
            np.mean([self.ground[side].mean() for side in sides]) >= MEASURING.on_ground
            and self.ground[whole].mean() >= MEASURING.between
        ):
            return "ground"
        tones = np.stack([np.median(self.pixels[side], axis=(0, 1)) for side in sides])
        middle = np.median(tones, axis=0)
        near = np.abs(self.pixels[whole] - middle).max(axis=-1) <= MEASURING.drawn
        even = np.ptp(tones, axis=0).max() <= MEASURING.even
        exact = [
            (np.abs(self.pixels[side] - middle).max(axis=-1) <= MEASURING.exact).mean()
            for side in sides
        ]
        drawn = even and np.mean(exact) >= MEASURING.one_tone
        return "flat" if drawn and near.mean() >= MEASURING.between else "print"

    def _around(self, box: Box) -> tuple[list[_Part], _Part]:
        """The four sides of a ring around a box, and ring and box together.

        The ring is as wide as a third of the box's short side.
        """
        height, width = self.pixels.shape[:2]
        left, top = int(box[0] * width), int(box[1] * height)
        right, bottom = round(box[2] * width), round(box[3] * height)
        wide = max(2, round(min(right - left, bottom - top) * MEASURING.ring))
        outer = (max(0, left - wide), max(0, top - wide), right + wide, bottom + wide)
        sides = [
            _part((outer[0], outer[1], outer[2], top)),
            _part((outer[0], bottom, outer[2], outer[3])),
            _part((outer[0], top, left, bottom)),
            _part((right, top, outer[2], bottom)),
        ]
        return [side for side in sides if self.pixels[side].size], _part(outer)


_Part = tuple[slice, slice]


def _part(box: tuple[int, int, int, int]) -> _Part:
    left, top, right, bottom = box
    return slice(top, bottom), slice(left, right)


class _Letters(NamedTuple):
    boxes: Ints
    inks: Floats
    contrasts: Floats
    filled: Floats


def _words(off: NDArray[np.int16], pixels: Floats) -> list[Lettering]:
    letters = _letters(off, pixels)
    height, width = off.shape
    words = []
    for members in _groups(letters):
        boxes, contrast = letters.boxes[members], np.median(letters.contrasts[members])
        clear = contrast >= MEASURING.clear
        if len(members) < (MEASURING.clear_letters if clear else MEASURING.letters):
            continue
        if np.ptp(letters.filled[members]) < MEASURING.variety:
            continue
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = boxes[:, 2:].max(axis=0)
        box = (
            float(left) / width,
            float(top) / height,
            float(right) / width,
            float(bottom) / height,
        )
        words.append(Lettering(box, len(members), float(contrast)))
    return words


def _letters(off: NDArray[np.int16], pixels: Floats) -> _Letters:
    """The pieces that may be letters: of a letter's size and shape, of one flat ink."""
    labels, boxes, areas = pieces(off >= MEASURING.contrast)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    most = MEASURING.most_height * max(off.shape)
    filled = areas / np.maximum(1, wide * high)
    likely = (
        (np.maximum(wide, high) >= MEASURING.least_height)
        & (high <= most)
        & (wide <= 1.5 * most)
        & (areas >= MEASURING.least_area)
        & (filled >= MEASURING.filled[0])
        & (filled <= MEASURING.filled[1])
    )
    peak, at = np.zeros(areas.size), np.nonzero(labels >= 0)
    of, high_by = labels[at], off[at]
    np.maximum.at(peak, of, high_by)
    core = high_by >= MEASURING.core * peak[of]
    inks, spread = _inks(of[core], pixels[at][core], areas.size)
    flat = spread <= MEASURING.flat + MEASURING.flat_share * peak
    chosen = np.flatnonzero(likely & flat)
    chosen = chosen[np.argsort(-peak[chosen], kind="stable")][: MEASURING.most]
    return _Letters(boxes[chosen], inks[chosen], peak[chosen], filled[chosen])


def _inks(of: Ints, tones: Floats, count: int) -> tuple[Floats, Floats]:
    """Mean colours (count, 3) of each piece, and how far its lightness strays (count,).

    A JPEG keeps lightness finer than colour.
    """
    pixels = np.maximum(1, np.bincount(of, minlength=count))
    grey = tones.mean(axis=1)
    mean, square = (np.bincount(of, one, count) / pixels for one in (grey, grey**2))
    colours = [np.bincount(of, channel, count) / pixels for channel in tones.T]
    return np.stack(colours, axis=1), np.sqrt(np.maximum(0, square - mean**2))


def _groups(letters: _Letters) -> list[Ints]:
    """The letters that stand beside each other in a word or a line, of one ink."""
    boxes = letters.boxes
    high = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    gap, overlap = _gaps(boxes, 0), -_gaps(boxes, 1)
    low, tall = np.minimum(high[:, None], high), np.maximum(high[:, None], high)
    inks = np.abs(letters.inks[:, None] - letters.inks[None]).max(axis=-1)
    beside = (
        (gap <= MEASURING.gap * tall)
        & (overlap >= MEASURING.in_line * low)
        & (tall <= MEASURING.like_height * low)
        & (inks <= MEASURING.same_ink)
    )
    groups, left = [], np.ones(len(boxes), bool)
    for first in range(len(boxes)):
        if not left[first]:
            continue
        members = beside[first] | (np.arange(len(boxes)) == first)
        while (grown := beside[members].any(axis=0) | members).sum() > members.sum():
            members = grown
        left &= ~members
        groups.append(np.flatnonzero(members))
    return groups


def _gaps(boxes: Ints, axis: int) -> Ints:
    """How far each box is from each other along an axis, (n, n); negative: they overlap."""
    first, last = boxes[:, axis], boxes[:, axis + 2]
    return np.maximum(first[:, None], first) - np.minimum(last[:, None], last)
