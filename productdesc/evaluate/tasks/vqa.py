"""VQA: questions about photos by VQA-v2's official accuracy, in the official files' form.

Scores a file of predictions, or a model where the images are at hand. The official figures
are percentages rounded to two decimals: `official` in `results.json` has the same names.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...catalogs.folder import SUFFIXES
from ...digest import json_digest
from ...engines import Engine, Settings
from ...errors import CatalogError, PhotoError
from ..inputs.asked_photos import (
    PhotoQuestions,
    predictions_identity,
    questions_identity,
    text_schema,
)
from ..inputs.row_files import read_rows
from ..task import Case, Metric, Reply, Sample, Task
from ..vqa_accuracy import vqa_accuracy

ANSWER_CHARS = 60
"""Of a model's answer; the longest of the people's has 43."""
DECIMALS = 2
"""Of a percentage, as in the official evaluation."""

Answers = Callable[[Iterable[Case]], Iterator[Reply]]


@dataclass(frozen=True, slots=True)
class VqaFiles:
    """Questions, the answers of people, and what answers them: predictions or images.

    All in the form of VQA v2, also gzipped. `images` is a folder whose files' names end in
    the image's number: COCO_val2014_000000011080.jpg.
    """

    questions: Path
    annotations: Path
    predictions: Path | None = None
    images: Path | None = None

    @classmethod
    def of_folder(
        cls, folder: Path, predictions: Path | None = None, images: Path | None = None
    ) -> VqaFiles:
        """The files of a folder, by their names; raises `CatalogError`."""
        questions, annotations = (_only(folder, n) for n in ("questions", "annotations"))
        return cls(questions, annotations, predictions, images)

    def cases(self) -> list[Case]:
        """A case a question; raises `CatalogError` for a row of another form."""
        texts = {
            str(_of(row, "question_id", self.questions)): row
            for row in read_rows(self.questions, name="questions")
        }
        path, cases = self.annotations, []
        for row in read_rows(path, name="annotations"):
            number, image = str(_of(row, "question_id", path)), _of(row, "image_id", path)
            question = texts.get(number, {})
            given = {"question": str(question.get("question", "")), "image_id": image}
            said = _of(row, "answers", path)
            if not isinstance(said, list) or not said:
                raise CatalogError(
                    f"{path}: answers of question {number} is no list of answers"
                )
            target = {
                "answers": [str(_of(one, "answer", path)) for one in said],
                "answer_type": str(_of(row, "answer_type", path)),
                "question_type": str(_of(row, "question_type", path)),
                "question": given["question"],
            }
            cases.append(
                Case(
                    id=number,
                    product_id=str(image),
                    given=given,
                    target=target,
                    digest=json_digest([given, target]),
                )
            )
        return cases


def vqa_task(
    files: VqaFiles, engine: Engine | None = None, settings: Settings | None = None
) -> Task:
    """The task of answering questions. An engine is asked where no predictions are named.

    Raises `CatalogError` for files that cannot be read, `ValueError` where neither
    predictions nor an engine with images are given.
    """
    cases = files.cases()
    settings = settings or Settings(max_tokens=64)
    identity: dict[str, Any]
    answers: Answers
    if files.predictions:
        said = _predictions(files.predictions)
        answers = partial(_predicted, said)
        identity = predictions_identity(said)
    elif engine and files.images:
        answers = partial(_asked, engine, settings, _image_paths(files.images))
        identity = questions_identity(engine, settings, _ANSWER)
    else:
        raise ValueError(
            "vqa needs --predictions FILE, or --photos-folder FOLDER with the images for "
            "the model"
        )
    return Task(
        name="vqa",
        cases=lambda: iter(cases),
        answers=answers,
        metrics=METRICS,
        identity=identity,
        groups=_groups,
        extra=_official,
        seed=settings.seed,
    )


def accuracy(case: Case, outcome: str | None) -> float:
    """The official accuracy of one answer, 0 to 1; of no answer 0."""
    return 0.0 if outcome is None else vqa_accuracy(outcome, case.target["answers"])


def _is_answered(case: Case, outcome: str | None) -> float:
    return float(outcome is not None)


METRICS = (Metric("accuracy", accuracy), Metric("answered", _is_answered))


def _groups(case: Case) -> Iterator[str]:
    yield f"vqa/answer_type/{case.target['answer_type']}"
    yield f"vqa/question_type/{case.target['question_type']}"


def official(samples: Sequence[Sample]) -> dict[str, Any]:
    """The official figures: percentages by type, each rounded to two decimals."""
    by_type: dict[str, dict[str, list[float]]] = {"question_type": {}, "answer_type": {}}
    scores = [sample.scores["accuracy"][0] for sample in samples]
    for sample, score in zip(samples, scores, strict=True):
        for kind, of in by_type.items():
            of.setdefault(str(sample.target[kind]), []).append(score)
    kinds, answers = (
        {name: _percentage(some) for name, some in of.items()} for of in by_type.values()
    )
    return {
        "overall": _percentage(scores),
        "perQuestionType": kinds,
        "perAnswerType": answers,
    }


def _official(samples: Sequence[Sample]) -> dict[str, Any]:
    return {"official": official(samples)} if samples else {}


def _percentage(scores: Sequence[float]) -> float:
    return round(100 * sum(scores) / len(scores), DECIMALS)


# ---- files ------------------------------------------------------------------------------


def _predictions(path: Path) -> dict[str, str]:
    rows = read_rows(path, name="predictions")
    return {str(_of(r, "question_id", path)): str(_of(r, "answer", path)) for r in rows}


def _of(row: Any, column: str, path: Path) -> Any:
    """A row's value; `CatalogError` where there is none, or the row is no row of VQA v2."""
    if isinstance(row, dict) and column in row:
        return row[column]
    has = ", ".join(map(str, row)) if isinstance(row, dict) else "no names"
    raise CatalogError(
        f"{path}: a row has no {column!r}, it has {has or 'nothing'}; "
        "it takes rows of VQA v2"
    )


