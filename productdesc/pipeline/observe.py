"""Observe: what is it? The first turn, from the photos alone.

A second look (`Options.second_look`) asks the same of smaller copies, with every list the
other way round: models like the first. What the two say differently cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from ..checks.facts.doubt import attribute_doubts
from ..checks.photo_text import without_example_text
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..photos.second_look import smaller
from ..prompts import Rendered, Templates, joined
from ..records import Facts, Photo, Seen
from ..taxonomy import OTHER, UNKNOWN, settled_kind
from ..taxonomy.observe_schema import attribute_pointers, observe_schema
from .draft import Draft, Turn, schema_digest
from .options import Options
from .parse_answer import parse_answer


def observe(
    draft: Draft, photos: tuple[Photo, ...], options: Options, templates: Templates
) -> Conversation[tuple[Draft, Context]]:
    """The draft with what the model saw, and the conversation so far."""
    looks = [_look(draft, photos, options, templates)]
    if options.second_look and photos:
        looks.append(_second_look(draft, photos, options, templates))
    answers = yield [look.request for look in looks]
    turns = [look.turn(answer) for look, answer in zip(looks, answers, strict=True)]
    facts = _facts(turns[0], answers[0], len(photos))
    second, doubts = "", []
    if len(looks) > 1:
        again = _facts(turns[1], answers[1], len(photos))
        second, doubts = again.category, [*attribute_doubts(facts, again)]
        told = {one.value for one in doubts}
        sure = {name: v for name, v in facts.attributes.items() if name not in told}
        facts = facts.model_copy(update={"attributes": sure})
    facts, copied = without_example_text(
        facts,
        product=draft.product,
        measured=draft.measured,
        language=options.language,
        policy=options.policy,
    )
    kind = settled_kind(draft.product, facts, options.language)
    facts = facts.model_copy(update={"read": draft.read}) if draft.read else facts
    seen = replace(
        draft,
        system=looks[0].system,
        facts=facts,
        kind=kind,
        findings=(*draft.findings, *copied, *doubts),
        turns=(*draft.turns, *turns),
        second=second,
    )
    return seen, answers[0].context


class _Look(NamedTuple):
    """One look at the photos, as it is asked for."""

    stage: Literal["observe", "second-look"]
    system: Rendered
    asked: Rendered
    request: Request

    def turn(self, answer: Answer) -> Turn:
        digest = schema_digest(self.request.schema)
        return Turn.of(self.stage, self.asked, digest, answer)


def _look(
    draft: Draft, photos: tuple[Photo, ...], options: Options, templates: Templates
) -> _Look:
    lists: dict[str, Any] = {"categories": options.categories, "visible": options.visible}
    system, style = templates.system(**lists), options.policy.style
    if style.tone or style.fixed_examples:
        system = joined(system, templates.style(style.tone, style.fixed_examples))
    asked = templates.observe(
        draft.product, photos=len(photos), measured=draft.measured, **lists
    )
    schema = observe_schema(options.categories, options.visible, len(photos))
    scored = ("/category", *attribute_pointers(options.visible, len(photos)).values())
    prompt, ends = Prompt(system.text, asked.text, photos), _ends(options)
    request = Request(prompt, schema, ends=ends, scored=scored)
    return _Look("observe", system, asked, request)


def _second_look(
    draft: Draft, photos: tuple[Photo, ...], options: Options, templates: Templates
) -> _Look:
    turned = replace(
        options,
        categories=_turned(options.categories),
        visible={name: _turned(values) for name, values in options.visible.items()},
    )
    look = _look(draft, tuple(map(smaller, photos)), turned, templates)
    return look._replace(stage="second-look", request=replace(look.request, ends=True))


def _turned(values: tuple[str, ...]) -> tuple[str, ...]:
    """The other way round, but for what means that it is none of them."""
    last = [one for one in values if one in (OTHER, UNKNOWN)]
    return (*(one for one in values[::-1] if one not in last), *last)


def in_language(draft: Draft, language: str) -> Draft:
    """The same, with the kind of the product as its data says it to this language."""
    kind = settled_kind(draft.product, draft.facts, language)
    return draft if kind == draft.kind else replace(draft, kind=kind)


def _ends(options: Options) -> bool:
    """Whether nothing is asked of the model after its first look."""
    asks_category = options.taxonomy is not None and not options.engine.categories
    return not options.engine.writes and not asks_category


def _facts(turn: Turn, answer: Answer, photos: int) -> Facts:
    values = parse_answer(turn, whole=True)
    return Facts(
        category=values["category"] or OTHER,
        attributes=seen_attributes(values["attributes"], answer, photos),
        text=tuple(dict.fromkeys(text for text in values["text"] if text)),
        confidence=confidence(answer, "/category"),
    )


def seen_attributes(
    values: Mapping[str, Any], answer: Answer, photos: int
) -> dict[str, Seen]:
    """An answer's attributes, without those that the model could not see."""
    pointers = attribute_pointers(values, photos)
    attributes = {
        name: Seen(
            **(value if isinstance(value, dict) else {"value": value}),
            confidence=confidence(answer, pointers[name]),
        )
        for name, value in values.items()
    }
    return {
        name: seen for name, seen in attributes.items() if seen.value not in ("", UNKNOWN)
    }


DIGITS = 3
"""Decimals of a confidence: more would differ with what else was in a batch."""


def confidence(answer: Answer, pointer: str) -> float | None:
    """How sure the model was of one choice, not calibrated; None where nobody knows."""
    found = answer.probabilities.get(pointer)
    return None if found is None else round(found.probability, DIGITS)
