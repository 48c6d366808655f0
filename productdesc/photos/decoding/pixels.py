"""Encoded bytes to upright sRGB pixels, inside the decoder process.

It imports Pillow, the standard library and `rgb.py`, and nothing else of this package, so
that the process starts fast and holds nothing worth stealing.

To add a format: a row in PHOTO_FORMATS, its first bytes in `magic_bytes.py`, and a row in
docs/photos-and-security.md.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, NamedTuple

from .rgb import SIDEWAYS, to_rgb

if TYPE_CHECKING:
    from PIL import Image


class PhotoFormat(NamedTuple):
    """How one format is opened: Pillow's name of it, its plugin, and its row of limits."""

    pillow: str
    plugin: str
    limit: str  # the field of PhotoLimits that bounds its header
    moves: bool = False  # whether its further frames are an animation's


PHOTO_FORMATS = {
    "JPEG": PhotoFormat("JPEG", "PIL.JpegImagePlugin", "max_jpeg_pixels"),
    "PNG": PhotoFormat("PNG", "PIL.PngImagePlugin", "max_pixels", moves=True),
    "WEBP": PhotoFormat("WEBP", "PIL.WebPImagePlugin", "max_webp_pixels", moves=True),
    "GIF": PhotoFormat("GIF", "PIL.GifImagePlugin", "max_pixels", moves=True),
    "AVIF": PhotoFormat("AVIF", "PIL.AvifImagePlugin", "max_avif_pixels", moves=True),
    # an extra: pi-heif decodes only; Pillow's own name for the format is HEIF
    "HEIC": PhotoFormat("HEIF", "pi_heif", "max_heic_pixels"),
}
FORMATS = tuple(PHOTO_FORMATS)


class PhotoLimits(NamedTuple):
    """What one photo may be and cost. `limits._replace(...)` gives a changed copy.

    Sizes are judged from the header, before anything is decoded. `max_pixels` counts what
    is decoded: a JPEG is decoded smaller than it is where that is enough.
    """

    max_bytes: int = 30 * 2**20  # of the file; Shopify takes photos up to 20 MB
    min_side: int = 56  # px; Qwen2-VL would blow a smaller side up to two patches of 28
    max_side: int = 20_000  # px
    max_pixels: int = 40_000_000  # 160 MB decoded; no shop takes more than 25 MP
    max_jpeg_pixels: int = 200_000_000  # of its header: the largest phone camera's
    max_progressive_pixels: int = 50_000_000  # libjpeg holds such a JPEG whole: 6 bytes
    max_webp_pixels: int = 25_000_000  # libwebp holds four canvases: 16 bytes a pixel
    max_avif_pixels: int = 50_000_000  # a phone's 48 MP
    max_heic_pixels: int = 50_000_000  # a phone's 48 MP; 360 MB, 3.4 s
    max_aspect: float = 36.0  # long : short; 2048 : 56, so both sides survive shrinking
    kept_side: int = 2048  # px; a longer photo is shrunk to this: the model sees less
    draft_side: int = 1536  # px; a JPEG so long at 1/2, 1/4 or 1/8 is decoded at that
    memory_bytes: int = 500 * 2**20  # address space of the decoder process
    cpu_seconds: float = 6.0  # of the decoder, for one photo; 48 MP of HEIC take 3.4
    wall_seconds: float = 15.0  # for one photo, on a machine with other work to do

    def header_pixels(self, format: str) -> int:
        """The most pixels that the header of a photo of this format may state."""
        figure: int = getattr(self, PHOTO_FORMATS[format].limit)
        return figure


class FrameChoice(NamedTuple):
    """Which frame of an animation is taken, where the first one is blank."""

    side: int = 48  # px: at this size noise is averaged away
    blank: int = 12  # of 255: a range of tones below this shows nothing
    clear: int = 96  # of 255: the first frame with such a range is taken at once
    max_frames: int = 16  # that are looked at; then the one with the widest range


FRAME_CHOICE = FrameChoice()


class Refused(ValueError):
    """Why a photo is not taken, without its name."""


class Decoded(NamedTuple):
    """One photo: `image` is RGB, upright, sRGB; the sizes (px) are the original's.

    `frame` counts an animation's frames from 1; it is 0 for what was not taken as one.
    """

    image: Image.Image
    width: int
    height: int
    frame: int = 0


