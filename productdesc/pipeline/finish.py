"""The end of the pipeline: the model's JSON becomes a checked `Description`.

parse -> clean and cut -> check against the evidence -> fill what is empty -> describe
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._version import __version__
from ..channels import Field, clean, trim
from ..checks import Checked, Draft, compose
from ..checks.check import check
from ..engines import Answer
from ..prompts import Rendered
from ..records import (
    Colour,
    Description,
    Evidence,
    Facts,
    Finding,
    Photo,
    Product,
    Provenance,
)
from .classify import Filed
from .custom_schema import fill, strings
from .options import Job, schema_digest
from .parse_answer import parse_answer

Texts = dict[str, str | tuple[str, ...]]

# Descriptions may have paragraphs; every other field is one line.
_WITH_LINES = {"description"}

_ENDED = {
    "cap": "the answer was cut at the token limit and closed; raise max_tokens",
    "loop": "the model repeated itself; the answer was cut there and closed",
}


def finish(
    job: Job,
    *,
    product: Product,
    photos: Sequence[Photo],
    measured: Sequence[Sequence[Colour]],
    facts: Facts,
    kind: str,
    filed: Filed | None,
    findings: Sequence[Finding],
    answers: Mapping[str, Answer],
    rendered: Mapping[str, Rendered],
    schemas: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> Description:
    """The checked description of one product; `kind` is what to call it.

    `answers`, `rendered` and `schemas` are by stage ("observe", "write"; `rendered` also
    "system"). Raises `OutputError` when the answer cannot be made to fit.
    """
    if filed:
        answers = {**answers, **filed.answers}
        rendered = {**rendered, **filed.rendered}
    fields = job.fields_for(len(photos))
    answer = answers["write"]
    if job.model is None:
        texts, cut = _fitted(parse_answer(answer), fields)
    else:  # a user's own schema must hold, so what closed the answer stays
        texts, cut = dict(strings(json.loads(answer.text))), []

    def checked(values: Texts) -> Checked:
        return check(
            Draft(values),
            product=product,
            facts=facts,
            measured=measured,
            language=job.language,
            prompts=[turn.text for turn in rendered.values()],
        )

    def spare(name: str) -> str | tuple[str, ...]:
        return compose(
            name,
            product=product,
            facts=facts.model_copy(update={"category": kind}),
            language=job.language,
            measured=measured,
            photos=len(photos),
        )

    digests = {stage: schema_digest(schema) for stage, schema in schemas.items()}
    digests |= filed.schemas if filed else {}
    first = last = checked(texts)
    filled, composed = _filled(first.texts, fields, len(photos), spare)
    if job.model is None and filled != first.texts:
        # What was composed needs its evidence too; checking twice changes nothing else.
        last = checked(filled)
    own = fill(job.model, answer, first.texts) if job.model else None
    attributes, shortened = _attributes(job, last.attributes)
    return Description(
        product_id=product.id,
        channel=job.channel.name,
        language=job.language,
        category=_category(filed, last),
        category_id=filed.category.id if filed and filed.category else "",
        attributes=attributes,
        **({} if own else _by_field(filled, fields)),
        custom=own.value if own else None,
        evidence={**_evidence(filed, last), **(own.evidence() if own else {})},
        findings=(
            *findings,
            *(filed.findings(job.filing.taxonomy) if filed and job.filing else ()),
            *_endings(answers),
            *(own.findings(first.findings) if own else first.findings),
            *cut,
            *composed,
            *shortened,
        ),
        provenance=_provenance(job, photos, rendered, digests, now),
    )


def _category(filed: Filed | None, checked: Checked) -> str:
    """The category's path in the taxonomy; where none was given, the kind."""
    if filed is None:
        return checked.category
    return filed.category.path if filed.category else ""


def _evidence(filed: Filed | None, checked: Checked) -> dict[str, tuple[Evidence, ...]]:
    if filed is None:
        return checked.evidence
    return {
        **checked.evidence,
        "category": (filed.evidence,) if filed.evidence else (),
    }


