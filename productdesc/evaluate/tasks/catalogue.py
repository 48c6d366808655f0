"""Catalogue: descriptions of labelled products against a shop's own labels.

Labels never reach a prompt: `labels.held_out` is all of a product that a model is shown.
The metrics are in `catalogue_metrics.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from ...engines import Engine
from ...net import Http
from ...pipeline import Described, DescribeOptions, describe_many
from ...pipeline.draft import Outcome
from ...pipeline.options import Options, resolve
from ...records import COPY_FIELDS, Description, Product
from ...words.attribute_key import attribute_key
from ..task import Case, Reply, ScoredChoice, Task
from ..value_match import category_path, common_prefix, kinds_match, values_match
from .catalogue_metrics import metrics
from .labels import Inputs, cases_of

Products = Callable[[], Iterable[Product]]
"""The labelled products, read anew at each call."""

NO_INPUTS = Inputs()


def catalogue_task(
    products: Products,
    engine: Engine,
    options: DescribeOptions | None = None,
    *,
    inputs: Inputs = NO_INPUTS,
    batch_size: int = 16,
    http: Http | None = None,
) -> Task:
    """The task of describing labelled products from their photos.

    options: those of `describe_many`. inputs: what a model is shown beside the photos.
    Raises what `describe_many` raises for a wrong option.
    """
    asked: DescribeOptions = {"channel": "plain", **(options or {})}
    resolved = resolve(engine.info, asked)
    return Task(
        name="catalogue",
        cases=partial(cases, products, resolved, inputs),
        answers=partial(answers_of, engine, asked, batch_size, http),
        metrics=metrics([field.name for field in resolved.fields_for(1)]),
        identity=identity_of(engine, resolved, inputs),
        seed=resolved.settings.seed,
    )


def identity_of(engine: Engine, options: Options, inputs: Inputs) -> dict[str, Any]:
    """What shapes the answers: the model's digest, and that of prompts and options."""
    info = engine.info
    return {
        "model": info.model,
        "model_revision": info.revision,
        "weights_digest": info.weights_digest,
        "prompt_digest": options.digest,
        "inputs": asdict(inputs),
    }


def cases(products: Products, options: Options, inputs: Inputs) -> Iterator[Case]:
    """The labelled products as cases of a run with these options."""
    return cases_of(products(), inputs, tuple(options.visible), options.taxonomy)


def answers_of(
    engine: Engine,
    asked: DescribeOptions,
    batch_size: int,
    http: Http | None,
    cases: Iterable[Case],
    needs: Callable[[Product], frozenset[str]] | None = None,
) -> Iterator[Reply]:
    """Each case described, in order. needs: the fields to write, all by default."""
    waiting: deque[Case] = deque()

    def given() -> Iterator[Product]:
        for case in cases:
            waiting.append(case)
            yield case.given

    outcomes = describe_many(
        given(),
        engine,
        batch_size=batch_size,
        keep_drafts=True,
        needs=needs,
        http=http,
        **asked,
    )
    for outcome in outcomes:
        yield reply_of(waiting.popleft(), outcome)


def reply_of(case: Case, outcome: Outcome) -> Reply:
    """The outcome of a case, with its choices judged."""
    if not isinstance(outcome, Described):
        error = getattr(outcome, "error", None)
        why = f"{type(error).__name__}: {error}" if error else "nothing was asked"
        return Reply(case, outcome, None, error=why)
    description = outcome.description
    fields = {name: getattr(description, name) for name in COPY_FIELDS}
    choices = tuple(_choices(case, description))
    sure = next((c.confidence for c in choices if c.field == "category"), None)
    return Reply(
        case,
        outcome,
        {name: value for name, value in fields.items() if value},
        confidence=sure if sure is not None else _confidence(description, "category"),
        choices=choices,
        photos=description.thumbnails,
    )


def _choices(case: Case, description: Description) -> Iterator[ScoredChoice]:
    """Each choice of the model that has a label and a confidence."""
    label, sure = case.target["category"], _confidence(description, "category")
    if label and sure is not None:
        right = is_category_right(case, description)
        yield ScoredChoice("category", sure, right)
    for name, label in case.target["attributes"].items():
        for said in description.evidence.get("attributes", ()):
            if attribute_key(said.name) == name and said.confidence is not None:
                is_right = values_match(name, label, said.value)
                yield ScoredChoice(name, said.confidence, is_right)


def is_category_right(case: Case, description: Description) -> bool:
    """The very path where the category is of a taxonomy, else the same kind."""
    label, answer = case.target["category"], description.category
    if description.category_id:
        mine, theirs = category_path(label), category_path(answer)
        return len(mine) == len(theirs) == common_prefix(label, answer)
    return kinds_match(label, answer)


def _confidence(description: Description, field: str) -> float | None:
    found = (e.confidence for e in description.evidence.get(field, ()))
    return next((sure for sure in found if sure is not None), None)
