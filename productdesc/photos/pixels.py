"""Encoded bytes to upright sRGB pixels, inside the decoder process.

It imports Pillow and the standard library only and nothing of this package, so that the
process starts fast and holds nothing worth stealing. For an image object that the caller
already has, `to_rgb` is used in place.

To add a format: one line in PLUGINS, and a row in docs/photos-and-security.md.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

# The Pillow plugin of each format that may be opened. Every further one is more C code
# within a stranger's reach: AVIF is opened only when asked for.
PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "GIF": "GifImagePlugin",
    "AVIF": "AvifImagePlugin",
}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PhotoLimits(NamedTuple):
    """What one photo may be and cost. `limits._replace(...)` gives a changed copy.

    Sizes are judged from the header, before anything is decoded.
    """

    max_bytes: int = 30 * 2**20  # of the file; Shopify takes photos up to 20 MB
    min_side: int = 56  # px; Qwen2-VL would blow a smaller side up to two patches of 28
    max_side: int = 20_000  # px
    max_pixels: int = 40_000_000  # 160 MB decoded; no shop takes more than 25 MP
    max_webp_pixels: int = 25_000_000  # libwebp holds four canvases: 16 bytes a pixel
    max_aspect: float = 36.0  # long : short; 2048 : 56, so both sides survive shrinking
    kept_side: int = 2048  # px; a longer photo is shrunk to this: the model sees less
    draft_side: int = 1536  # px; a JPEG so long at 1/2, 1/4 or 1/8 is decoded at that
    memory_bytes: int = 500 * 2**20  # address space of the decoder process
    cpu_seconds: float = 3.0  # of the decoder, for one photo; 40 MP of PNG take 2.2
    wall_seconds: float = 15.0  # for one photo, on a machine with other work to do


SIDEWAYS = (5, 6, 7, 8)  # the EXIF orientations that swap width and height


class Refused(ValueError):
    """Why a photo is not taken, without its name."""


class Decoded(NamedTuple):
    """One photo: `image` is RGB, upright, sRGB; the sizes (px) are the original's."""

    image: Image.Image
    format: str
    width: int
    height: int


def decode(data: bytes, formats: Sequence[str], limits: PhotoLimits) -> Decoded:
    """The first frame of encoded bytes. Raises `Refused`, or what Pillow raises."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(data), formats=tuple(formats))
    except UnidentifiedImageError:
        raise Refused(
            f"not a photo in {_listed(formats)}: its {len(data)} bytes begin with "
            f"{data[:12]!r}"
        ) from None
    except Image.DecompressionBombError as e:
        raise Refused(f"{str(e).split(',')[0].lower()}; shrink it first") from None
    if image.format == "WEBP":
        limits = limits._replace(max_pixels=min(limits.max_pixels, limits.max_webp_pixels))
    check_size(*image.size, limits)
    # MPO is a JPEG with more pictures behind it; only the first is read
    name = "JPEG" if image.format == "MPO" else image.format or ""
    width, height = image.size
    shrink = max(width, height) / min(limits.kept_side, limits.draft_side)
    if name == "JPEG" and shrink >= 2:  # libjpeg itself can decode at 1/2, 1/4, 1/8
        image.draft(None, (int(width / shrink), int(height / shrink)))
    image.load()
    rgb, turn = to_rgb(image, limits.kept_side)
    if turn in SIDEWAYS:
        width, height = height, width
    return Decoded(rgb, name, width, height)


def check_size(width: int, height: int, limits: PhotoLimits) -> None:
    """Raises `Refused` for a photo that is too small, too large or too thin."""
    size = f"{width}x{height} px"
    short, long = sorted((width, height))
    if short < limits.min_side:
        raise Refused(f"{size}: a side is under {limits.min_side} px; use a larger photo")
    if long > limits.max_side:
        raise Refused(f"{size}: a side is over {limits.max_side} px; shrink it first")
    if width * height > limits.max_pixels:
        raise Refused(
            f"{size}: {width * height / 1e6:.1f} million pixels; "
            f"{limits.max_pixels / 1e6:.1f} is the limit; shrink it first"
        )
    if long > short * limits.max_aspect:
        raise Refused(
            f"{size}: {long / short:.0f} times as long as wide; {limits.max_aspect:g} is "
            "the limit; crop it first"
        )


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


def _listed(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
