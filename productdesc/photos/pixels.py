"""Encoded bytes to upright sRGB pixels; run as a program, this file is the decoder process.

It imports Pillow and the standard library only and nothing of this package, so that the
process starts fast and holds nothing worth stealing. `decoder.py` starts it and speaks to
it; for an image object that the caller already has, `to_rgb` is used in place.

To add a format: one line in PLUGINS, and a row in docs/photos-and-security.md.
"""

from __future__ import annotations

import copy  # noqa: F401  (see IMPORTED_LATE)
import importlib
import io
import json
import math
import signal
import struct
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

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

# What Pillow imports in the middle of its work (EXIF, MPO, palettes): the decoder process
# can open no file by then. `copy`, for GIF, is the one such module of the library.
IMPORTED_LATE = ("TiffImagePlugin", "MpoImagePlugin", "ImagePalette", "ImageColor")

STRIP_PIXELS = 2**16  # that leave the decoder process at a time


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
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    rgb = _on_white(_srgb(_shrunk(_eight_bits(image), kept_side), profile))
    if orientation in turns:
        return rgb.transpose(turns[orientation]), orientation
    return rgb, 1


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 (upright) where EXIF is missing or broken, as every viewer does."""
    try:
        value = image.getexif().get(0x0112, 1)
    except (
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        OSError,
        struct.error,
    ):
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


# --- The program -------------------------------------------------------------------------
#
# One frame each way: 4 bytes (length, big-endian), that many bytes of JSON, then as many
# raw bytes as the JSON's "bytes" says. The first frame is ours, when all is imported.


def main() -> None:
    """Decode what comes on standard input until it ends."""
    warnings.simplefilter("ignore")  # nobody reads them here; the limits are ours
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    from PIL import Image, ImageCms, __version__

    Image.preinit()
    for module in (*PLUGINS.values(), *IMPORTED_LATE):
        importlib.import_module(f"PIL.{module}")
    ImageCms.createProfile("sRGB")
    fenced = _fence()
    _send(answered, {"ready": True, "pillow": __version__, "fenced": fenced})
    while (head := asked.read(4)) and len(head) == 4:
        request = json.loads(asked.read(int.from_bytes(head, "big")))
        limits = PhotoLimits(*request["limits"])
        _limit(limits)
        # Pillow raises above twice this figure, WebP before it allocates its canvas
        Image.MAX_IMAGE_PIXELS = max(1, limits.max_pixels // 2)
        try:
            data = asked.read(request["bytes"])
            done = decode(data, request["formats"], limits)
        except MemoryError:
            _send(answered, {"refused": "it needs too much memory", "memory": True})
        except Exception as e:  # whatever Pillow raises is this photo's fault
            _send(answered, {"refused": _reason(e)})
        else:
            size = [*done.image.size, done.width, done.height]
            _send(answered, {"format": done.format, "size": size}, done.image)
            del done
        del data


def _send(pipe: BinaryIO, answer: dict[str, Any], image: Image.Image | None = None) -> None:
    width, height = image.size if image else (0, 0)
    text = json.dumps({**answer, "bytes": 3 * width * height}).encode()
    pipe.write(len(text).to_bytes(4, "big") + text)
    # Strip by strip: all at once would be new memory each time, which costs more than the
    # pixels, and the reader takes one strip while the next is made.
    rows = max(1, STRIP_PIXELS // max(1, width))
    for top in range(0, height, rows):
        assert image
        strip = image.crop((0, top, width, min(top + rows, height)))
        pipe.write(strip.tobytes())
    pipe.flush()


def _reason(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    return f"cannot be decoded: {error or type(error).__name__}"[:300]


def _fence() -> bool:
    """No new file, socket or core dump from here on; True where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    return True


def _limit(limits: PhotoLimits) -> None:
    """The limits of the next photo, as far as the system has them."""
    try:
        import resource
    except ImportError:
        return

    def lower(kind: int, figure: int) -> None:
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            figure = min(figure, hard)
        resource.setrlimit(kind, (figure, hard))

    # The timer is exact and renewed for each photo; the resource limit counts whole
    # seconds of the process's life and stands behind it. Either ends the process.
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + limits.cpu_seconds
    lower(resource.RLIMIT_CPU, math.ceil(seconds) + 1)
    if sys.platform != "darwin":  # macOS knows the name and ignores the figure
        lower(resource.RLIMIT_AS, limits.memory_bytes)


if __name__ == "__main__":
    sys.path.extend(sys.argv[1:])
    main()
