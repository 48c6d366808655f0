"""How far difference hashes of photos lie apart: of one product, and of different ones.

    python benchmarks/near_photos.py PHOTOS > figures.md

PHOTOS holds `magento2-sample-data` and `clothing-small` with their `labels.jsonl`. By these
figures `finetune/data/near_photos.py` has its grid and its distance.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

SETS = (("magento2-sample-data", "product_id"), ("clothing-small", "group"))
MOST = 400  # photos of a set
GRIDS = {8: (0, 2, 4, 6, 8), 16: (0, 4, 8, 12, 16, 20, 24)}
"""Cells a side -> distances that are looked at."""


def bits(path: Path, side: int) -> np.ndarray:
    image = Image.open(path).convert("L").resize((side + 1, side), Image.Resampling.BOX)
    levels = np.asarray(image).astype(np.int16)
    return (levels[:, 1:] > levels[:, :-1]).ravel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    photos = parser.parse_args().photos
    files, owners = [], []
    for name, key in SETS:
        lines = (photos / name / "labels.jsonl").read_text("utf-8").splitlines()[:MOST]
        for row in map(json.loads, lines):
            files.append(photos / name / row["file"])
            owners.append(f"{name}/{row[key]}")
    owner = np.array(owners)
    upper = np.triu_indices(len(files), 1)
    same = owner[upper[0]] == owner[upper[1]]
    print(f"{len(files)} photos; pairs of one product {same.sum():,}\n")
    print("| grid | bits apart at most | pairs of one product | pairs of two |")
    print("|---|---|---|---|")
    for side, distances in GRIDS.items():
        hashes = np.array([bits(path, side) for path in files], dtype=np.int16)
        signs = 2 * hashes - 1
        apart = ((side * side - signs @ signs.T) // 2)[upper]
        for most in distances:
            near = apart <= most
            print(
                f"| {side} x {side} | {most} | {(near & same).sum()} "
                f"| {(near & ~same).sum()} |"
            )


if __name__ == "__main__":
    main()