def _only(folder: Path, name: str) -> Path:
    """The one file of a folder with this word in its name."""
    if not folder.is_dir():
        raise CatalogError(
            f"{folder}: no such folder; vqa reads a folder of VQA v2's files"
        )
    found = [p for p in sorted(folder.iterdir()) if name in p.name.lower()
             and p.name.endswith((".json", ".json.gz"))]  # fmt: skip
    if len(found) != 1:
        raise CatalogError(
            f"{folder}: has {len(found)} files *{name}*.json or .json.gz; one is needed"
        )
    return found[0]


def _image_paths(folder: Path) -> dict[int, Path]:
    """Images by the number that their names end in."""
    if not folder.is_dir():
        raise CatalogError(f"{folder}: no such folder of images")
    paths = (p for p in sorted(folder.iterdir()) if p.suffix.lower() in SUFFIXES)
    numbers = ((p.stem[len(p.stem.rstrip(string.digits)) :], p) for p in paths)
    return {int(number): path for number, path in numbers if number}


# ---- answers ----------------------------------------------------------------------------


def _predicted(said: Mapping[str, str], cases: Iterable[Case]) -> Iterator[Reply]:
    for case in cases:
        answer = said.get(case.id)
        error = "" if answer is not None else "no prediction for this question"
        yield Reply(case, answer, answer, error=error)


_ANSWER = text_schema(ANSWER_CHARS)


def _asked(
    engine: Engine, settings: Settings, paths: Mapping[int, Path], cases: Iterable[Case]
) -> Iterator[Reply]:
    """All questions about an image in one context, which reads it once."""

    def photo(case: Case) -> Path:
        image_id = case.given["image_id"]
        if not str(image_id).isdecimal() or int(image_id) not in paths:
            raise PhotoError(f"image {image_id} is not in the folder")
        return paths[int(image_id)]

    questions = PhotoQuestions(
        photo=photo,
        place=lambda case: case.given["image_id"],
        words=lambda templates, case: templates.choose(case.given["question"]).text,
        schema=_ANSWER,
    )
    for one in questions.ask(engine, settings, cases):
        text = None if one.error else str(json.loads(one.text)["answer"])
        yield Reply(one.case, text, text, photos=one.photos, error=one.error)
