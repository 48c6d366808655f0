"""Recorded answers of the demo model: which were right, and which are right now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from productdesc import Described, Product, describe_many
from productdesc.engines import Engine

MOST_TURNED = 2
"""By how many the answers that turned wrong may outnumber those that turned right."""


class Question(NamedTuple):
    """A photo, and what is right about it: the category, the colour, or both."""

    product: Product
    expected: dict[str, str]


class Answered(NamedTuple):
    """One answer about one photo."""

    photo: str
    field: str
    expected: str
    answer: str

    @property
    def is_right(self) -> bool:
        return self.answer == self.expected


def ask(engine: Engine, questions: Sequence[Question]) -> list[Answered]:
    """What a model says of each photo; no copy is written."""
    outcomes = describe_many(
        [question.product for question in questions],
        engine,
        channel="plain",
        needs=lambda product: {"category", "attributes"},
    )
    found = []
    for question, outcome in zip(questions, outcomes, strict=True):
        said = {}
        if isinstance(outcome, Described):
            said = {
                **outcome.description.attributes,
                "category": outcome.description.category,
            }
        found += [
            Answered(question.product.id, field, expected, said.get(field, ""))
            for field, expected in question.expected.items()
        ]
    return found


def turned(
    before: Iterable[Answered], now: Iterable[Answered]
) -> tuple[list[str], list[str]]:
    """Answers that turned wrong, and those that turned right, each in a line."""
    old = {(one.photo, one.field, one.expected): one for one in before}
    wrong, right = [], []
    for one in now:
        was = old.get((one.photo, one.field, one.expected))
        if was is not None and was.is_right != one.is_right:
            line = f"{one.photo}: {one.field} {one.expected!r}, was {was.answer!r}, is "
            (right if one.is_right else wrong).append(line + repr(one.answer))
    return wrong, right


def read(path: Path) -> list[Answered]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Answered(**json.loads(line)) for line in lines]


def write(path: Path, answers: Iterable[Answered]) -> None:
    text = "".join(json.dumps(one._asdict(), ensure_ascii=False) + "\n" for one in answers)
    path.write_text(text, encoding="utf-8")