def _fitted(
    values: Mapping[str, Any], fields: Sequence[Field]
) -> tuple[Texts, list[Finding]]:
    """The model's texts, cleaned and within the channel's limits."""
    texts: Texts = {}
    findings: list[Finding] = []
    for field in fields:
        value = values[field.name]
        lines = field.name in _WITH_LINES
        whole = [clean(t, lines=lines) for t in (value if field.is_list else [value])]
        short = [trim(t, field.limit) for t in whole]
        for before, after in zip(whole, short, strict=True):
            if before != after:
                findings.append(_trimmed(field.name, before, len(after), field.limit))
        texts[field.name] = tuple(short) if field.is_list else short[0]
    return texts, findings


def _trimmed(name: str, text: str, kept: int, limit: int) -> Finding:
    message = f"{len(text)} characters, the limit is {limit}; cut to {kept} at a word end"
    return Finding(code="trimmed", field=name, message=message, value=text[kept:].strip())


def _filled(
    texts: Texts,
    fields: Sequence[Field],
    photos: int,
    spare: Callable[[str], str | tuple[str, ...]],
) -> tuple[Texts, list[Finding]]:
    """Every field with what it must have; what is missing is composed plainly.

    `spare` composes a field from the facts and the merchant's data alone.
    """
    filled: Texts = {}
    findings: list[Finding] = []
    for field in fields:
        kept = texts[field.name]
        if isinstance(kept, tuple) and not field.photos:
            kept = tuple(dict.fromkeys(kept))  # what is left of two may be the same
        filled[field.name] = _complete(kept, field, photos, spare)
        if filled[field.name] != kept:
            message = "too little was left; written plainly from the facts and the data"
            findings.append(Finding(code="composed", field=field.name, message=message))
    return filled, findings


def _complete(
    kept: str | tuple[str, ...],
    field: Field,
    photos: int,
    spare: Callable[[str], str | tuple[str, ...]],
) -> str | tuple[str, ...]:
    if isinstance(kept, str):
        return kept or trim(str(spare(field.name)), field.limit)
    least, _ = field.count(photos)
    if len(kept) >= least and all(kept):
        return kept
    others = [trim(text, field.limit) for text in spare(field.name)]
    if field.photos:  # each text stays with its photo
        return tuple(own or other for own, other in zip(kept, others, strict=True))
    together = [text for text in dict.fromkeys((*kept, *others)) if text]
    return tuple(together[: max(least, len(kept))])


def _by_field(texts: Texts, fields: Sequence[Field]) -> dict[str, Any]:
    return {field.name: texts[field.name] for field in fields}


def _attributes(
    job: Job, attributes: Mapping[str, str]
) -> tuple[dict[str, str], list[Finding]]:
    """The attributes within the channel's limits."""
    kept: dict[str, str] = {}
    findings: list[Finding] = []
    for name, value in attributes.items():
        limit = job.channel.attributes.get(name, job.channel.attribute_limit)
        kept[name] = trim(value, limit) or value[:limit]
        if kept[name] != value:
            findings.append(_trimmed("attributes", value, len(kept[name]), limit))
    return kept, findings


# ---- where it came from --------------------------------------------------------------


def _endings(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    for stage, answer in answers.items():
        if answer.finish != "complete":
            code = "cut-short" if answer.finish == "cap" else "repetition"
            yield Finding(code=code, field=stage, message=_ENDED[answer.finish])


def _provenance(
    job: Job,
    photos: Sequence[Photo],
    rendered: Mapping[str, Rendered],
    schemas: Mapping[str, str],
    now: datetime,
) -> Provenance:
    settings = job.settings
    return Provenance(
        model=job.engine.model,
        revision=job.engine.revision,
        weights_digest=job.engine.weights_digest,
        templates={stage: turn.template for stage, turn in rendered.items()},
        schemas=dict(schemas),
        photos=tuple(photo.sha256 for photo in photos),
        library=__version__,
        settings={
            "max_tokens": settings.max_tokens,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "seed": settings.seed,
            **job.engine.options,
        },
        time=now,
    )
