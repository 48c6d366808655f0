"""Tells a photographed product from a drawing: the shading of what stands on a background.

A photo has tones between its colours all over; lettering and icons have a few inks, and
other tones only where an edge was smoothed or damaged by JPEG.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from .product_crop import ProductCrop, cut, find_product, shrunk
from .regions import Mask, Tones, steps, widened

__all__ = ["edges_of", "grey_of", "near", "photographed_product"]


class ShadingMeasuring(NamedTuple):
    """The limits between shade and ink; tones are 0 to 255, shares of the product."""

    whole: float = 0.8  # of the photo's long side: a larger product needs no crop
    side: int = 256  # px, long side of the crop
    coarse: int = 128  # px, for the product on a card
    photographed: float = 0.05  # least shading; real 0.07 at 30 % of the frame
    plain_card: float = 0.5  # of a card's frame; photos are often cut off there
    card: float = 0.9  # of a box that the product fills: it may be a card or a frame
    min_edge: float = 10.0
    edge: float = 0.3  # of the strongest edges: from here it is lettering, not shade
    smear: int = 3  # px around an edge that belong to it
    inner: float = 0.3  # away from edges: enough to tell shade by
    shaded: float = 0.88  # of that: JPEG damage shades less of a drawing
    lying: float = 0.04  # of the product, away from edges and its commonest tone: a card
    shaded_on_card: float = 0.95  # of that: it is less, and nearer to edges
    flat: float = 0.7  # of that: with less it may be a drawing of many colours
    solid: float = 0.3  # of the product's contrast: from here no blend with the ground
    min_solid: float = 0.05  # of the product; real 0.08, a chain. Thin lines have less
    inks: int = 3  # of lettering or an icon; a drawing has so many tones
    many_inks: int = 5  # of a drawing that is flat
    same_ink: float = 0.04  # of the product's contrast, either way
    min_same_ink: int = 3
    edge_tones: float = 0.3  # of the edges' share: tones that damaged edges add


MEASURING = ShadingMeasuring()


def photographed_product(
    image: Image.Image, fine: Image.Image, coarse: Image.Image
) -> tuple[ProductCrop, float] | None:
    """The crop of a product on a plain background and its shading, None for a drawing.

    `fine` and `coarse` are smaller copies of `image`. Also None where nothing stands on
    a plain background, or what does nearly fills the photo. What lies on a card of
    another colour is looked at by itself.
    """
    crop = find_product(coarse)
    if crop is None or crop.side >= MEASURING.whole:
        return None
    source = fine if crop.side * max(fine.size) > MEASURING.side else image
    shading = _shading(source, crop, MEASURING.shaded)
    if shading < MEASURING.photographed and crop.filled >= MEASURING.card:
        card = cut(image, crop.inside(coarse.size))
        lying = find_product(
            shrunk(card, MEASURING.coarse), plain_frame=MEASURING.plain_card
        )
        shading = _shading(card, lying, MEASURING.shaded_on_card) if lying else 0.0
    return (crop, shading) if shading >= MEASURING.photographed else None


def _shading(image: Image.Image, crop: ProductCrop, enough: float) -> float:
    """How much of a product is shaded, 0 to 1.

    Where it has room between its edges: what is not flat there, if that is `enough`,
    or nearly all of what lies on its commonest tone. Else the tones that neither its
    few commonest tones nor its edges account for; thin lines have none.
    """
    small = shrunk(cut(image, crop.box), MEASURING.side)
    off = crop.off_ground(np.asarray(small))
    product = off > crop.tolerance
    if not product.any():
        return 0.0
    grey = grey_of(small)
    steep = steps(grey)
    edges = edges_of(steep)
    contrast = min(255.0, float(np.percentile(off[product], 95)))
    reach = max(MEASURING.min_same_ink, round(MEASURING.same_ink * contrast))
    inner, inks = product & ~near(edges, MEASURING.smear), MEASURING.inks
    if inner.sum() >= MEASURING.inner * product.sum():
        (ink,) = _inks(grey[inner], reach, 1)
        lying = inside(inner & (np.abs(grey - ink) > reach))
        shaded = float((steep[inner] > 0).mean())
        if shaded >= enough:
            return shaded
        if lying.sum() >= MEASURING.lying * product.sum():
            on_card = float((steep[lying] > 0).mean())
            if on_card >= MEASURING.shaded_on_card:
                return on_card
        if shaded < MEASURING.flat:
            inks = MEASURING.many_inks
    solid = off > MEASURING.solid * contrast
    tones = grey[inside(solid)]
    if tones.size < MEASURING.min_solid * product.sum():
        return 0.0
    others = np.ones(tones.size, bool)
    for ink in _inks(tones, reach, inks):
        others &= np.abs(tones - ink) > reach
    share = float(others.sum()) / max(1, tones.size)
    return max(0.0, share - MEASURING.edge_tones * float(edges[product].mean()))


def _inks(tones: Tones, reach: int, count: int) -> list[int]:
    """The commonest tones, each with all that is near it taken away from the next."""
    left = np.bincount(tones, minlength=256)
    inks = []
    for _ in range(count):
        together = np.convolve(left, np.ones(2 * reach + 1, left.dtype))[reach:-reach]
        inks.append(int(together.argmax()))
        left[max(0, inks[-1] - reach) : inks[-1] + reach + 1] = 0
    return inks


def grey_of(image: Image.Image) -> Tones:
    """The tones of an image, signed so that they can be subtracted."""
    return np.asarray(image.convert("L"), np.int16)


def edges_of(steep: Tones) -> Mask:
    """The steps that are too steep for shade."""
    strongest = float(np.percentile(steep, 99.8))
    return steep > max(MEASURING.min_edge, MEASURING.edge * strongest)


def inside(mask: Mask) -> Mask:
    """The mask without its outermost pixels: what JPEG scattered goes with them."""
    return mask & ~widened(~mask)


def near(mask: Mask, reach: int) -> Mask:
    """The mask and what is at most so many pixels away from it."""
    for _ in range(reach):
        mask = widened(mask)
    return mask
