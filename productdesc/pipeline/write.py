"""Write: say it. The last turn, which goes on from what was observed.

An engine to which branches are cheap writes every field in a branch of its own, all at
once: what one field says is no part of what another is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..channels import Field
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Rendered, Templates, joined
from ..records import Facts
from ..taxonomy import OTHER, offered_type
from .draft import Draft, Turn, categories, schema_digest
from .options import Options
from .parse_answer import parse_answer


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A draft with the model's copy, and the answers that it is made of, one a branch."""

    draft: Draft
    options: Options
    branches: tuple[tuple[Field, ...], ...]
    answers: tuple[Answer, ...]


def write(
    drafts: Sequence[Draft],
    context: Context,
    options: Sequence[Options],
    templates: Templates,
) -> Conversation[list[Written]]:
    """The drafts with the model's copy, not yet checked.

    One for each language, all from one look at the product. Only where it is to rewrite
    the merchant's own text may it be asked on.
    """
    pairs = [*zip(drafts, options, strict=True)]
    asked = [_requests(draft, context, own, templates) for draft, own in pairs]
    answers = yield [request for requests in asked for request in requests]
    written: list[Written] = []
    for (draft, own), requests in zip(pairs, asked, strict=True):
        mine, answers = answers[: len(requests)], answers[len(requests) :]
        branches = tuple(_branches(own, len(draft.photos)))
        after = _after(draft, own, templates, mine)
        written.append(Written(after, own, branches, tuple(mine)))
    return written


def _requests(
    draft: Draft, context: Context, options: Options, templates: Templates
) -> list[Request]:
    photos = len(draft.photos)
    ends = not options.old_texts(draft.product, photos)
    return [
        Request(
            Prompt("", _rendered(draft, fields, options, templates).text),
            options.write_schema(fields, photos),
            context,
            ends=ends,
        )
        for fields in _branches(options, photos)
    ]


def _after(
    draft: Draft, options: Options, templates: Templates, answers: Sequence[Answer]
) -> Draft:
    """The draft after its answers, of which there is one a branch."""
    photos = len(draft.photos)
    fields = options.fields_for(photos)
    whole = _rendered(draft, fields, options, templates)
    digest = schema_digest(options.write_schema(fields, photos))
    turn = Turn.of("write", whole, digest, whole_answer(answers))
    # what the branches go on from is read once
    read = max(answer.context.tokens - answer.tokens for answer in answers)
    return draft.after(replace(turn, read_tokens=max(read, 0)))


def _branches(options: Options, photos: int) -> list[tuple[Field, ...]]:
    """The fields that are written together, in their order."""
    fields = options.fields_for(photos)
    if options.engine.branches and len(fields) > 1:
        return [(field,) for field in fields]
    return [fields]


def _rendered(
    draft: Draft, fields: Sequence[Field], options: Options, templates: Templates
) -> Rendered:
    turn = templates.write(
        options.template,
        draft.product,
        _facts(draft, options),
        shop=options.channel.label,
        language=options.language,
        fields=fields,
        photos=len(draft.photos),
        schema=options.schema_json,
    )
    style = options.policy.style
    if not style.fixed_examples:
        examples = style.examples_for(categories(draft))
        turn = joined(templates.style("", examples), turn) if examples else turn
    turn = templates.with_variants(turn, draft.product)
    if texts := options.old_texts(draft.product, len(draft.photos)):
        turn = templates.with_rewrite(turn, texts)
    return templates.with_note(turn, options.note) if options.note else turn


def _facts(draft: Draft, options: Options) -> Facts:
    """The facts to write of, with the merchant's kind where that was settled upon.

    A model that was trained on a closed list of kinds has words for those alone.
    """
    if not draft.kind.source:
        return draft.facts
    kind, own = draft.kind.kind, options.engine.categories
    known = kind if not own else offered_type((kind,), own) or OTHER
    return draft.facts.model_copy(update={"category": known})


def whole_answer(answers: Sequence[Answer]) -> Answer:
    """Objects of unlike keys as one; texts that only closed one are empty."""
    if len(answers) == 1:
        return answers[0]
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
