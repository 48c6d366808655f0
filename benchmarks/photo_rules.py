"""What the photo rules of `productdesc moderate` catch, and how often they are wrong.

    python benchmarks/photo_rules.py FOLDER [--half A|B] [--only PART] [--ocr] [--fired TO]

FOLDER holds photos of shops. Those of 500 px and more are split: every other one, in the
order of their paths, is of half A, on which the limits were chosen. The figures of the
docs are of half B. `--fired` names a folder for contact sheets, one for each rule that
fired on a real photo, to be looked at. `--ocr` reads the text on photos (extra `ocr`), as
the command's does, and holds its places to the rule on overlays. Twelve minutes of one
core for one half; with `--ocr` some three seconds a photo more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from photo_rules_inputs import (
    DAMAGES,
    NOT_WHITE,
    Composite,
    as_jpeg,
    composites,
    cut_outs,
    large_photos,
    made_faults,
    one_tone,
    opened,
)
from PIL import Image, ImageDraw

from productdesc.photos import TextReader
from productdesc.questions.moderation.photo_rules import PHOTO_RULES, PhotoRule
from productdesc.questions.moderation.photo_rules.photo_measures import PhotoMeasures
from productdesc.questions.moderation.verdict import TextOnPhoto
from productdesc.records import Photo

MADE = {  # a fault -> the measures of which any may find it
    "overlay": ("overlays",),
    "border": ("border",),
    "collage": ("seam", "product_count"),
    "watermark": ("watermarks", "overlays"),
    "placeholder": ("shading", "structure"),
    "several": ("product_count",),
}
SHOWN = (
    "overlays",
    "border",
    "seam",
    "watermarks",
    "shading",
    "structure",
    "product_count",
)
SHOWN += ("sharpness", "off_white", "share", "touched")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices="AB", default="B")
    parser.add_argument("--fired", type=Path, help="a folder for contact sheets")
    parser.add_argument("--made", type=int, default=10, help="of each fault")
    parser.add_argument("--ocr", action="store_true", help="for real and made photos")
    parser.add_argument("--only", choices=("real", "damaged", "composites", "made"))
    wanted = parser.parse_args()
    every = large_photos(wanted.folder)
    start = "AB".index(wanted.half)
    paths = every[start::2]
    print(f"{len(every)} photos of 500 px and more, {len(paths)} in half {wanted.half}")
    with ExitStack() as stack:
        read = stack.enter_context(TextReader()).read if wanted.ocr else None
        if wanted.only in (None, "real"):
            judge_real(paths, wanted.fired, read)
        if wanted.only in (None, "damaged"):
            judge_damaged(paths[::4])
        if wanted.only in (None, "composites"):
            judge_composites(paths, start)
        if wanted.only in (None, "made"):
            judge_made(paths, wanted.made, start, read)


def measured(photo: Photo, read: TextOnPhoto | None) -> PhotoMeasures:
    """The measures of a photo, with the places of its text where they are read."""
    return PhotoMeasures(photo, [one.box for one in read(photo)] if read else ())


def fires(rule: PhotoRule, measures: PhotoMeasures) -> bool:
    value = measures.value(rule.measure)
    if value is None:
        return False
    return value < rule.limit if rule.fires == "below" else value > rule.limit


def rules_of(measure: str) -> list[PhotoRule]:
    """The rules that look at a measure; one of each limit."""
    found = {(r.fires, r.limit): r for r in PHOTO_RULES if r.measure == measure}
    return [*found.values()]


def judge_real(
    paths: Sequence[Path], sheets: Path | None, read: TextOnPhoto | None
) -> None:
    """How many real photos each measure's rules fire on."""
    rules = [rule for name in SHOWN for rule in rules_of(name)]
    rules += [rule for name in ("long_side", "short_side") for rule in rules_of(name)]
    fired: dict[PhotoRule, list[Path]] = {rule: [] for rule in rules}
    seconds = 0.0
    for path in paths:
        photo = opened(path)
        began = time.process_time()
        measures = measured(photo, read)
        for rule in rules:
            if fires(rule, measures):
                fired[rule].append(path)
        seconds += time.process_time() - began
    print(f"\n{'real photos: measure, limit':36}{'fired':>7}  of {len(paths)}")
    for rule, found in fired.items():
        name = f"{rule.measure} {rule.fires} {rule.limit:g}"
        print(f"{name:36}{len(found):7}", flush=True)
        if sheets and found and rule.measure in SHOWN:
            sheet(found, sheets / f"{rule.measure}.png")
    print(f"{1000 * seconds / len(paths):.0f} ms of one core a photo (decoded before)\n")


