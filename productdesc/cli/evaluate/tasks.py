"""The tasks of `productdesc evaluate`: each from what was chosen, and its figures' names.

To add one: a function, and a row in TASKS.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import arguments, chosen_engine
from ..terminal import say
from .labelled import inputs, labelled

if TYPE_CHECKING:
    from ...engines import Settings
    from ...evaluate import Calibration, Case, Task
    from ...net import Http

MOST_LOGPROBS = 20
"""Likely tokens that a server is asked for, where confidences are what is measured."""
SHORT_ANSWER = 64
"""Tokens of an answer in a few words."""


def _catalogue(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import catalogue_task

    products, asked = labelled(chosen), arguments.describing(chosen)
    engine = chosen_engine.load(chosen)
    return catalogue_task(products, engine, asked, inputs=inputs(chosen),
                          batch_size=chosen.batch_size, http=http)  # fmt: skip


def calibration(
    chosen: argparse.Namespace, http: Http, applied: Calibration | None = None
) -> Task:
    """The task of being as sure as right, on the catalogue that was named."""
    from ...evaluate import calibration_task

    products, asked = labelled(chosen), arguments.describing(chosen)
    if chosen_engine.is_server(chosen) and chosen.top_logprobs is None:
        chosen.top_logprobs = MOST_LOGPROBS
    engine = chosen_engine.load(chosen)
    if applied and not applied.fits(engine.info.weights_digest):
        say(f"the calibration was fitted on {applied.model}, which has other weights")
    return calibration_task(products, engine, asked, inputs=inputs(chosen), http=http,
                            batch_size=chosen.batch_size, calibration=applied)  # fmt: skip


def _calibration(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import Calibration

    applied = Calibration.load(chosen.calibration) if chosen.calibration else None
    return calibration(chosen, http, applied)


def _vqa(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import VqaFiles, vqa_task

    files = VqaFiles.of_folder(Path(chosen.place), chosen.predictions, chosen.photos_folder)
    if files.predictions or not files.images:
        return vqa_task(files)
    _look_at(files.cases())
    return vqa_task(files, chosen_engine.load(chosen), _settings(chosen, SHORT_ANSWER))


def _look_at(cases: Iterable[Case]) -> None:
    """Read the first: a typo must not cost a model load."""
    next(iter(cases), None)


def _settings(chosen: argparse.Namespace, most: int) -> Settings:
    from ...engines import Settings

    tokens = min(chosen.max_tokens, most)
    return Settings(tokens, chosen.temperature, seed=chosen.seed)


def _shopify(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import ShopifyRows, shopify_task
    from ...evaluate.tasks.shopify_catalogue import MAX_TOKENS

    rows = ShopifyRows(Path(chosen.place), chosen.predictions)
    if rows.predictions:
        return shopify_task(rows)
    _look_at(rows.cases())
    engine, settings = chosen_engine.load(chosen), _settings(chosen, MAX_TOKENS)
    return shopify_task(rows, engine, settings, grammar=chosen.grammar)


def _pope(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import PopeFiles, pope_task

    files = PopeFiles(Path(chosen.place), chosen.predictions, chosen.photos_folder)
    if files.predictions or not files.images:
        return pope_task(files)
    _look_at(files.cases())
    return pope_task(files, chosen_engine.load(chosen), _settings(chosen, SHORT_ANSWER))


def _chair(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import Captions, chair_task

    products, language = labelled(chosen), chosen.language
    if chosen.predictions:
        captions = Captions(chosen.predictions)
        return chair_task(products, captions=captions, language=language)
    engine, settings = chosen_engine.load(chosen), _settings(chosen, chosen.max_tokens)
    return chair_task(products, engine, settings, language=language)


def _lies(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import lies_task

    place = Path(chosen.place)
    files = sorted(place.glob("??.jsonl")) if place.is_dir() else [place]
    if not files:
        raise ValueError(f"{place}: has no file a language, such as en.jsonl")
    return lies_task(files)


def _robustness(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import robustness_task

    products, asked = labelled(chosen), arguments.describing(chosen)
    return robustness_task(products, chosen_engine.load(chosen), asked, http=http,
                           inputs=inputs(chosen), batch_size=chosen.batch_size)  # fmt: skip


def _prompts(chosen: argparse.Namespace, http: Http) -> Task:
    from ...evaluate import prompts_task
    from ...evaluate.tasks.compared_prompts import PROMPTS, prompt_folder

    prompts = chosen.prompts or tuple(PROMPTS)
    for name in prompts:  # a typo must not cost a model load
        prompt_folder(name)
    products, asked = labelled(chosen), arguments.describing(chosen)
    engine = chosen_engine.load(chosen)
    return prompts_task(products, engine, asked, prompts=prompts, http=http,
                        inputs=inputs(chosen), batch_size=chosen.batch_size)  # fmt: skip


# ---- figures, whose names are asked for before a model is loaded -------------------------


def _of_catalogue() -> list[str]:
    from ...evaluate.tasks.catalogue_metrics import metrics

    return [metric.name for metric in metrics(())]


def _of_calibration() -> list[str]:
    from ...evaluate.tasks.confidence import LOWER, METRICS

    return [*(metric.name for metric in METRICS), *LOWER]


def _of_prompts() -> list[str]:
    from ...evaluate.tasks.compared_prompts import metrics

    return [metric.name for metric in metrics(writes=True)]


def _of(module: str) -> Callable[[], list[str]]:
    """The names in METRICS of a module of `productdesc.evaluate.tasks`."""

    def names() -> list[str]:
        from importlib import import_module

        tasks = import_module(f"productdesc.evaluate.tasks.{module}")
        return [metric.name for metric in tasks.METRICS]

    return names


class TaskKind(NamedTuple):
    """A task of the command line: how it is made, and the names of its figures."""

    make: Callable[[argparse.Namespace, Http], Task]
    figures: Callable[[], list[str]]


TASKS: Mapping[str, TaskKind] = {
    "catalogue": TaskKind(_catalogue, _of_catalogue),
    "calibration": TaskKind(_calibration, _of_calibration),
    "vqa": TaskKind(_vqa, _of("vqa")),
    "shopify": TaskKind(_shopify, _of("shopify_metrics")),
    "pope": TaskKind(_pope, _of("pope")),
    "chair": TaskKind(_chair, _of("chair")),
    "lies": TaskKind(_lies, _of("lies")),
    "robustness": TaskKind(_robustness, _of("robustness")),
    "prompts": TaskKind(_prompts, _of_prompts),
}
