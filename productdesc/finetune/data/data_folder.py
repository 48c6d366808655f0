"""Data folder: what `make_data` writes and `train` reads.

data.json        the model that it is for, its category list, counts, digest
examples.jsonl   a conversation a line: its turns, photos, weight, side of the split
photos/          their photos, by the SHA-256 of their bytes
left-out.jsonl   what is not taught, and why
test/            the test products with their labels and photos, for `productdesc evaluate`
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel as Schema
from pydantic import ConfigDict, Field, ValidationError

from ...errors import CatalogError
from ...text.printable import listed, printable, quoted, words_of
from .completion import Completion, Span
from .split import SPLITS, TEST, TRAIN

VERSION = 1
ABOUT, EXAMPLES, PHOTOS = "data.json", "examples.jsonl", "photos"
LEFT_OUT, LABELLED = "left-out.jsonl", "products.jsonl"
PLACES = {split: f"{TEST}/{PHOTOS}" if split == TEST else PHOTOS for split in SPLITS}
"""Where the photos of each side are. Those of test are apart: `test/` stands by itself."""


class _Row(Schema):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class TaughtTurn(_Row):
    """One turn: what the user says, and the answer that is right.

    `parent`: the place of the turn that it goes on from; None for the first, which has the
    photos. `untaught`: spans of `completion`, in characters, that get no loss.
    """

    text: str
    completion: str
    system: str = ""
    parent: int | None = None
    untaught: tuple[Span, ...] = ()

    @property
    def teaches(self) -> bool:
        """Whether its answer has anything to learn."""
        return Completion(self.completion, self.untaught).teaches


class Example(_Row):
    """One product as a conversation, a tree of turns. `photos` are paths in the folder."""

    id: str
    product: str
    group: str
    split: str
    origin: str
    kind: str = ""
    weight: float = Field(default=1.0, gt=0, le=100)
    photos: tuple[str, ...]
    turns: tuple[TaughtTurn, ...]


class About(_Row):
    """What a data folder says of itself; digests are SHA-256 in hex.

    `base_digest`: "" of data for any general model. `max_pixels`: of a photo, 0 of such
    data. `max_tokens`: the budget of an answer.
    `longest`: the most tokens, learned tokens and image patches of an example.
    """

    version: int
    model: str
    revision: str
    base_digest: str
    categories: tuple[str, ...]
    added: tuple[str, ...]
    max_pixels: int
    max_tokens: int
    prompt_digest: str
    channel: str
    language: str
    counts: Mapping[str, Any]
    longest: Mapping[str, int]
    digest: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not taught: a whole product, one of its texts, or a sentence of one."""

    product: str
    what: str
    reason: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class TuningData:
    """A data folder that was read and checked."""

    folder: Path
    about: About
    examples: tuple[Example, ...]

    def of(self, split: str) -> list[Example]:
        return [one for one in self.examples if one.split == split]


def json_line(value: Any) -> str:
    """A JSON value as one line, in ASCII: a lone surrogate is written out."""
    return json.dumps(value, separators=(",", ":")) + "\n"


def examples_digest(lines: Sequence[str] | Iterator[str]) -> str:
    """SHA-256, in hex, of the lines of examples.jsonl; photos count by their names."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()


def read_data(folder: Path) -> TuningData:
    """A data folder, checked whole: `CatalogError` names the file, line and reason."""
    about = _about(folder / ABOUT)
    examples, lines = [], []
    try:
        with (folder / EXAMPLES).open(encoding="ascii", newline="") as file:
            for number, line in enumerate(file, start=1):
                lines.append(line)
                examples.append(_example(line, f"{folder / EXAMPLES}, line {number}"))
    except (OSError, UnicodeDecodeError) as e:
        raise CatalogError(f"{folder / EXAMPLES}: cannot be read: {words_of(e)}") from e
    found = examples_digest(lines)
    if found != about.digest:
        about = about.model_copy(update={"digest": found})  # edited by hand: told by digest
    data = TuningData(folder, about, tuple(examples))
    _check(data)
    return data


def _about(path: Path) -> About:
    try:
        about = About.model_validate_json(path.read_text("utf-8"))
    except OSError as e:
        raise CatalogError(
            f"{path}: cannot be read: {e.strerror or e}; `productdesc finetune data` makes "
            "such a folder"
        ) from e
    except (ValidationError, UnicodeDecodeError) as e:
        raise CatalogError(f"{path}: is not what `finetune data` writes: {_why(e)}") from e
    if about.version != VERSION:
        raise CatalogError(
            f"{path}: is of version {about.version}, and {VERSION} is read; make it anew"
        )
    return about


def _example(line: str, where: str) -> Example:
    try:
        return Example.model_validate_json(line)
    except ValidationError as e:
        raise CatalogError(f"{where}: is no example: {_why(e)}") from e


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return f"{printable(place, 'name')}: {words_of(first['msg'])}"
    return words_of(error)


def _check(data: TuningData) -> None:
    """Raises `CatalogError` for what would teach wrongly, or measure what was taught."""
    path = data.folder / EXAMPLES
    for one in data.examples:
        where = f"{path}: {quoted(one.id, 'name')}"
        if one.split not in SPLITS:
            raise CatalogError(f"{where}: split is one of {', '.join(SPLITS)}")
        if not one.photos:
            raise CatalogError(f"{where}: has no photo; a look needs one")
        parents = [turn.parent for turn in one.turns]
        is_tree = all(p is not None and p < at for at, p in enumerate(parents) if at)
        if not one.turns or parents[0] is not None or not is_tree:
            raise CatalogError(f"{where}: its turns do not go on from each other")
        if not any(turn.teaches for turn in one.turns):
            raise CatalogError(f"{where}: its labels are all masked; leave it out")
        for photo in one.photos:
            _check_photo(data.folder, photo, where)
    for name in ("group", "product", "photos"):
        _check_apart(data, name)
    if not data.of(TRAIN):
        raise CatalogError(f"{path}: has no example to train on")


def _check_photo(folder: Path, photo: str, where: str) -> None:
    path = (folder / photo).resolve()
    inside = any(path.is_relative_to((folder / p).resolve()) for p in PLACES.values())
    if not inside or not path.is_file():
        shown, places = quoted(photo, "path"), "/ or ".join(sorted({*PLACES.values()}))
        raise CatalogError(f"{where}: photo {shown} is no file below {places}/")


def _check_apart(data: TuningData, name: str) -> None:
    """No product, group or photo of one side may stand on another."""
    sides: dict[str, str] = {}
    for one in data.examples:
        values = getattr(one, name)
        for value in (values,) if isinstance(values, str) else values:
            side = sides.setdefault(value, one.split)
            if side != one.split:
                trained = {side, one.split} == {TRAIN, TEST}
                what = "a test product in training" if trained else f"{name} on two sides"
                raise CatalogError(
                    f"{data.folder / EXAMPLES}: {what}: {listed([one.id])} shares its "
                    f"{name.removesuffix('s')} with an example of {side}; what is trained "
                    "on measures nothing"
                )
