"""False alarms of the quality gate on real photos, and hits on damaged copies of them.

    python benchmarks/photo_quality.py FOLDER [--copies N]

Every photo below FOLDER is judged as it is; N of each folder (default 40, evenly spread)
are judged again, as copies of 640 px, after each kind of damage in `DAMAGES`, and as
small products on the plain backgrounds of `GROUNDS`; all of `EMPTY` are judged once.
Half an hour of one core for everything in the docs' table.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from photo_quality_inputs import (
    DAMAGES,
    EMPTY,
    ENDINGS,
    GROUNDS,
    on_ground,
    opened,
    photo_of,
    small_copy,
)
from PIL import Image

from productdesc.photos.quality import judge
from productdesc.records import Photo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=40, help="photos of each folder")
    parser.add_argument("--only", choices=("real", "copies", "small"))
    wanted = parser.parse_args()
    folders = {
        folder.name: sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
        for folder in sorted(wanted.folder.iterdir())
        if folder.is_dir()
    }
    if wanted.only in (None, "real"):
        judge_real(folders)
    if wanted.only in (None, "copies"):
        judge_copies(folders, wanted.copies)
    if wanted.only in (None, "small"):
        judge_small(folders, wanted.copies)


def judge_real(folders: dict[str, list[Path]]) -> None:
    print(f"{'real photos of':24}{'photos':>7}{'refused':>9}{'warned':>8}  codes")
    seconds, count = 0.0, 0
    for name, paths in folders.items():
        codes: Counter[str] = Counter()
        refused = warned = 0
        for path in paths:
            photo = opened(path)
            start = time.process_time()
            verdict = judge(photo)
            seconds, count = seconds + time.process_time() - start, count + 1
            refused += verdict.refuse is not None
            warned += verdict.refuse is None and bool(verdict.findings)
            codes.update(f.code for f in verdict.findings)
        print(
            f"{name:24}{len(paths):7}{refused / max(1, len(paths)):9.1%}"
            f"{warned / max(1, len(paths)):8.1%}  {dict(codes)}",
            flush=True,
        )
    print(f"{1000 * seconds / max(1, count):.1f} ms of one core a photo (decoded before)\n")


def judge_copies(folders: dict[str, list[Path]], per_folder: int) -> None:
    images = spread(folders, per_folder)
    print(f"{'damaged copies':36}{'copies':>7}{'hit':>8}{'found':>8}  codes")
    for name, (code, damage) in DAMAGES.items():
        report(name, code, (photo_of(damage(image)) for image in images))
    for name, (code, empties) in EMPTY.items():
        report(name, code, (photo_of(image) for image in empties()))


def judge_small(folders: dict[str, list[Path]], per_folder: int) -> None:
    """Photos pasted small on a plain background; `refused` is what must be 0."""
    images = spread(folders, per_folder)
    for share in (0.15, 0.2, 0.3, 0.4, 0.6):
        codes: Counter[str] = Counter()
        copies = refused = 0
        for image, ground, shadow in product(images, GROUNDS.values(), (False, True)):
            pasted = on_ground(image, share, ground, shadow=shadow)
            for quality in (60, 85):
                verdict = judge(photo_of(pasted, quality))
                copies, refused = copies + 1, refused + (verdict.refuse is not None)
                codes.update(f.code for f in verdict.findings)
        print(f"{share:4.0%} of the long side {copies:6} {refused:4} {dict(codes)}")


def spread(folders: dict[str, list[Path]], per_folder: int) -> list[Image.Image]:
    """Copies of photos of all folders, evenly spread."""
    return [
        small_copy(opened(path).image, 640)
        for paths in folders.values()
        for path in paths[:: max(1, len(paths) // per_folder)]
    ]


def report(name: str, code: str, photos: Iterator[Photo]) -> None:
    """One line: `hit` counts the expected code, `found` any code."""
    codes: Counter[str] = Counter()
    copies = hits = found = 0
    for photo in photos:
        named = {f.code for f in judge(photo).findings}
        copies, hits, found = copies + 1, hits + (code in named), found + bool(named)
        codes.update(named)
    print(
        f"{name:36}{copies:7}{hits / copies:8.1%}{found / copies:8.1%}  {dict(codes)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
