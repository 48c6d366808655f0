"""Finish: a draft becomes a checked `Description`.

parse -> clean and cut -> check against the evidence -> fill what is empty -> describe
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from .._version import __version__
from ..channels import Field
from ..channels.fit import Texts, fit_attributes, fit_texts
from ..checks import CheckedText, compose
from ..checks.check import check
from ..records import Description, Evidence, Finding, Provenance
from ..text.trim import trim
from .custom_schema import fill, strings
from .draft import Draft
from .options import Options
from .parse_answer import parse_answer

_ENDED = {
    "cap": "the answer was cut at the token limit and closed; raise max_tokens",
    "loop": "the model repeated itself; the answer was cut there and closed",
}

Spare = Callable[[str], str | tuple[str, ...]]
"""Composes a field, by its name, from the facts and the merchant's data alone."""


def finish(draft: Draft, options: Options, now: datetime) -> Description:
    """The checked description of one product.

    Raises `OutputError` when the answer cannot be made to fit.
    """
    fields = options.fields_for(len(draft.photos))
    answer = draft.turn("write")
    if options.schema is None:
        texts, cut = fit_texts(parse_answer(answer), fields)
    else:  # a user's own schema must hold, so what closed the answer stays
        texts, cut = dict(strings(json.loads(answer.text))), []
    first = last = _checked(texts, draft, options)
    filled, composed = _filled(first.texts, fields, draft, options)
    if options.schema is None and filled != first.texts:
        # What was composed needs its evidence too; checking twice changes nothing else.
        last = _checked(filled, draft, options)
    custom = fill(options.schema, answer.text, first.texts) if options.schema else None
    own: dict[str, Any] = {} if custom else {f.name: filled[f.name] for f in fields}
    attributes, shortened = fit_attributes(last.attributes, options.channel)
    return Description(
        product_id=draft.product.id,
        channel=options.channel.name,
        language=options.language,
        category=draft.category if options.taxonomy else last.category,
        category_id=draft.category_id,
        attributes=attributes,
        **own,
        custom=custom.value if custom else None,
        evidence={
            **_evidence(draft, options, last),
            **(custom.evidence() if custom else {}),
        },
        findings=(
            *draft.findings,
            *_endings(draft),
            *(custom.findings(first.findings) if custom else first.findings),
            *cut,
            *composed,
            *shortened,
        ),
        provenance=_provenance(draft, options, now),
    )


def _checked(texts: Texts, draft: Draft, options: Options) -> CheckedText:
    return check(
        texts,
        product=draft.product,
        facts=draft.facts,
        measured=draft.measured,
        language=options.language,
        prompts=[draft.system.text, *(turn.rendered.text for turn in draft.turns)],
    )


def _evidence(
    draft: Draft, options: Options, checked: CheckedText
) -> dict[str, tuple[Evidence, ...]]:
    if options.taxonomy is None:
        return checked.evidence
    why = draft.category_evidence
    return {**checked.evidence, "category": (why,) if why else ()}


# ---- what is empty is composed ----------------------------------------------------------


def _filled(
    texts: Texts, fields: Sequence[Field], draft: Draft, options: Options
) -> tuple[Texts, list[Finding]]:
    """Every field with what it must have; what is missing is composed plainly."""
    photos = len(draft.photos)
    spare = partial(
        compose,
        product=draft.product,
        facts=draft.facts.model_copy(update={"category": draft.kind.kind}),
        language=options.language,
        measured=draft.measured,
        photos=photos,
    )
    filled: Texts = {}
    findings: list[Finding] = []
    for field in fields:
        left = texts[field.name]
        if isinstance(left, tuple) and not field.photos:
            left = tuple(dict.fromkeys(left))  # what is left of two may be the same
        filled[field.name] = _complete(left, field, photos, spare)
        if filled[field.name] != left:
            message = "too little was left; written plainly from the facts and the data"
            findings.append(Finding(code="composed", field=field.name, message=message))
    return filled, findings


def _complete(
    left: str | tuple[str, ...], field: Field, photos: int, spare: Spare
) -> str | tuple[str, ...]:
    if isinstance(left, str):
        return left or trim(str(spare(field.name)), field.limit)
    least, _ = field.count(photos)
    if len(left) >= least and all(left):
        return left
    others = [trim(text, field.limit) for text in spare(field.name)]
    if field.photos:  # each text stays with its photo
        return tuple(own or other for own, other in zip(left, others, strict=True))
    together = [text for text in dict.fromkeys((*left, *others)) if text]
    return tuple(together[: max(least, len(left))])


# ---- where it came from -----------------------------------------------------------------


def _endings(draft: Draft) -> Iterator[Finding]:
    for turn in draft.turns:
        if turn.finish != "complete":
            code = "cut-short" if turn.finish == "cap" else "repetition"
            yield Finding(code=code, field=turn.stage, message=_ENDED[turn.finish])


def _provenance(draft: Draft, options: Options, now: datetime) -> Provenance:
    engine = options.engine
    templates: dict[str, Any] = {"system": draft.system.template}
    return Provenance(
        model=engine.model,
        revision=engine.revision,
        weights_digest=engine.weights_digest,
        templates=templates | {turn.stage: turn.rendered.template for turn in draft.turns},
        schemas={turn.stage: turn.schema_digest for turn in draft.turns},
        photos=tuple(photo.sha256 for photo in draft.photos),
        library=__version__,
        settings={**asdict(options.settings), **engine.options},
        time=now,
    )
