"""Bounds of `productdesc evaluate`: `--min f1=0.7`, which the exit code tells of."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping
from typing import Any

from ...text.suggest import did_you_mean
from .. import arguments
from ..terminal import say
from .tasks import TASKS


def bound(text: str) -> tuple[str, float]:
    """NAME=NUMBER as both."""
    name, number = arguments.pair(text)
    with contextlib.suppress(ValueError):
        if (value := float(number)) == value:
            return name, value
    raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, e.g. f1=0.70")


def check_bounds(chosen: argparse.Namespace) -> None:
    """Raises `ValueError` for a figure that the task has not, before a model is loaded."""
    from ...evaluate.evaluation import SECONDS

    names = [*TASKS[chosen.task].figures(), SECONDS]
    for name, _ in (*chosen.min, *chosen.max):
        if name not in names:
            raise ValueError(
                f"{chosen.task} has no figure {name!r}; it has: {', '.join(names)}"
                f"{did_you_mean(name, names)}"
            )


def bounds_kept(task: str, results: Mapping[str, Any], chosen: argparse.Namespace) -> int:
    """1 where a figure is beyond a bound, or is not there; else 0."""
    from ...evaluate.evaluation import figure_of

    code = 0
    for bounds, word, sign in ((chosen.min, "below", 1), (chosen.max, "above", -1)):
        for name, bound in bounds:
            figure = figure_of(results, task, name)
            if figure is None:
                say(f"{name}: no sample has a label for it, so it cannot be {bound:g}")
                code = 1
            elif sign * figure.value < sign * bound:
                say(f"{name} is {figure.value:.4f}, {word} {bound:g} (n {figure.n})")
                code = 1
    return code
