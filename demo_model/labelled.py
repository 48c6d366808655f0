"""Labelled photos of one part of the split, as a catalogue for `productdesc evaluate`.

    python -m demo_model.labelled PHOTOS_FOLDER [--part validation] > labelled.jsonl

One product a photo: near-duplicates and photos of one product share the attribute `group`,
by which intervals are clustered. Paths are relative to PHOTOS_FOLDER.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .split import NAMES, Sample, samples


def lines(photos: Path, part: str) -> Iterator[dict[str, Any]]:
    """The photos of a part as products, in file order."""
    found = [sample for sample in samples(photos) if sample.part == part]
    told = {name: _told(photos / name) for name in {sample.source for sample in found}}
    for sample in found:
        file = sample.path.relative_to(photos / sample.source).as_posix()
        yield _product(sample, sample.path.relative_to(photos), told[sample.source][file])


def _product(sample: Sample, path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    colours = (row.get("attrs_from_text") or {}).get("colour") or []
    attributes = {
        "group": f"{sample.source}/{sample.group}",
        "colour": ", ".join(colours),
        "brand": row.get("brand") or "",
    }
    return {
        "id": path.as_posix(),
        "title": row.get("title") or "",
        "photos": [path.as_posix()],
        "attributes": {name: value for name, value in attributes.items() if value},
        "description": row.get("description") or "",
        "present": {"category": NAMES.get(sample.kind, sample.kind)},
    }


def _told(folder: Path) -> dict[str, dict[str, Any]]:
    """The rows of a set's labels, by file."""
    text = (folder / "labels.jsonl").read_text(encoding="utf-8")
    return {row["file"]: row for row in map(json.loads, text.splitlines())}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo_model.labelled",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument("--part", default="validation", choices=["test", "validation"])
    asked = parser.parse_args(arguments)
    for line in lines(asked.photos, asked.part):
        print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
