"""Write data: examples split, counted and written as a data folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from .base_model import Size
from .closed_labels import count_by
from .data_folder import (
    ABOUT,
    EXAMPLES,
    LABELLED,
    LEFT_OUT,
    PHOTOS,
    PLACES,
    VERSION,
    About,
    LeftOut,
    TaughtTurn,
    examples_digest,
    json_line,
)
from .lesson import Lesson
from .split import SPLITS, TEST, Shares, split_rows


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What a data folder came to hold: its description, and what was left out of it."""

    about: About
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A lesson that became a conversation. `photos`: their names.

    `hashes`: of all photos that the product has. `size`: in tokens.
    """

    lesson: Lesson
    kind: str
    photos: tuple[str, ...]
    hashes: tuple[int, ...]
    turns: list[TaughtTurn]
    size: Size

    @property
    def keys(self) -> list[str]:
        """What it belongs to: its product, and its group, if any."""
        group = self.lesson.group
        own = [f"id:{self.lesson.product.id}"]
        return [*own, f"group:{group}"] if group else own


def write_data(
    folder: Path,
    taken: Sequence[Taken],
    left_out: Sequence[LeftOut],
    shares: Shares,
    about: Mapping[str, Any],
) -> DataSummary:
    """Split the examples and write all files but the photos.

    about: of the model and the prompts. Raises `CatalogError` where there are too few.
    """
    try:
        placed = split_rows(
            [one.keys for one in taken],
            [one.hashes for one in taken],
            [one.kind for one in taken],
            shares,
        )
    except ValueError as e:
        raise CatalogError(str(e)) from e
    rows = [
        {
            "product": one.lesson.product.id,
            "group": place.group,
            "split": place.split,
            "origin": one.lesson.origin,
            "kind": one.kind,
            "weight": one.lesson.weight,
            "photos": [f"{PLACES[place.split]}/{name}" for name in one.photos],
            "turns": [turn.model_dump(mode="json") for turn in one.turns],
        }
        for one, place in zip(taken, placed, strict=True)
    ]
    _move_test_photos(folder, rows)
    lines = [json_line(row) for row in _numbered(rows)]
    _write(folder / EXAMPLES, lines)
    _write(folder / LEFT_OUT, [json_line(one.as_json()) for one in left_out])
    _write(folder / TEST / LABELLED, _labelled(rows, taken))
    whole = About(
        version=VERSION,
        counts=_counts(rows, left_out),
        longest=largest(one.size for one in taken),
        digest=examples_digest(lines),
        **about,
    )
    text = json.dumps(whole.model_dump(mode="json"), indent=2, ensure_ascii=False)
    _write(folder / ABOUT, [text + "\n"])
    return DataSummary(whole, tuple(left_out))


def _move_test_photos(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Photos of test products into a folder of their own, beside their labels."""
    (folder / PLACES[TEST]).mkdir(parents=True)
    photos = {name for row in rows if row["split"] == TEST for name in row["photos"]}
    for name in photos:
        (folder / PHOTOS / Path(name).name).rename(folder / name)


def largest(sizes: Iterable[Size]) -> dict[str, int]:
    """The largest of each size, by which the memory of training is computed."""
    return Size(*(max(values) for values in zip(*sizes, strict=True)))._asdict()


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _numbered(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows with an id; where a product comes again, its number stands behind it."""
    times: Counter[str] = Counter()
    for row in rows:
        name = row["product"]
        times[name] += 1
        yield {"id": name if times[name] == 1 else f"{name} #{times[name]}", **row}


def _labelled(rows: Sequence[dict[str, Any]], taken: Sequence[Taken]) -> Iterator[str]:
    """Test products as a labelled catalogue, a line each; paths are from its folder."""
    for row, one in zip(rows, taken, strict=True):
        if row["split"] != TEST:
            continue
        shown = one.lesson.product
        present = {"category": one.kind} if one.kind else {}
        product = {
            "id": row["product"],
            "title": shown.title,
            "photos": [name.removeprefix(f"{TEST}/") for name in row["photos"]],
            "attributes": {**shown.attributes, "group": row["group"]},
            "present": present,
        }
        yield json_line(product)


def _counts(rows: Sequence[dict[str, Any]], left_out: Sequence[LeftOut]) -> dict[str, Any]:
    turns = [turn for row in rows for turn in row["turns"]]
    replayed = (row["kind"] for row in rows if row["origin"] == "replay")
    return {
        **{name: sum(row["split"] == name for row in rows) for name in SPLITS},
        "groups": len({row["group"] for row in rows}),
        "photos": len({photo for row in rows for photo in row["photos"]}),
        "looks": sum(turn["parent"] is None for turn in turns),
        "texts": sum(turn["parent"] is not None for turn in turns),
        "origins": count_by(row["origin"] for row in rows),
        "kinds": count_by(row["kind"] or "(not taught)" for row in rows),
        "replayed kinds": count_by(replayed),
        "weighed more": sum(row["weight"] > 1 for row in rows),
        "left out": count_by(one.what for one in left_out),
    }
