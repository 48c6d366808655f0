"""Write: say it. The second turn, which goes on from what was observed.

An engine to which branches are cheap writes every field in a branch of its own, all at
once: what one field says is no part of what another is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..channels import Field, write_schema
from ..engines import Answer, Conversation, Prompt, Request
from ..prompts import Rendered
from ..records import Facts
from ..taxonomy import OTHER
from .observe import Observed
from .options import Job
from .parse_answer import parse_answer


@dataclass(frozen=True, slots=True)
class Written:
    """The model's copy, not yet checked."""

    observed: Observed
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer


def write(observed: Observed, job: Job) -> Conversation[Written]:
    answers = yield [
        Request(
            Prompt("", _rendered(observed, fields, job).text),
            _schema(observed, fields, job),
            observed.context,
            ends=True,
        )
        for fields in _parts(observed, job)
    ]
    photos = len(observed.looked.photos)
    whole = _rendered(observed, job.fields_for(photos), job)
    answer = answers[0] if len(answers) == 1 else _joined(answers)
    return Written(observed, whole, job.write_schema(photos), answer)


def _parts(one: Observed, job: Job) -> list[tuple[Field, ...]]:
    """The fields that are written together, in their order."""
    fields = job.fields_for(len(one.looked.photos))
    if job.engine.branches and len(fields) > 1:
        return [(field,) for field in fields]
    return [fields]


def _rendered(one: Observed, fields: Sequence[Field], job: Job) -> Rendered:
    return job.templates.write(
        job.template,
        one.looked.product,
        _told(one, job),
        shop=job.channel.label,
        language=job.language,
        fields=fields,
        photos=len(one.looked.photos),
        schema=job.custom,
    )


def _told(one: Observed, job: Job) -> Facts:
    """The facts to write of, with the merchant's kind where that was settled upon.

    A model that was trained on a closed list of kinds has words for those alone.
    """
    if not one.kind.source:
        return one.facts
    kind, own = one.kind.kind, job.engine.categories
    known = kind if not own or kind in own else OTHER
    return one.facts.model_copy(update={"category": known})


def _schema(one: Observed, fields: Sequence[Field], job: Job) -> dict[str, Any]:
    if job.custom is not None:
        return job.write_schema(len(one.looked.photos))
    return write_schema(fields, len(one.looked.photos))


def _joined(answers: Sequence[Answer]) -> Answer:
    """Objects of unlike keys as one; texts that only closed one are empty."""
    values: dict[str, Any] = {}
    for answer in answers:
        values |= parse_answer(answer)
    cut = [answer for answer in answers if answer.finish != "complete"]
    return Answer(
        json.dumps(values, ensure_ascii=False, separators=(",", ":")),
        cut[0].finish if cut else "complete",
        sum(answer.tokens for answer in answers),
        answers[-1].context,
    )
