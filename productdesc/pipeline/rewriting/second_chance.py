"""Second chance: the model is told which facts its copy left out, and writes once more.

The copy that keeps more of the merchant's facts is the draft's; of two that keep as many,
the first. How often it is asked: `REWRITE_LIMITS` in `checks/facts/lost_facts.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ...channels import Field
from ...checks.facts.lost_facts import LOST, REWRITE_LIMITS
from ...engines import Answer, Context, Conversation, Prompt, Request
from ...errors import OutputError
from ...prompts import Rendered, Templates
from ...records import Finding
from ..draft import Draft, Turn, schema_digest
from ..finish import finish
from ..options import Options
from ..write import Written, whole_answer, write

__all__ = ["written"]


def written(
    drafts: Sequence[Draft],
    context: Context,
    options: Sequence[Options],
    templates: Templates,
) -> Conversation[list[Draft]]:
    """The drafts with the model's copy, as `write` has them; after it nothing is asked.

    Where facts of the merchant's own text are lost, it is asked for them once more.
    """
    first = yield from write(drafts, context, options, templates)
    best = [one.draft for one in first]
    lost = [_lost(one.draft, one.options) for one in first]
    current = list(first)
    for chance in range(REWRITE_LIMITS.chances):
        open_ = [at for at, facts in enumerate(lost) if facts]
        if not open_:
            break
        is_last = chance + 1 == REWRITE_LIMITS.chances
        turns = [templates.missing([_shown(one) for one in lost[at] or ()]) for at in open_]
        requests = [
            _request(current[at], turn, ends=is_last)
            for at, turn in zip(open_, turns, strict=True)
        ]
        try:
            answers = yield requests
        except OutputError:  # the conversation is too long for it: the first copy stands
            break
        for at, turn, answer in zip(open_, turns, answers, strict=True):
            current[at] = _answered(current[at], turn, answer)
            told = current[at].draft.turns[-1]
            again = replace(current[at].draft, copy_stage=told.stage)
            facts = _lost(again, current[at].options)
            is_better = facts is not None and len(facts) < len(lost[at] or ())
            best[at] = again if is_better else replace(best[at], turns=again.turns)
            lost[at] = facts if is_better else None
    return best


def _lost(draft: Draft, options: Options) -> list[Finding] | None:
    """The facts that the checked copy lost; None where there is none to look at."""
    if not options.old_texts(draft.product, len(draft.photos)):
        return None
    try:
        description = finish(draft, options, _ANY_TIME)
    except OutputError:
        return None
    return [one for one in description.findings if one.code == LOST]


_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Of a description that is only looked at."""


def _shown(lost: Finding) -> dict[str, str]:
    return {"fact": lost.value, "of your": lost.field}


def _request(one: Written, turn: Rendered, *, ends: bool) -> Request:
    """The next turn behind the branch whose field has the most room."""
    place = _roomiest(one.branches)
    schema = one.options.write_schema(one.branches[place], len(one.draft.photos))
    return Request(Prompt("", turn.text), schema, one.answers[place].context, ends=ends)


def _answered(one: Written, turn: Rendered, answer: Answer) -> Written:
    place = _roomiest(one.branches)
    answers = (*one.answers[:place], answer, *one.answers[place + 1 :])
    photos = len(one.draft.photos)
    digest = schema_digest(one.options.write_schema(one.branches[place], photos))
    told = replace(
        Turn.of("rewrite", turn, digest, whole_answer(answers)),
        read_tokens=max(answer.context.tokens - answer.tokens, 0),
        written_tokens=answer.tokens,
    )
    return replace(one, draft=one.draft.after(told), answers=answers)


def _roomiest(branches: Sequence[Sequence[Field]]) -> int:
    """The place of the branch that may write the longest text; 0 where there is one."""
    room = [max((field.write for field in fields), default=0) for fields in branches]
    return room.index(max(room))
