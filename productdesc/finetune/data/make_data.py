"""Make data: a shop's products through the pipeline, as conversations to be taught.

    lessons -> photos loaded -> the pipeline, answered by the teacher -> checks -> split

The checks are those of any run. A sentence that they take out is not taught, nor a text of
which they leave too little: a model must not be taught to lie.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...digest import json_digest
from ...errors import CatalogError, PhotoError
from ...net import Http
from ...photos.measured_colour import measure_colours
from ...pipeline import Described, DescribeOptions, Failed, describe_many
from ...pipeline.draft import Outcome
from ...pipeline.options import Options, resolve
from ...records import MAX_PHOTOS, Finding, Photo, Product
from ...text.printable import words_of
from .base_model import BaseModel, Size, info_of_any
from .closed_labels import Kinds, attribute_labels
from .completion import completion, plain
from .data_folder import PHOTOS, LeftOut, TaughtTurn
from .lesson import Lesson, Text
from .near_photos import photo_hash
from .photo_store import PhotoStore
from .split import Shares
from .teacher import Asked, Target, Taught, TeacherEngine
from .write_data import DataSummary, Taken, write_data

SHAPING = ("template", "templates", "categories", "visible", "taxonomy", "language",
           "channel", "fields")  # fmt: skip
"""Parts of the options by which prompts differ; the model and the checks are none."""


@dataclass(frozen=True, slots=True)
class DataOptions:
    """What is made of a shop's products.

    `kinds`: of a shop's category, by its name, the kind to say. `shares`: what is kept out
    of training. `describe`: options of `describe_many` that shape the prompts; give the
    same at inference.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    shares: Shares = field(default_factory=Shares)
    describe: DescribeOptions = field(default_factory=lambda: DescribeOptions())


def make_data(
    lessons: Iterable[Lesson],
    base: BaseModel | None,
    out: Path,
    options: DataOptions | None = None,
    *,
    http: Http | None = None,
    force: bool = False,
) -> DataSummary:
    """Write the data folder `out` for a base model; the folder appears whole or not at all.

    base: None for any general model, one without a closed list of its own: what only the
    model knows, as the tokens of an answer, is then looked at when it is trained on.
    http: for photos that are URLs. force: replace a folder that is there. Raises what
    `describe_many` raises for a wrong option, and `CatalogError` where nothing is left to
    teach, or the folder cannot be written.
    """
    options = options or DataOptions()
    if out.exists() and not force:
        raise CatalogError(f"{out}: is there already; name another folder, or --force")
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        (part / PHOTOS).mkdir(parents=True)
        with Http() if http is None else contextlib.nullcontext(http) as client:
            summary = _Maker(base, part, options, client).make(lessons)
        if out.exists():
            shutil.rmtree(out)
        part.rename(out)
    except OSError as e:
        raise CatalogError(f"{out}: cannot be written: {e.strerror or e}") from e
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return summary


@dataclass(frozen=True, slots=True)
class _Given:
    """A lesson on its way through the pipeline."""

    lesson: Lesson
    kind: str
    taught: Taught
    files: tuple[str, ...]
    hashes: tuple[int, ...]


