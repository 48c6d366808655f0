"""Write: say it. The last turn, which goes on from what was observed.

An engine to which branches are cheap writes every field in a branch of its own, all at
once: what one field says is no part of what another is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..channels import Field
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Rendered, Templates
from ..records import Facts
from ..taxonomy import OTHER, offered_type
from .draft import Draft, Turn, schema_digest
from .options import Options
from .parse_answer import parse_answer


def write(
    draft: Draft, context: Context, options: Options, templates: Templates
) -> Conversation[Draft]:
    """The draft with the model's copy, not yet checked; nothing is asked after it."""
    photos = len(draft.photos)
    answers = yield [
        Request(
            Prompt("", _rendered(draft, fields, options, templates).text),
            options.write_schema(fields, photos),
            context,
            ends=True,
        )
        for fields in _branches(options, photos)
    ]
    fields = options.fields_for(photos)
    whole = _rendered(draft, fields, options, templates)
    digest = schema_digest(options.write_schema(fields, photos))
    answer = answers[0] if len(answers) == 1 else _joined(answers)
    turn = Turn.of("write", whole, digest, answer)
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
