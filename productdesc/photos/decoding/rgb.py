"""Any Pillow image to upright sRGB in three channels, in the order that the docs state.

It imports Pillow and the standard library only: it runs in the decoder process, and in
this one for an image object that the caller already has.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

SIDEWAYS = (5, 6, 7, 8)  # the EXIF orientations that swap width and height


def to_rgb(image: Image.Image, kept_side: int) -> tuple[Image.Image, int]:
    """(an RGB image, the EXIF orientation it was turned by).

    In this order: 8 bits, shrink, ICC to sRGB, alpha on white, EXIF turn. `image` is not
    changed, except that Pillow loads it; it comes back where nothing is to be done.
    """
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }  # fmt: skip
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    rgb = _on_white(_srgb(_shrunk(_eight_bits(image), kept_side), profile))
    if orientation in turns:
        return rgb.transpose(turns[orientation]), orientation
    return rgb, 1


_BROKEN_EXIF = (
    *(SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, OSError),
    struct.error,
)


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 (upright) where EXIF is missing or broken, as every viewer does."""
    try:
        value = image.getexif().get(0x0112, 1)
    except _BROKEN_EXIF:
        return 1
    return value if isinstance(value, int) else 1


def _eight_bits(image: Image.Image) -> Image.Image:
    """L, LA, RGB, RGBA or CMYK; of 16-bit grey the high byte."""
    if image.mode.startswith("I;16"):
        return image.point(lambda v: v / 256).convert("L")
    if image.has_transparency_data and image.mode not in ("LA", "RGBA"):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    if image.mode in ("1", "I", "F"):
        return image.convert("L")
    return image.convert("RGB")


def _shrunk(image: Image.Image, kept_side: int) -> Image.Image:
    long = max(image.size)
    if long <= kept_side:
        return image
    from PIL.Image import Resampling

    width, height = (max(1, round(s * kept_side / long)) for s in image.size)
    return image.resize((width, height), Resampling.LANCZOS, reducing_gap=3.0)


def _srgb(image: Image.Image, profile: Any) -> Image.Image:
    """In sRGB by the photo's own ICC profile; a broken or unfit profile is left aside."""
    if not isinstance(profile, bytes) or not profile:
        return image
    from PIL import ImageCms

    base = image.convert({"LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        target = ImageCms.createProfile("sRGB")
        colours = ImageCms.profileToProfile(base, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if colours is None:  # only when told to work in place
        return image
    if image.mode in ("LA", "RGBA"):
        colours.putalpha(image.getchannel("A"))
    return colours


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB") if image.mode != "RGB" else image
    from PIL import Image as pillow

    white = pillow.new("RGB", image.size, (255, 255, 255))
    return pillow.composite(image.convert("RGB"), white, image.getchannel("A"))
