"""How often the first measured colour is the shop's: one table, one line per miss.

    python benchmarks/measured_colour.py FOLDER [--misses]

FOLDER holds `labels.jsonl` (fields `file`, `product_id`, `colour`, `colour_reliable`;
or `attrs_from_text.colour`) and the photos. The table splits products by the SHA-256 of
their id: the thresholds were chosen on the even half only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from productdesc.colours import colour_family, colours_agree
from productdesc.photos.measured_colour import measure_colours
from productdesc.records import Photo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--misses", action="store_true", help="print misses of the even half"
    )
    wanted = parser.parse_args()
    right: Counter[str] = Counter()
    photos: Counter[str] = Counter()
    agree: Counter[str] = Counter()
    seconds = 0.0
    for row, stated in labelled(wanted.folder):
        photo = photo_at(wanted.folder / row["file"])
        start = time.process_time()
        measured = measure_colours(photo)
        seconds += time.process_time() - start
        families = {colour_family(s) for s in stated}
        hit = colour_family(measured[0].name) in families
        half = "even" if is_even(str(row["product_id"])) else "odd"
        for key in ("all", f"half {half}", f"label {'/'.join(stated)}"):
            photos[key] += 1
            right[key] += hit
        agree[str(colours_agree(" ".join(stated), measured))] += 1
        if wanted.misses and not hit and half == "even":
            seen = ", ".join(f"{c.name} {c.hex} {c.share:.2f}" for c in measured)
            print(f"{half:5}{row['file']:44}{'/'.join(stated):10} {seen}")
    print(f"{'group':30}{'photos':>7}{'right':>7}{'share':>8}")
    for key in sorted(photos):
        share = right[key] / photos[key]
        print(f"{key:30}{photos[key]:7}{right[key]:7}{share:8.1%}")
    print(f"colours_agree: {dict(agree)}")
    each = 1000 * seconds / max(1, photos["all"])
    print(f"{each:.1f} ms of one core a photo (decoded before)")


def labelled(folder: Path) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Rows with the colours that the shop states; unreliable ones are left out."""
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("colour_reliable"):
            yield row, [row["colour"]]
        elif "colour_reliable" not in row and row.get("attrs_from_text", {}).get("colour"):
            yield row, row["attrs_from_text"]["colour"]


def is_even(product_id: str) -> bool:
    return hashlib.sha256(product_id.encode()).digest()[0] % 2 == 0


def photo_at(path: Path) -> Photo:
    """The benchmark's own plain decoding: these folders are trusted."""
    with Image.open(path) as image:
        pixels = image.convert("RGBA") if "A" in image.getbands() else image.convert("RGB")
    if pixels.mode == "RGBA":
        pixels = Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels)
    return Photo(pixels.convert("RGB"), path.name, "", "JPEG", *pixels.size)


if __name__ == "__main__":
    main()
