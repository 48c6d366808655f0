"""Policy questions: a model is asked whether photos break a shop's policy, by category."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from ...checks.facts.doubt import look_doubt
from ...engines import Answer, Engine, Prompt, Request
from ...photos.second_look import smaller
from ...prompts import Templates
from ...records import Photo
from ..choices import answer_schema
from ..look import SETTINGS, read_photos
from .moderation_policy import ModerationPolicy, PolicyCategory
from .reasons import ModerationReason

__all__ = ["PolicyScore", "policy_looks", "policy_reasons"]

YES, NO, UNSEEN = "yes", "no", "cannot be seen"
CHOICES = (YES, NO, UNSEEN)


class PolicyScore(NamedTuple):
    """What a model said of one photo (from 1) and one category of a policy.

    answer: "yes" (it breaks the rule), "no" or "cannot be seen". probability: P(yes), 0 to
    1, the model's own; None where the engine cannot tell.
    """

    photo: int
    category: str
    answer: str
    probability: float | None


def policy_looks(
    engine: Engine, photos: Sequence[tuple[int, Photo]], policy: ModerationPolicy
) -> tuple[list[PolicyScore], list[PolicyScore]]:
    """Two looks: a score for each photo, by its number, and each category, in order.

    The second is empty where the policy wants none. Each photo is read once a look; no
    question sees another. Raises what the engine raises.
    """
    if not photos:
        return [], []
    first = _scores_of(engine, photos, policy, CHOICES)
    if not policy.second_look:
        return first, []
    again = [(number, smaller(photo)) for number, photo in photos]
    return first, _scores_of(engine, again, policy, (NO, YES, UNSEEN))


def _scores_of(
    engine: Engine,
    photos: Sequence[tuple[int, Photo]],
    policy: ModerationPolicy,
    choices: Sequence[str],
) -> list[PolicyScore]:
    templates = Templates(special_tokens=engine.info.special_tokens)
    contexts = read_photos(engine, templates, [[photo] for _, photo in photos])
    prompts = [Prompt("", _prompt(templates, one, choices)) for one in policy.categories]
    requests = [
        Request(prompt, answer_schema(choices), context, ends=True, scored=("/answer",))
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


def policy_reasons(
    first: Sequence[PolicyScore], second: Sequence[PolicyScore], policy: ModerationPolicy
) -> Iterator[ModerationReason]:
    """What the scores of one or two looks come to."""
    by_name = {one.name: one for one in policy.categories}
    for score, again in zip_longest(first, second):
        if reason := _reason(score, by_name[score.category], again):
            yield reason


def _reason(
    score: PolicyScore, category: PolicyCategory, second: PolicyScore | None
) -> ModerationReason | None:
    """What a score comes to: a reason where it reaches its category's threshold.

    Where the model gives no probability its word counts. What it cannot see is a doubt,
    which a person has to look at, and so is what a second look does not find as well.
    """
    where, sure = f"photo {score.photo}", score.probability
    comes_to = _comes_to(score, category)
    if second and (other := _comes_to(second, category)) != comes_to:
        return ModerationReason(
            layer="doubt",
            code="cannot-be-told",
            verdict="review",
            where=where,
            message=f"the policy on {category.label}: {look_doubt(comes_to, other)}",
            advice="have a person look at it",
            measured=sure,
            limit=category.threshold,
        )
    if comes_to == YES:
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
    if comes_to == UNSEEN:
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


def _comes_to(score: PolicyScore, category: PolicyCategory) -> str:
    """What an answer is by the category's threshold: yes, no or "cannot be seen"."""
    sure = score.probability
    if score.answer == YES if sure is None else sure >= category.threshold:
        return YES
    return UNSEEN if score.answer == UNSEEN else NO


def _prompt(templates: Templates, category: PolicyCategory, choices: Sequence[str]) -> str:
    texts = {
        "label": category.label,
        "should_not": category.should_not,
        "may": category.may,
        "choices": choices,
    }
    return templates.of_texts("policy.j2", texts).text
