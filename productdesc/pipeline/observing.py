"""Observe: what is it? The first turn, and with a taxonomy what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..engines import Answer, Context, Engine, Prompt, Request
from ..prompts import Rendered, observe_schema
from ..records import Facts, Failed
from ..taxonomy import OTHER
from .ask import ask
from .filing import Filed, file, seen_attributes
from .job import Job
from .looking import Looked
from .said import said


@dataclass(frozen=True, slots=True)
class Observed:
    """What the model saw, or why it could not say."""

    looked: Looked
    facts: Facts
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer
    filed: Filed | None = None

    @property
    def context(self) -> Context:
        """The conversation so far."""
        return self.filed.context if self.filed else self.answer.context


def observe(looked: Sequence[Looked], engine: Engine, job: Job) -> list[Observed | Failed]:
    rendered = [
        job.templates.observe(
            one.product,
            photos=len(one.photos),
            measured=one.measured,
            categories=job.categories,
            visible=job.visible,
        )
        for one in looked
    ]
    schemas = [observe_schema(job.categories, job.visible, len(x.photos)) for x in looked]
    requests = [
        Request(Prompt(job.system.text, text.text, one.photos), schema)
        for one, text, schema in zip(looked, rendered, schemas, strict=True)
    ]
    answers = ask([x.product for x in looked], requests, engine, job.settings)
    return [
        answer
        if isinstance(answer, Failed)
        else Observed(one, _facts(answer), text, schema, answer)
        for one, text, schema, answer in zip(
            looked, rendered, schemas, answers, strict=True
        )
    ]


def _facts(answer: Answer) -> Facts:
    seen = said(answer, whole=True)
    return Facts(
        category=seen["category"] or OTHER,
        attributes=seen_attributes(seen["attributes"]),
        text=tuple(dict.fromkeys(text for text in seen["text"] if text)),
    )


def file_in_taxonomy(
    observed: Sequence[Observed], engine: Engine, job: Job
) -> Sequence[Observed | Failed]:
    """Each with its category in the taxonomy, where the run has one."""
    if job.filing is None:
        return observed
    filed = file(
        [
            Filed(one.looked.product, len(one.looked.photos), one.facts, one.context)
            for one in observed
        ],
        job.filing,
        engine,
        job,
    )
    return [
        found if isinstance(found, Failed) else replace(one, facts=found.facts, filed=found)
        for one, found in zip(observed, filed, strict=True)
    ]
