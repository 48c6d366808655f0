"""Target of photo intake: a stranger's bytes through the decoder process, then judged."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from doubles.pictures import jpeg, picture
from fuzz.corpus import TESTS, binaries
from fuzz.mutate.binary import photo
from fuzz.target import Target, is_one_line, require

from productdesc.errors import PhotoError
from productdesc.photos import PhotoLimits, load
from productdesc.photos.measured_colour import measure_colours
from productdesc.photos.quality import judge

LIMITS = PhotoLimits()


def _load(data: bytes, folder: Path) -> None:
    try:
        made = load(data, limits=LIMITS)
    except PhotoError as e:
        text = str(e)
        require(is_one_line(text) and len(text) < 1_000, f"one line: {text!r:.300}")
        raise
    require(made.image.mode == "RGB", f"three channels: {made.image.mode}")
    require(max(made.image.size) <= LIMITS.kept_side, f"its size: {made.image.size}")
    require(made.sha256 == hashlib.sha256(data).hexdigest(), "its own hash")
    require(0 < made.original_width <= LIMITS.max_side, "its own size")
    judge(made)
    shares = [colour.share for colour in measure_colours(made)]
    require(all(0 < share <= 1 for share in shares), f"shares: {shares}")


def _photos(shared: Path | None) -> Sequence[bytes]:
    images = "shared/bad-inputs/images"
    places = [
        f"{images}/**/*.{end}" for end in ("jpg", "jpeg", "webp", "gif", "heic", "avif")
    ]
    found = binaries(shared, *places, f"{images}/pngsuite/*.png", "o08_heic_folder/*")
    found += [
        path.read_bytes() for path in sorted((TESTS / "data" / "heic").glob("*.heic"))
    ]
    small = picture(size=(120, 100))
    for format in ("PNG", "WEBP", "GIF", "AVIF"):
        out = io.BytesIO()
        small.save(out, format)
        found.append(out.getvalue())
    frames = [picture(colour, (80, 80)) for colour in ("red", "blue")]
    for format in ("GIF", "PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, format, save_all=True, append_images=frames[1:])
        found.append(out.getvalue())
    return [jpeg(small), *found]


TARGETS = {"photo": Target(_load, (PhotoError,), _photos, (photo,))}
