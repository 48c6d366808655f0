"""Observe: what is it? The first turn, and with a taxonomy what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..checks import Settled, settled_kind
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Rendered, observe_schema
from ..records import Facts
from ..taxonomy import OTHER
from .classify import Filed, file, seen_attributes
from .load_photos import Looked
from .options import Job
from .parse_answer import parse_answer


@dataclass(frozen=True, slots=True)
class Observed:
    """What the model saw; `kind` is what to call the product, after the merchant's data."""

    looked: Looked
    facts: Facts
    kind: Settled
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer
    filed: Filed | None = None

    @property
    def context(self) -> Context:
        """The conversation so far."""
        return self.filed.context if self.filed else self.answer.context


def observe(looked: Looked, job: Job) -> Conversation[Observed]:
    text = job.templates.observe(
        looked.product,
        photos=len(looked.photos),
        measured=looked.measured,
        categories=job.categories,
        visible=job.visible,
    )
    schema = observe_schema(job.categories, job.visible, len(looked.photos))
    [answer] = yield [Request(Prompt(job.system.text, text.text, looked.photos), schema)]
    facts = _facts(answer)
    kind = settled_kind(looked.product, facts)
    return Observed(looked, facts, kind, text, schema, answer)


def _facts(answer: Answer) -> Facts:
    seen = parse_answer(answer, whole=True)
    return Facts(
        category=seen["category"] or OTHER,
        attributes=seen_attributes(seen["attributes"]),
        text=tuple(dict.fromkeys(text for text in seen["text"] if text)),
    )


def file_in_taxonomy(observed: Observed, job: Job) -> Conversation[Observed]:
    """With its category in the taxonomy, where the run has one."""
    if job.filing is None:
        return observed
    looked = observed.looked
    begun = Filed(
        looked.product,
        len(looked.photos),
        observed.facts,
        observed.kind,
        observed.context,
    )
    filed = yield from file(begun, job.filing, job)
    return replace(observed, facts=filed.facts, filed=filed)
