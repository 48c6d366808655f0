"""Finish: a draft becomes a checked `Description`.

parse -> clean and cut -> check against the evidence -> fill what is empty -> describe
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from .._version import __version__
from ..channels import Field
from ..channels.fit import Texts, fit_attributes, fit_texts, over_advised, within
from ..checks import CheckedText, compose
from ..checks.check import TextChecker
from ..checks.facts.doubt import photo_doubts
from ..checks.facts.lost_facts import fact_findings, lost_facts
from ..checks.facts.new_copy import NewCopy
from ..checks.facts.old_text import old_texts, with_old_texts
from ..records import Description, Evidence, Finding, Product, Provenance
from ..words.writing.local_values import local_value
from .custom_schema import Filled, fill, strings
from .draft import Draft, categories
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
        texts, cut = fit_texts(parse_answer(draft.copy_turn), fields)
    else:  # a user's own schema must hold, so what closed the answer stays
        texts, cut = dict(strings(json.loads(draft.copy_turn.text))), []
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
        answer = draft.copy_turn.text
        custom = fill(options.schema, answer, of_schema, lambda path: str(spare(path)))
        final, findings = dict(custom.texts), tuple(custom.findings(checked.findings))
        composed = ()
    local = {
        name: local_value(name, value, options.language)
        for name, value in checked.attributes.items()
    }
    attributes, shortened = fit_attributes(local, options.channel)
    long = over_advised(own, fields) if own else ()
    told = (*findings, *cut, *composed, *shortened, *long)
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
            *_doubts(draft),
            *_endings(draft),
            *told,
            *_facts_lost(draft, options, final, attributes, told),
        ),
        provenance=_provenance(draft, options, now),
    )


def _facts_lost(
    draft: Draft,
    options: Options,
    texts: Texts,
    attributes: Mapping[str, str],
    findings: Sequence[Finding],
) -> Iterator[Finding]:
    """What the merchant's own text said, where it was to be rewritten, and is lost.

    Fields that are not written stay as the merchant wrote them.
    """
    old = options.old_texts(draft.product, len(draft.photos))
    if not old:
        return
    stays = {} if options.schema else old_texts(draft.product, options.language)
    shown = (stays.keys() | texts.keys()) - NOT_READ
    whole = {name: texts.get(name, stays.get(name, "")) for name in sorted(shown)}
    title = whole.pop("title", "")
    lines = [one for text in whole.values() for one in _lines(text)]
    copy = NewCopy(str(title), lines, attributes, options.language)
    yield from fact_findings(lost_facts(old, copy), findings)


def _lines(text: str | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else [*text]


NOT_READ = frozenset({"seo_title", "seo_description", "alt_texts", "tags"})
"""Texts in which a reader of the page does not look for a fact."""


def _checker(draft: Draft, options: Options) -> TextChecker:
    return TextChecker.of(
        product=_vouching(draft, options),
        facts=draft.facts,
        measured=draft.measured,
        language=options.language,
        prompts=[draft.system.text, *(turn.rendered.text for turn in draft.turns)],
        policy=replace(
            options.policy, style=options.policy.style.shown_for(categories(draft))
        ),
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
            found[name] = checker.evidence(text, name)
    if options.taxonomy is not None:
        why = draft.category_evidence
        found["category"] = (why,) if why else ()
    return found


def _vouching(draft: Draft, options: Options) -> Product:
    """The product as its data vouch: of a rewrite, with bullets and translations."""
    return (
        with_old_texts(draft.product, options.language)
        if options.rewrite
        else draft.product
    )


# ---- what is empty is composed ----------------------------------------------------------


def _spare(draft: Draft, options: Options) -> Spare:
    return partial(
        compose,
        product=_vouching(draft, options),
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
        return left or within(str(spare(field.name)), field)
    least, most = field.count(photos)
    if len(left) >= least and all(left):
        return left
    others = [within(text, field) for text in spare(field.name)]
    if field.photos:  # each text stays with its photo
        return tuple(own or other for own, other in zip(left, others, strict=True))
    together = [text for text in dict.fromkeys((*left, *others)) if text]
    return tuple(together[: max(least, len(left)) if left else most])


# ---- where it came from -----------------------------------------------------------------


def _doubts(draft: Draft) -> Iterator[Finding]:
    """That the photos do not show what the product is, where they do not."""
    names = [photo.name for photo in draft.photos]
    return photo_doubts(
        draft.product,
        draft.facts,
        draft.kind,
        findings=draft.findings,
        photos=names,
        second=draft.second,
    )


def _endings(draft: Draft) -> Iterator[Finding]:
    for turn in draft.turns:
        if turn.stage in ("write", "rewrite") and turn.stage != draft.copy_stage:
            continue
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
