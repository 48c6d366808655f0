"""The program that a decoder process runs: bytes in, pixels out, until its input ends.

It is run by its path, isolated, with Pillow's folder as its argument. It imports Pillow,
the standard library, `pixels.py` and `rgb.py` beside it, and pi-heif where it is there.
"""

from __future__ import annotations

import copy  # noqa: F401  (see IMPORTED_LATE)
import importlib
import json
import math
import signal
import sys
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import resource

    from PIL import Image

    from . import pixels
    from .pixels import PhotoLimits
else:
    try:
        import resource
    except ImportError:  # Windows
        resource = None
    # A package of that folder alone: nothing of productdesc runs, and none of the names in
    # the folder can hide another
    sys.modules["decoding"] = types.ModuleType("decoding")
    sys.modules["decoding"].__path__ = [str(Path(__file__).parent)]
    pixels = importlib.import_module("decoding.pixels")

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

# One frame each way: 4 bytes (length, big-endian), that many bytes of JSON, then as many
# raw bytes as the JSON's "bytes" says. The first frame is ours, when all is imported.


def main() -> None:
    """Decode what comes on standard input until it ends."""
    # a service that is stopped has all its processes told, and photos are under way here
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # nobody reads them here; the limits are ours
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
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
    fenced = _fence()
    _send(answered, {"ready": True, "pillow": __version__, "fenced": fenced})
    while (head := asked.read(4)) and len(head) == 4:
        request = json.loads(asked.read(int.from_bytes(head, "big")))
        limits = pixels.PhotoLimits(*request["limits"])
        _limit(limits)
        try:
            data = asked.read(request["bytes"])
            done = pixels.decode(data, request["format"], limits)
        except MemoryError:
            _send(answered, {"refused": "it needs too much memory", "memory": True})
        except Exception as e:  # whatever Pillow raises is this photo's fault
            why = str(e) if isinstance(e, pixels.Refused) else _undecodable(e)
            _send(answered, {"refused": why})
        else:
            size = [*done.image.size, done.width, done.height]
            _send(answered, {"size": size, "frame": done.frame}, done.image)
            del done
        del data


def _register_heic() -> None:
    """Let Pillow open HEIC, where the extra is installed for this interpreter."""
    try:
        import pi_heif
    except ImportError:
        return
    pi_heif.register_heif_opener(**HEIC_OPTIONS)


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


def _undecodable(error: Exception) -> str:
    return f"cannot be decoded: {error or type(error).__name__}"[:300]


def _fence() -> bool:
    """No new file, socket or core dump from here on; True where the system can do that."""
    if resource is None:
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    return True


def _limit(limits: PhotoLimits) -> None:
    """The limits of the next photo, as far as the system has them."""
    if resource is None:
        return
    # The timer is exact and renewed for each photo; the resource limit counts whole
    # seconds of the process's life and stands behind it. Either ends the process.
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + limits.cpu_seconds
    figures = {resource.RLIMIT_CPU: math.ceil(seconds) + 1}
    if sys.platform != "darwin":  # macOS knows the name and ignores the figure
        figures[resource.RLIMIT_AS] = limits.memory_bytes
    for kind, figure in figures.items():
        _, hard = resource.getrlimit(kind)
        least = figure if hard == resource.RLIM_INFINITY else min(figure, hard)
        resource.setrlimit(kind, (least, hard))


if __name__ == "__main__":
    sys.path.extend(sys.argv[1:])  # Pillow's folder, and pi-heif's
    main()