class _Maker:
    def __init__(
        self, base: BaseModel | None, folder: Path, options: DataOptions, http: Http
    ) -> None:
        self._base, self._folder, self._http = base, folder, http
        self._photos = PhotoStore(folder, http)
        self._kinds = Kinds(base.checkpoint.categories if base else (), options.kinds)
        self._shares = options.shares
        info_of = base.info if base else info_of_any
        info = info_of(self._kinds.of_engine)
        asked: DescribeOptions = {**options.describe}
        if self._kinds.of_engine:
            asked["categories"] = self._kinds.of_engine
        self._asked = asked
        self._resolved: Options = resolve(info, asked)
        self._engine = TeacherEngine(info, self._resolved.taxonomy)
        self._left_out: list[LeftOut] = []
        self._given: list[_Given] = []
        self._rows: list[Taken] = []

    def make(self, lessons: Iterable[Lesson]) -> DataSummary:
        outcomes = describe_many(
            self._products(lessons), self._engine, batch_size=1, http=self._http,
            **self._asked,
        )  # fmt: skip
        for outcome in outcomes:
            given = self._given.pop(0)
            self._take(given, outcome)
            self._engine.forget(given.taught)
        if not self._rows:
            first = self._left_out[0].reason if self._left_out else "there is no product"
            raise CatalogError(
                f"nothing is left to teach: {len(self._left_out)} products and texts were "
                f"left out, the first: {first}"
            )
        return write_data(
            self._folder, self._rows, self._left_out, self._shares, self._about()
        )

    def _about(self) -> dict[str, Any]:
        """What the folder says of the model and the prompts that it is for."""
        info, parts = self._resolved.engine, self._resolved.part_digests
        return {
            "model": info.model,
            "revision": info.revision,
            "base_digest": info.weights_digest,
            "categories": self._kinds.of_engine,
            "added": self._kinds.added,
            "max_pixels": self._base.image_processor.max_pixels if self._base else 0,
            "max_tokens": self._resolved.settings.max_tokens,
            "prompt_digest": json_digest([parts[name] for name in SHAPING]),
            "channel": self._resolved.channel.name,
            "language": self._resolved.language,
        }

    def _products(self, lessons: Iterable[Lesson]) -> Iterator[Product]:
        language = self._resolved.language
        for lesson in lessons:
            photos, names, hashes = [], [], []
            for source in lesson.product.photos[:MAX_PHOTOS]:
                try:
                    photo, name = self._photos.add(source)
                except PhotoError as e:
                    self._leave(lesson, "photo", str(e))
                    continue
                photos.append(photo)
                names.append(name)
                hashes.append(photo_hash(photo.rgb))
            if not photos:
                why = lesson.product.photo_error or "it has no photo that can be used"
                self._leave(lesson, "product", why)
                continue
            kind = self._kinds.label(lesson, language)
            target = Target(
                kind,
                attribute_labels(lesson, self._resolved.visible, language),
                lesson.copy,
                lesson.category,
                _colour(photos[0]),
            )
            taught = self._engine.expect(target, photos)
            self._given.append(_Given(lesson, kind, taught, tuple(names), tuple(hashes)))
            yield lesson.product.model_copy(update={"photos": tuple(photos)})

    def _leave(self, lesson: Lesson, what: str, reason: str, value: str = "") -> None:
        self._left_out.append(LeftOut(lesson.product.id, what, words_of(reason), value))

    # ---- one product --------------------------------------------------------------------

    def _take(self, given: _Given, outcome: Outcome) -> None:
        lesson, taught = given.lesson, given.taught
        if not isinstance(outcome, Described):
            error = outcome.error if isinstance(outcome, Failed) else "nothing was asked"
            self._leave(lesson, "product", str(error))
            return
        used = {photo.sha256 for photo in outcome.draft.photos} if outcome.draft else None
        names = [
            name
            for name, photo in zip(given.files, taught.photos, strict=True)
            if used is None or photo.sha256 in used
        ]
        if lesson.copy and not self._engine.info.writes:
            why = f"{self._engine.info.model} looks and does not write (writes is false)"
            self._leave(lesson, "texts", why)
        for name, why in taught.refused.items():
            if name in lesson.copy:
                self._leave(lesson, name, why)
        turns = self._turns(lesson, taught, outcome)
        if not turns:
            return
        if not any(turn.teaches for turn in turns):
            why = "its labels are all masked: its data names no kind of the list, no value"
            self._leave(lesson, "product", f"{why} of a closed list, and no text is left")
            return
        size = self._size(turns, taught)
        if self._base and (why := self._base.too_long(size)):
            self._leave(lesson, "product", why)
            return
        self._rows.append(
            Taken(lesson, given.kind, tuple(names), given.hashes, turns, size)
        )

    def _turns(
        self, lesson: Lesson, taught: Taught, outcome: Described
    ) -> list[TaughtTurn]:
        """The turns to teach; texts as the checks left them."""
        spoilt = self._spoilt(lesson, outcome)
        most = self._resolved.settings.max_tokens
        turns = []
        for asked in taught.turns:
            if any(name in spoilt for name in asked.fields):
                continue
            right = completion(_checked(asked, outcome))
            if self._base and self._base.count_tokens(right.text) > most:
                why = f"is over the budget of {most} tokens (max_tokens)"
                if not asked.fields:  # what goes on from it cannot be taught either
                    self._leave(lesson, "look", why)
                    return []
                for name in asked.fields:
                    self._leave(lesson, name, why)
                continue
            prompt = asked.request.prompt
            turns.append(
                TaughtTurn(
                    text=prompt.text,
                    completion=right.text,
                    system=prompt.system if asked.parent is None else "",
                    parent=asked.parent,
                    untaught=right.untaught,
                )
            )
        return turns

    def _spoilt(self, lesson: Lesson, outcome: Described) -> set[str]:
        """Fields of which the checks left too little; every sentence that they took."""
        spoilt = set()
        for one in outcome.description.findings:
            if one.field not in lesson.copy:
                continue
            if one.severity == "removed" or one.code in ("composed", "held-back"):
                self._leave(lesson, one.field, _reason(one), one.value)
            if one.code == "composed":
                spoilt.add(one.field)
        return spoilt

    def _size(self, turns: list[TaughtTurn], taught: Taught) -> Size:
        if self._base is None:
            return Size()
        return self._base.size(turns, taught.photos)


def _colour(photo: Photo) -> str:
    measured = measure_colours(photo)
    return measured[0].name if measured else ""


def _reason(finding: Finding) -> str:
    return f"{finding.code}: {finding.message}"


def _checked(asked: Asked, outcome: Described) -> Any:
    """The right answer, its texts as they stand in the checked description."""
    if not asked.fields:
        return asked.value
    texts: dict[str, Text] = {
        name: getattr(outcome.description, name) for name in plain(asked.value)
    }
    return {name: [*t] if isinstance(t, tuple) else t for name, t in texts.items()}
