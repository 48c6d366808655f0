"""POPE task: is a thing on the photo, yes or no; what a model says that is not there.

The files are those of POPE (Li et al. 2023): rows of {"question_id", "image", "text",
"label"}. Its rule reads a reply: the first sentence without commas; the words "No", "no" or
"not" make it a no, anything else is a yes. So an empty or evasive reply counts as a yes;
`unparsed` is the share of replies that say neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...digest import json_digest
from ...engines import Engine, Settings
from ...errors import CatalogError
from ..inputs.asked_photos import (
    PhotoQuestions,
    in_folder,
    predictions_identity,
    questions_identity,
    text_schema,
)
from ..inputs.row_files import read_rows, value_of
from ..task import Case, Metric, Reply, Task

NO_WORDS = frozenset(("No", "no", "not"))
"""Of POPE's rule, letter by letter: "NO" and "isn't" are none."""
ANSWER_CHARS = 100
"""Of a model's reply; a sentence with room to spare."""
_ANSWER = text_schema(ANSWER_CHARS)


@dataclass(frozen=True, slots=True)
class PopeFiles:
    """Questions of POPE, and what answers them: predictions or a folder of images.

    predictions: rows of {"answer": "..."} in the questions' order, as POPE takes them.
    """

    questions: Path
    predictions: Path | None = None
    images: Path | None = None

    def cases(self) -> Iterator[Case]:
        """A case a question; raises `CatalogError` for a row of another form."""
        for number, row in enumerate(read_rows(self.questions), start=1):
            yield _case(row, number, self.questions)

    def replies(self) -> list[str]:
        """The predictions in order; raises `CatalogError`."""
        assert self.predictions
        path = self.predictions
        rows = read_rows(path, name="predictions")
        return [value_of(r, "answer", str, f"{path}: row {n}") for n, r in enumerate(rows)]


def pope_task(
    files: PopeFiles, engine: Engine | None = None, settings: Settings | None = None
) -> Task:
    """The task of saying what is on a photo, and what is not.

    Raises `CatalogError` for files that cannot be read, `ValueError` where neither
    predictions nor an engine with images answer.
    """
    settings = settings or Settings(max_tokens=64)
    if files.predictions:
        said = files.replies()
        answers = partial(_predicted, files.predictions, said)
        identity = predictions_identity({str(n): text for n, text in enumerate(said)})
    elif engine and files.images:
        answers = partial(_asked, engine, settings, files.images)
        identity = questions_identity(engine, settings, _ANSWER)
    else:
        raise ValueError(
            "pope needs --predictions FILE, or --photos-folder FOLDER with the images for "
            "the model"
        )
    return Task(
        name="pope",
        cases=files.cases,
        answers=answers,
        metrics=METRICS,
        identity=identity,
        seed=settings.seed,
    )


def is_yes(reply: str) -> bool:
    """A reply as POPE reads it."""
    words = reply.partition(".")[0].replace(",", "").split(" ")
    return not NO_WORDS.intersection(words)


def is_plain(reply: str) -> bool:
    """Whether a reply begins with yes or no, in any case."""
    first = reply.strip().lower().split()
    return bool(first) and first[0].strip(".,;:!'\"") in ("yes", "no")


def _is_there(case: Case) -> bool:
    return bool(case.target["label"] == "yes")


def _says(case: Case, outcome: str | None) -> bool:
    return is_yes(outcome or "")


def is_right(case: Case, outcome: str | None) -> float:
    """1 where the reply, as the rule reads it, is the label."""
    return float(_says(case, outcome) == _is_there(case))


def found_there(case: Case, outcome: str | None) -> float:
    """1 for a thing that is there and was said to be."""
    return float(_says(case, outcome) and _is_there(case))


def says_yes(case: Case, outcome: str | None) -> float:
    """1 for a reply that the rule takes for a yes."""
    return float(_says(case, outcome))


def is_there(case: Case, outcome: str | None) -> float:
    """1 for a thing that is on the photo."""
    return float(_is_there(case))


def invented(case: Case, outcome: str | None) -> float:
    """1 for a thing that is not there and was said to be."""
    return float(_says(case, outcome) and not _is_there(case))


def is_unparsed(case: Case, outcome: str | None) -> float:
    """1 for a reply that says neither yes nor no, which the rule takes for a yes."""
    return float(not is_plain(outcome or ""))


METRICS = (
    Metric("accuracy", is_right),
    Metric("precision", found_there, says_yes),
    Metric("recall", found_there, is_there),
    Metric(
        "f1",
        lambda c, o: 2.0 * found_there(c, o),
        lambda c, o: says_yes(c, o) + is_there(c, o),
    ),
    Metric("yes_ratio", says_yes),
    Metric("invented", invented, lambda case, said: 1.0 - is_there(case, said),
           higher_is_better=False),
    Metric("unparsed", is_unparsed, higher_is_better=False),
)  # fmt: skip


def _case(row: Mapping[str, object], number: int, path: Path) -> Case:
    where = f"{path}: row {number}"
    given = {
        "image": value_of(row, "image", str, where),
        "question": value_of(row, "text", str, where),
    }
    label = value_of(row, "label", str, where)
    if label not in ("yes", "no"):
        raise CatalogError(f"{where}: label is {label!r}; it is yes or no")
    target = {"label": label, "question": given["question"]}
    return Case(
        id=str(number),
        product_id=given["image"],
        given=given,
        target=target,
        digest=json_digest([given, target]),
    )


def _predicted(path: Path, said: list[str], cases: Iterable[Case]) -> Iterator[Reply]:
    for case in cases:
        number = int(case.id) - 1
        if number >= len(said):
            why = f"{path} has {len(said)} answers, none for this question"
            yield Reply(case, None, None, error=why)
            continue
        yield Reply(case, said[number], said[number])


def _asked(
    engine: Engine, settings: Settings, images: Path, cases: Iterable[Case]
) -> Iterator[Reply]:
    questions = PhotoQuestions(
        photo=lambda case: in_folder(images, case.given["image"]),
        place=lambda case: case.given["image"],
        words=lambda templates, case: templates.choose(case.given["question"]).text,
        schema=_ANSWER,
    )
    for one in questions.ask(engine, settings, cases):
        text = None if one.error else str(json.loads(one.text)["answer"])
        yield Reply(one.case, text, text, photos=one.photos, error=one.error)
