"""Observe: what is it? The first turn, from the photos alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..checks.photo_text import without_example_text
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Templates, joined
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
    [answer] = yield [Request(prompt, schema, ends=ends, scored=scored)]
    turn = Turn.of("observe", asked, schema_digest(schema), answer)
    facts, copied = without_example_text(
        _facts(turn, answer, len(photos)),
        product=draft.product,
        measured=draft.measured,
        language=options.language,
        policy=options.policy,
    )
    kind = settled_kind(draft.product, facts, options.language)
    findings = (*draft.findings, *copied)
    facts = facts.model_copy(update={"read": draft.read}) if draft.read else facts
    seen = replace(draft, system=system, facts=facts, kind=kind, findings=findings)
    return seen.after(turn), answer.context


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
