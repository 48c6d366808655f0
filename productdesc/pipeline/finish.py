"""Finish: a draft becomes a checked `Description`.

parse -> clean and cut -> check against the evidence -> fill what is empty -> describe
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, cast

from .._version import __version__
from ..channels import Field
from ..channels.fit import Texts, fit_attributes, fit_texts
from ..checks import CheckedText, compose
from ..checks.check import TextChecker
from ..records import Description, Evidence, Finding, Provenance
from ..text.trim import trim
from .custom_schema import Filled, fill, strings
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
    spare = _spare(draft, options)
    if not options.engine.writes:
        texts, cut = fit_texts(_by_rules(fields, draft, spare), fields)
    elif options.schema is None:
        texts, cut = fit_texts(parse_answer(draft.turn("write")), fields)
    else:  # a user's own schema must hold, so what closed the answer stays
        texts, cut = dict(strings(json.loads(draft.turn("write").text))), []
    checker = _checker(draft, options)
    checked = checker.check(texts)
    own: Texts = {}
    custom: Filled | None = None
    composed: Iterable[Finding]
    if options.schema is None:
        own, composed = _filled(checked.texts, fields, draft, spare)
        final, findings = own, checked.findings
        if not options.engine.writes:  # what the data says of its kind is one finding
            findings = tuple(f for f in findings if f.code != "conflict-kind")
    else:
        of_schema = {path: str(text) for path, text in checked.texts.items()}
        answer = draft.turn("write").text
        custom = fill(options.schema, answer, of_schema, lambda path: str(spare(path)))
        final, findings = dict(custom.texts), tuple(custom.findings(checked.findings))
        composed = ()
    attributes, shortened = fit_attributes(checked.attributes, options.channel)
    return Description(
        product_id=draft.product.id,
        channel=options.channel.name,
        language=options.language,
        category=draft.category if options.taxonomy else checked.category,
        category_id=draft.category_id,
        attributes=attributes,
        **cast("dict[str, Any]", own),
        custom=custom.value if custom else None,
        evidence=_evidence(draft, options, checked, final, checker),
        findings=(
            *draft.findings,
            *_endings(draft),
            *findings,
            *cut,
            *composed,
            *shortened,
        ),
        provenance=_provenance(draft, options, now),
    )


def _checker(draft: Draft, options: Options) -> TextChecker:
    return TextChecker.of(
        product=draft.product,
        facts=draft.facts,
        measured=draft.measured,
        language=options.language,
        prompts=[draft.system.text, *(turn.rendered.text for turn in draft.turns)],
        policy=options.policy,
    )


def _evidence(
    draft: Draft,
    options: Options,
    checked: CheckedText,
    texts: Texts,
    checker: TextChecker,
) -> dict[str, tuple[Evidence, ...]]:
    """Of the texts as they stand in the description: composed ones need theirs too."""
    found = dict(checked.evidence)
    for name, text in texts.items():
        if text != checked.texts[name]:
            found[name] = checker.evidence(text)
    if options.taxonomy is not None:
        why = draft.category_evidence
        found["category"] = (why,) if why else ()
    return found


# ---- what is empty is composed ----------------------------------------------------------


def _spare(draft: Draft, options: Options) -> Spare:
    return partial(
        compose,
        product=draft.product,
        facts=draft.facts.model_copy(update={"category": draft.kind.kind}),
        language=options.language,
        measured=draft.measured,
        photos=len(draft.photos),
    )


def _by_rules(
    fields: Sequence[Field], draft: Draft, spare: Spare
) -> dict[str, str | list[str]]:
    """Every field as rules write it, for a model that only looks."""
    photos = len(draft.photos)
    written: dict[str, str | list[str]] = {}
    for field in fields:
        text = spare(field.name)
        most = field.count(photos)[1]
        written[field.name] = text if isinstance(text, str) else [*text[:most]]
    return written


def _filled(
    texts: Texts, fields: Sequence[Field], draft: Draft, spare: Spare
) -> tuple[Texts, list[Finding]]:
    """Every field with what it must have; what is missing is composed plainly."""
    photos = len(draft.photos)
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
    least, most = field.count(photos)
    if len(left) >= least and all(left):
        return left
    others = [trim(text, field.limit) for text in spare(field.name)]
    if field.photos:  # each text stays with its photo
        return tuple(own or other for own, other in zip(left, others, strict=True))
    together = [text for text in dict.fromkeys((*left, *others)) if text]
    return tuple(together[: max(least, len(left)) if left else most])


# ---- where it came from -----------------------------------------------------------------


def _endings(draft: Draft) -> Iterator[Finding]:
    for turn in draft.turns:
        if turn.finish != "complete":
            code = "cut-short" if turn.finish == "cap" else "repetition"
            yield Finding(code=code, field=turn.stage, message=_ENDED[turn.finish])


def _provenance(draft: Draft, options: Options, now: datetime) -> Provenance:
    engine = options.engine
    chosen = {"inferred": options.inferred} if options.inferred else {}
    templates: dict[str, Any] = {"system": draft.system.template}
    return Provenance(
        model=engine.model,
        revision=engine.revision,
        weights_digest=engine.weights_digest,
        templates=templates | {turn.stage: turn.rendered.template for turn in draft.turns},
        schemas={turn.stage: turn.schema_digest for turn in draft.turns},
        photos=tuple(photo.sha256 for photo in draft.photos),
        library=__version__,
        settings={**asdict(options.settings), **engine.options, **chosen},
        time=now,
        written_by="model" if engine.writes else "rules",
    )
