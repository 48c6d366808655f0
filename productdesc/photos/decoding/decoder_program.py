"""What a decoder process does: encoded bytes in, pixels out.

It runs in a child of `photos/worker/`. It imports Pillow, the standard library, `pixels.py`
and `rgb.py` beside it, and pi-heif where it is there.
"""

from __future__ import annotations

import copy  # noqa: F401  (see IMPORTED_LATE)
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..worker.child_program import Program, Reply
from . import pixels

if TYPE_CHECKING:
    from PIL import Image

# What Pillow imports in the middle of its work (EXIF, MPO, palettes): the decoder process
# can open no file by then. `copy`, for GIF, is the one such module of the library.
IMPORTED_LATE = ("TiffImagePlugin", "MpoImagePlugin", "ImagePalette", "ImageColor")

# No threads of decoders: each takes a share of the address space for its heap. Of a HEIC
# nothing but its pictures is looked at.
HEIC_OPTIONS = {
    **{"thumbnails": False, "depth_images": False, "aux_images": False},
    "decode_threads": 0,
}
AVIF_THREADS = 1

STRIP_PIXELS = 2**16  # that leave the decoder process at a time


class DecoderProgram:
    """Decodes one photo at a time; see `worker.child_program.Program`."""

    verb = "decoded"
    refused: type[Exception] = pixels.Refused

    def prepare(self) -> dict[str, Any]:
        from PIL import AvifImagePlugin, Image, ImageCms, __version__

        Image.preinit()
        for format in pixels.PHOTO_FORMATS.values():
            if format.plugin.startswith("PIL."):
                importlib.import_module(format.plugin)
        for module in IMPORTED_LATE:
            importlib.import_module(f"PIL.{module}")
        AvifImagePlugin.DEFAULT_MAX_THREADS = AVIF_THREADS
        _register_heic()
        ImageCms.createProfile("sRGB")
        return {"pillow": __version__}

    def answer(self, request: dict[str, Any], data: bytes) -> Reply:
        limits = pixels.PhotoLimits(*request["limits"])
        done = pixels.decode(data, request["format"], limits)
        width, height = done.image.size
        size = [width, height, done.width, done.height]
        head = {"size": size, "frame": done.frame}
        return Reply(head, 3 * width * height, _strips(done.image))


def _strips(image: Image.Image) -> Iterator[bytes]:
    """Strip by strip: all at once would be new memory each time, which costs more than the
    pixels, and the reader takes one strip while the next is made."""
    width, height = image.size
    rows = max(1, STRIP_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(top + rows, height))).tobytes()


def _register_heic() -> None:
    """Let Pillow open HEIC, where the extra is installed for this interpreter."""
    try:
        import pi_heif
    except ImportError:
        return
    pi_heif.register_heif_opener(**HEIC_OPTIONS)


PROGRAM: Program = DecoderProgram()
