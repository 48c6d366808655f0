"""Write: say it. The second turn, which goes on from what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..engines import Answer, Engine, Prompt, Request
from ..prompts import Rendered
from ..records import Failed
from .ask import ask
from .job import Job
from .observing import Observed


@dataclass(frozen=True, slots=True)
class Written:
    """The model's copy, not yet checked."""

    observed: Observed
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer


def write(observed: Sequence[Observed], engine: Engine, job: Job) -> list[Written | Failed]:
    rendered = [
        job.templates.write(
            job.template,
            one.looked.product,
            one.facts,
            shop=job.channel.label,
            language=job.language,
            fields=job.fields_for(len(one.looked.photos)),
            photos=len(one.looked.photos),
            schema=job.custom,
        )
        for one in observed
    ]
    schemas = [job.write_schema(len(one.looked.photos)) for one in observed]
    requests = [
        Request(Prompt("", text.text), schema, one.context)
        for one, text, schema in zip(observed, rendered, schemas, strict=True)
    ]
    products = [one.looked.product for one in observed]
    answers = ask(products, requests, engine, job.settings)
    return [
        answer if isinstance(answer, Failed) else Written(one, text, schema, answer)
        for one, text, schema, answer in zip(
            observed, rendered, schemas, answers, strict=True
        )
    ]
