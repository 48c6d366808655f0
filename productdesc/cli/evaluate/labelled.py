"""Labelled products of the command line: read, and answered with progress."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...catalogs.formats import open_source
from ...errors import CatalogError
from ...records import Product
from .. import arguments, catalogues
from ..job.progress import Total, bar, lines
from ..job.tally import Tally
from ..network import add_network
from ..terminal import say

if TYPE_CHECKING:
    from ...evaluate import Evaluation, Inputs, Task


def add_labelled(parser: argparse.ArgumentParser) -> None:
    """Options of a labelled catalogue, and of the model that describes it."""
    add = parser.add_argument
    add("--given", type=arguments.names, default=[], metavar="A,B",
        help="what the model is shown beside the photos: title, attributes, or names of "
        "attributes; they are no labels then (default: nothing)")  # fmt: skip
    add("--cluster", default="", metavar="NAME",
        help="the attribute that says which products belong together, for the intervals "
        "(default: each by itself)")  # fmt: skip
    catalogues.add_reading(parser)
    arguments.add_channel(parser, default="plain")
    arguments.add_language(parser)
    add_network(parser)
    arguments.add_model(parser)


def labelled(chosen: argparse.Namespace) -> Callable[[], Iterator[Product]]:
    """The products of the labelled catalogue that was named."""
    format = catalogues.source_format(chosen)
    how = catalogues.options_for(chosen, format)

    def products() -> Iterator[Product]:
        with open_source(chosen.place, format, how) as source:
            yield from catalogues.present(source.products(), source, chosen.place)
            for problem in list(source.problems)[: catalogues.SHOWN]:
                say(problem)

    return products


def inputs(chosen: argparse.Namespace) -> Inputs:
    """What the model is shown beside the photos."""
    from ...evaluate import Inputs

    return Inputs(tuple(chosen.given), chosen.cluster)


def evaluated(
    task: Task, chosen: argparse.Namespace, out: Path | None, begin_anew: bool
) -> Evaluation:
    """A task whose samples are all there, with progress meanwhile.

    Raises `CatalogError` where nothing was answered.
    """
    from ...evaluate import Evaluation

    tally = Tally()
    with Evaluation(task, out=out, limit=chosen.limit, begin_anew=begin_anew) as going:
        samples = going.samples()
        first = list(islice(samples, 1))  # by then it is known how many there are
        total = Total(going.total)
        with lines(tally, total):
            for sample in bar(_chained(first, samples), total, "evaluating"):
                tally.statuses["failed" if sample.error else "written"] += 1
                if sample.error:
                    say(f"{sample.id}: {sample.error}")
        if not tally.ended:
            raise CatalogError(f"{chosen.place}: has no row with a label for {task.name}")
        if not tally.done:
            raise CatalogError(
                f"{chosen.place}: of {tally.ended} none was answered; see the lines above"
            )
        return going


def _chained(first: Sequence[Any], rest: Iterator[Any]) -> Iterator[Any]:
    yield from first
    yield from rest