def decode(data: bytes, format: str, limits: PhotoLimits) -> Decoded:
    """Encoded bytes of one format. Raises `Refused`, or what Pillow raises.

    Of an animation the first frame counts, or where that is blank the first clear one.
    """
    from PIL import Image, UnidentifiedImageError

    name = PHOTO_FORMATS[format].pillow
    if name not in Image.OPEN:
        raise Refused(f"{format} cannot be opened by the decoder's Python")
    # Pillow raises above twice this figure, WebP before it allocates its canvas
    Image.MAX_IMAGE_PIXELS = max(1, limits.header_pixels(format) // 2)
    Image.WARN_POSSIBLE_FORMATS = True  # the plugin's own reason, which is lost else
    try:
        with warnings.catch_warnings(record=True, action="always") as reasons:
            image = Image.open(io.BytesIO(data), formats=(name,))
    except UnidentifiedImageError:
        why = "; ".join(str(reason.message) for reason in reasons) or "no reason given"
        raise Refused(
            f"it begins as {format} and is damaged or incomplete ({len(data)} bytes): {why}"
        ) from None
    except Image.DecompressionBombError as e:
        raise Refused(f"{str(e).split(',')[0].lower()}; shrink it first") from None
    most = limits.header_pixels(format)
    if format == "JPEG" and image.info.get("progressive"):
        most = min(most, limits.max_progressive_pixels)
    check_size(*image.size, limits, most)
    width, height = image.size
    shrink = max(width, height) / min(limits.kept_side, limits.draft_side)
    if format == "JPEG":
        if shrink >= 2:  # libjpeg itself can decode at 1/2, 1/4, 1/8
            image.draft(None, (int(width / shrink), int(height / shrink)))
        check_pixels(*image.size, limits.max_pixels)
    _load(image)
    if format == "HEIC":  # whose container only claims a size
        width, height = image.size
        check_size(width, height, limits, most)
    rgb, turn = to_rgb(image, limits.kept_side)
    frame = 0
    if PHOTO_FORMATS[format].moves and _range(rgb) < FRAME_CHOICE.blank:
        rgb, frame = _clear_frame(image, rgb, limits)
    if turn in SIDEWAYS:
        width, height = height, width
    return Decoded(rgb, width, height, frame)


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except RuntimeError as e:  # libheif's own word for it
        if "memory" in str(e).lower():
            raise MemoryError(str(e)) from e
        raise


def _range(rgb: Image.Image) -> int:
    """The widest range of tones in one channel, 0 to 255, without noise."""
    from PIL.Image import Resampling

    side = FRAME_CHOICE.side
    tones = rgb.resize((side, side), Resampling.BOX).getextrema()
    return max(int(high) - int(low) for low, high in tones)  # type: ignore[misc]


def _clear_frame(
    image: Image.Image, first: Image.Image, limits: PhotoLimits
) -> tuple[Image.Image, int]:
    """(The frame that shows most, its number), the first being blank; 0: no animation.

    A frame that is broken ends the looking; what was seen before it counts.
    """
    first = first.copy() if first is image else first  # to seek changes an image in place
    most = limits.max_pixels // (image.width * image.height)
    chosen, number, best, seen = first, 0, _range(first), 0
    for n in range(1, min(FRAME_CHOICE.max_frames, most)):
        try:
            image.seek(n)
            image.load()
            rgb, _ = to_rgb(image, limits.kept_side)
        except MemoryError:
            raise
        except Exception:  # whatever Pillow raises; at the end it is an EOFError
            break
        seen = n
        if (width := _range(rgb)) > best:
            chosen = rgb.copy() if rgb is image else rgb
            number, best = n, width
        if width >= FRAME_CHOICE.clear:
            break
    return chosen, number + 1 if seen else 0


def check_size(width: int, height: int, limits: PhotoLimits, max_pixels: int) -> None:
    """Raises `Refused` for a photo that is too small, too large or too thin."""
    size = f"{width}x{height} px"
    short, long = sorted((width, height))
    if short < limits.min_side:
        raise Refused(f"{size}: a side is under {limits.min_side} px; use a larger photo")
    if long > limits.max_side:
        raise Refused(f"{size}: a side is over {limits.max_side} px; shrink it first")
    check_pixels(width, height, max_pixels)
    if long > short * limits.max_aspect:
        raise Refused(
            f"{size}: {long / short:.0f} times as long as wide; {limits.max_aspect:g} is "
            "the limit; crop it first"
        )


def check_pixels(width: int, height: int, most: int) -> None:
    """Raises `Refused` for more pixels than `most`."""
    if width * height > most:
        raise Refused(
            f"{width}x{height} px: {width * height / 1e6:.1f} million pixels; "
            f"{most / 1e6:.1f} is the limit; shrink it first"
        )