def sheet(paths: Sequence[Path], file: Path, columns: int = 12, side: int = 150) -> None:
    """A contact sheet of the first 240 of some photos."""
    shown = paths[:240]
    rows = -(-len(shown) // columns)
    whole = Image.new("RGB", (columns * side, rows * (side + 14)), "#d0d8e8")
    draw = ImageDraw.Draw(whole)
    for number, path in enumerate(shown):
        left, top = number % columns * side, number // columns * (side + 14)
        image = opened(path).image
        image.thumbnail((side - 4, side - 4))
        whole.paste(image, (left + 2, top + 2))
        draw.text((left + 2, top + side), path.stem[:24], "black")
    file.parent.mkdir(parents=True, exist_ok=True)
    whole.save(file)


def judge_damaged(paths: Sequence[Path]) -> None:
    """How many blurred copies the rule on sharpness fires on, and shrunk ones on pixels."""
    [rule] = rules_of("sharpness")
    small = next(r for r in rules_of("long_side") if r.limit == 500)
    photos = [opened(path).image for path in paths]
    print(f"{'damaged copies':36}{'fired':>7}  of {len(photos)}")
    for name, damage in DAMAGES.items():
        hits = sum(fires(rule, PhotoMeasures(as_jpeg(damage(one)))) for one in photos)
        print(f"{name:36}{hits:7}", flush=True)
    for side in (499, 500):
        copies = (one.resize((side, side // 2)) for one in photos)
        hits = sum(fires(small, PhotoMeasures(as_jpeg(one))) for one in copies)
        print(f"{f'{side} px long':36}{hits:7}", flush=True)
    print()


def judge_composites(paths: Sequence[Path], start: int) -> None:
    """White ring and share of cut-outs on white, and on what is not white."""
    cuts = cut_outs(paths)
    [white], [small] = rules_of("off_white"), rules_of("share")
    print(f"{len(cuts)} cut-outs of half {'AB'[start]}")
    made = [*composites(cuts, 100, one_tone(255), start)]
    errors, unknown, wrong = [], 0, 0
    for one in made:
        share = PhotoMeasures(one.photo).share
        if share is None:
            unknown += 1
            continue
        errors.append(100 * abs(share - one.share))
        wrong += (share < small.limit) != (one.share < small.limit)
    middle, most = np.percentile(errors, [50, 90])
    print(
        f"share of {len(made)} on white: error median {middle:.2f}, p90 {most:.2f}, worst "
        f"{max(errors):.2f} points; {unknown} not measured; {wrong} on the wrong side of "
        f"{small.limit:.0%}"
    )
    print(f"{'ground':36}{'not white':>10}  of")
    grounds = {"white": one_tone(255), **NOT_WHITE}
    for name, ground in grounds.items():
        some: Iterable[Composite] = (
            made if name == "white" else composites(cuts, 20, ground, start)
        )
        found = [fires(white, PhotoMeasures(one.photo)) for one in some]
        print(f"{name:36}{sum(found):10}  {len(found)}", flush=True)
    print()


def judge_made(
    paths: Sequence[Path], count: int, start: int, read: TextOnPhoto | None
) -> None:
    """How many made faults are found by the rules that are there for them, and by any."""
    print(f"{'made faults':16}{'found':>7}  of  found by")
    for name, names in MADE.items():
        by: dict[str, int] = {}
        hits = 0
        for photo in made_faults(paths, name, count, start):
            measures = measured(photo, read)
            found = [
                one for one in SHOWN[:7] if any(fires(r, measures) for r in rules_of(one))
            ]
            hits += any(one in names for one in found)
            for one in found:
                by[one] = by.get(one, 0) + 1
        print(f"{name:16}{hits:7}  {count}  {by}", flush=True)


if __name__ == "__main__":
    main()
