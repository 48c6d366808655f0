"""Policy questions: a model is asked whether photos break a shop's policy, by category."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ...engines import Answer, Engine, Prompt, Request
from ...prompts import Templates
from ...records import Photo
from ..look import SETTINGS, read_photos
from .moderation_policy import ModerationPolicy, PolicyCategory
from .reasons import ModerationReason

__all__ = ["PolicyScore", "policy_reason", "policy_scores"]

YES, NO, UNSEEN = "yes", "no", "cannot be seen"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"enum": [YES, NO, UNSEEN]}},
    "required": ["answer"],
    "additionalProperties": False,
}


class PolicyScore(NamedTuple):
    """What a model said of one photo (from 1) and one category of a policy.

    answer: "yes" (it breaks the rule), "no" or "cannot be seen". probability: P(yes), 0 to
    1, the model's own; None where the engine cannot tell.
    """

    photo: int
    category: str
    answer: str
    probability: float | None


def policy_scores(
    engine: Engine, photos: Sequence[tuple[int, Photo]], policy: ModerationPolicy
) -> list[PolicyScore]:
    """A score for each photo, by its number, and each category, in order.

    Each photo is read once; no question sees another. Raises what the engine raises.
    """
    if not photos:
        return []
    templates = Templates(special_tokens=engine.info.special_tokens)
    contexts = read_photos(engine, templates, [[photo] for _, photo in photos])
    prompts = [Prompt("", _prompt(templates, one)) for one in policy.categories]
    requests = [
        Request(prompt, _SCHEMA, context, ends=True, scored=("/answer",))
        for context in contexts
        for prompt in prompts
    ]
    said = engine.generate(requests, SETTINGS)
    return list(_scores([number for number, _ in photos], policy, said))


def _scores(
    numbers: Sequence[int], policy: ModerationPolicy, said: Sequence[Answer]
) -> Iterator[PolicyScore]:
    answers = iter(said)
    for number in numbers:
        for category in policy.categories:
            answer = next(answers)
            value = json.loads(answer.text)["answer"]
            yield PolicyScore(number, category.name, value, _yes(answer))


def _yes(answer: Answer) -> float | None:
    """P(yes): of three answers the third has what the first two leave."""
    found = answer.probabilities.get("/answer")
    if found is None:
        return None
    if found.value == YES:
        return found.probability
    if found.runner_up == YES:
        return found.runner_up_probability
    return max(0.0, 1.0 - found.probability - found.runner_up_probability)


def policy_reason(score: PolicyScore, category: PolicyCategory) -> ModerationReason | None:
    """What a score comes to: a reason where it reaches its category's threshold.

    Where the model gives no probability its word counts. What it cannot see is a doubt,
    which a person has to look at.
    """
    where, sure = f"photo {score.photo}", score.probability
    is_over = score.answer == YES if sure is None else sure >= category.threshold
    if is_over:
        says = "the model says yes, without a probability"
        if sure is not None:
            says = f"P(yes) is {sure:.2f}, the threshold {category.threshold:g}"
        return ModerationReason(
            layer="policy",
            code=f"policy-{category.name}",
            verdict=category.verdict,
            where=where,
            message=f"the policy on {category.label}: {says}",
            advice="have a person look at it",
            measured=sure,
            limit=category.threshold,
            source="the shop's policy",
        )
    if score.answer == UNSEEN:
        return ModerationReason(
            layer="doubt",
            code="cannot-be-told",
            verdict="review",
            where=where,
            message=f"the policy on {category.label}: the model cannot see it",
            advice="have a person look at it, or give a better photo",
            measured=sure,
            limit=category.threshold,
        )
    return None


def _prompt(templates: Templates, category: PolicyCategory) -> str:
    texts = {
        "label": category.label,
        "should_not": category.should_not,
        "may": category.may,
        "choices": (YES, NO, UNSEEN),
    }
    return templates.of_texts("policy.j2", texts).text
