"""Robustness task: labelled photos as they are and damaged in steps.

How much of the accuracy is left, and did anything see the wrong answers coming: the photo
gate, by a warning or a refusal, or the model's own doubt. No copy is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from ...digest import json_digest
from ...engines import Engine
from ...errors import PhotoError
from ...net import Http
from ...photos import load
from ...pipeline import Described, DescribeOptions
from ...pipeline.draft import Outcome
from ...pipeline.options import Options, resolve
from ...records import Product
from ..robustness.damage import DAMAGES, steps
from ..robustness.damage_curve import AS_IS, group_of
from ..task import Case, Metric, Reply, Task
from .catalogue import (
    NO_INPUTS,
    Products,
    answers_of,
    cases,
    identity_of,
    is_category_right,
    reply_of,
)
from .labels import Inputs

SURE = 0.8
"""A confidence below it is doubt. Of the demo model's answers to whole photos at it or
above, 93 % are right (docs/evaluation.md)."""


def robustness_task(
    products: Products,
    engine: Engine,
    options: DescribeOptions | None = None,
    *,
    inputs: Inputs = NO_INPUTS,
    batch_size: int = 16,
    http: Http | None = None,
) -> Task:
    """The task of filing products by photos that get worse. See `catalogue_task`.

    Products without a labelled category are left out. Figures are by damage and level, in
    groups "robustness/blur/5"; whole photos are "robustness/as is".
    """
    asked: DescribeOptions = {"channel": "plain", **(options or {})}
    resolved = resolve(engine.info, asked)
    kinds = {name: [one.unit, *one.levels] for name, one in DAMAGES.items()}
    return Task(
        name="robustness",
        cases=partial(_cases, products, resolved, inputs),
        answers=partial(_answers, engine, asked, batch_size, http),
        metrics=METRICS,
        identity={**identity_of(engine, resolved, inputs), "damages": kinds, "sure": SURE},
        groups=_groups,
        seed=resolved.settings.seed,
    )


def _cases(products: Products, options: Options, inputs: Inputs) -> Iterator[Case]:
    for case in cases(products, options, inputs):
        if not case.target["category"]:
            continue
        for kind, level in ((AS_IS, 0.0), *steps()):
            target = {"category": case.target["category"], "attributes": {},
                      "damage": kind, "level": level}  # fmt: skip
            yield Case(
                id=f"{case.id} {kind} {level:g}" if level else f"{case.id} {kind}",
                product_id=case.product_id,
                given=case.given,
                target=target,
                digest=json_digest([case.digest, kind, level]),
            )


def _groups(case: Case) -> Iterator[str]:
    yield group_of(case.target["damage"], case.target["level"])


def damaged(product: Product, kind: str, level: float, http: Http | None) -> Product | None:
    """The product with every photo damaged; None where a photo cannot be read."""
    try:
        whole = [load(photo, http=http) for photo in product.photos]
    except PhotoError:
        return None
    if not level:
        return product.model_copy(update={"photos": tuple(whole)})
    worse = [DAMAGES[kind].apply(photo.image, level) for photo in whole]
    return product.model_copy(update={"photos": tuple(worse)})


def _answers(
    engine: Engine,
    asked: DescribeOptions,
    batch_size: int,
    http: Http | None,
    cases: Iterable[Case],
) -> Iterator[Reply]:
    readable: dict[str, bool] = {}

    def worse() -> Iterator[Case]:
        for case in cases:
            kind, level = str(case.target["damage"]), float(case.target["level"])
            product = damaged(case.given, kind, level, http)
            readable[case.id] = product is not None
            yield replace(case, given=product or case.given)

    replies = answers_of(engine, asked, batch_size, http, worse(), needs=_category_only)
    for reply in replies:
        found = flags(reply.outcome)
        answer = {**(reply.answer or {}), "gate": found}
        # nothing failed where the gate refused: that is an answer
        is_answer = bool(found) and readable.pop(reply.case.id)
        yield replace(reply, answer=answer, error="" if is_answer else reply.error)


def _category_only(product: Product) -> frozenset[str]:
    return frozenset(("category",))


def flags(outcome: Outcome) -> list[str]:
    """What the photo gate said: codes of warnings, or that it refused."""
    if isinstance(outcome, Described):
        found = outcome.description.findings
        return sorted({one.code for one in found if one.code.startswith("photo-")})
    error = getattr(outcome, "error", None)
    return ["refused"] if isinstance(error, PhotoError) else []


def is_answered(case: Case, outcome: Outcome) -> float:
    """1 where the photo was not refused."""
    return float(isinstance(outcome, Described))


def is_right(case: Case, outcome: Outcome) -> float:
    """1 where the category is the labelled one."""
    if not isinstance(outcome, Described):
        return 0.0
    return float(is_category_right(case, outcome.description))


def is_wrong(case: Case, outcome: Outcome) -> float:
    return is_answered(case, outcome) - is_right(case, outcome)


def confidence(case: Case, outcome: Outcome) -> float:
    """The model's own in its category; 0 where it has none."""
    return reply_of(case, outcome).confidence or 0.0


def has_confidence(case: Case, outcome: Outcome) -> float:
    return float(reply_of(case, outcome).confidence is not None)


def gate_saw(case: Case, outcome: Outcome) -> float:
    """1 where the gate warned or refused."""
    return float(bool(flags(outcome)))


def doubted(case: Case, outcome: Outcome) -> float:
    """1 for an answer of which the model was not sure."""
    sure = reply_of(case, outcome).confidence
    return float(sure is not None and sure < SURE)


def seen(case: Case, outcome: Outcome) -> float:
    """1 where the gate or the model's doubt said to look."""
    return max(gate_saw(case, outcome), doubted(case, outcome))


def of_the_wrong(case: Case, outcome: Outcome) -> float:
    """1 for a wrong answer that was seen coming."""
    return is_wrong(case, outcome) * seen(case, outcome)


METRICS = (
    Metric("accuracy", is_right, is_answered),
    Metric("answered", is_answered),
    Metric("confidence", confidence, has_confidence),
    Metric("gate_saw", gate_saw),
    Metric("doubted", doubted, is_answered),
    Metric("wrong_seen_by_gate", lambda c, o: is_wrong(c, o) * gate_saw(c, o), is_wrong),
    Metric("wrong_seen_by_doubt", lambda c, o: is_wrong(c, o) * doubted(c, o), is_wrong),
    Metric("wrong_seen", of_the_wrong, is_wrong),
    Metric("right_flagged", lambda c, o: is_right(c, o) * seen(c, o), is_right,
           higher_is_better=False),
    Metric("wrong_unseen", lambda c, o: is_wrong(c, o) - of_the_wrong(c, o),
           higher_is_better=False),
)  # fmt: skip
