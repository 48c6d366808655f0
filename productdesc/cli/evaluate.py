"""`productdesc evaluate`: how right a model is on labelled products, or on questions."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogs.formats import open_source
from ..errors import CatalogError
from ..records import Product
from ..text.suggest import did_you_mean
from . import arguments, catalogues
from .job.figures_text import comparison_text, results_text
from .job.progress import Total, bar, lines
from .job.tally import Tally
from .network import add_network, network_access
from .terminal import say, show, show_json

if TYPE_CHECKING:
    from ..evaluate import Calibration, Evaluation, Inputs, Task
    from ..net import Http

MOST_LOGPROBS = 20
"""Likely tokens that a server is asked for, where confidences are what is measured."""

EXAMPLES = """\
examples:
  productdesc evaluate catalogue labelled.csv --out runs/demo
  productdesc evaluate catalogue labelled.csv --model models/mine --min f1=0.70
  productdesc evaluate catalogue labelled.csv --given title,brand --limit 200
  productdesc evaluate vqa vqa-v2/ --predictions answers.json
  productdesc evaluate calibration labelled.csv --calibration calibration.json
  productdesc evaluate --compare runs/demo runs/qwen
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="say how right and how sure a model is",
        description="Answer labelled products or questions and score the answers. Labels "
        "are never shown to the model. SOURCE is a labelled catalogue of any kind that is "
        "read; of vqa a folder with VQA v2's files.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("task", nargs="?", choices=TASKS, metavar="TASK", help=", ".join(TASKS))
    add("place", nargs="?", metavar="SOURCE", help="a file, folder or shop address")
    add("--compare", nargs=2, type=Path, metavar=("RUN", "RUN"),
        help="the second run minus the first, on what both answered")  # fmt: skip
    add("--out", type=Path, metavar="DIR",
        help="keep the run in this folder: results, samples, report page; the same command "
        "goes on with it")  # fmt: skip
    add("--force", action="store_true",
        help="begin anew where DIR holds another run")  # fmt: skip
    add("--limit", type=arguments.count, metavar="N",
        help="the first N only; for trying out")  # fmt: skip
    for option, what in (("--min", "below"), ("--max", "above")):
        add(option, action="append", default=[], type=_bound, metavar="NAME=NUMBER",
            help=f"exit code 1 where this figure is {what} it, e.g. f1=0.70")  # fmt: skip
    add("--predictions", type=Path, metavar="FILE",
        help="of vqa: score these answers; no model is loaded")  # fmt: skip
    add("--calibration", type=Path, metavar="FILE",
        help="of calibration: give the figures after this calibration too")  # fmt: skip
    add("--json", action="store_true", help="print results.json, or the comparison")
    add_labelled(parser)
    parser.set_defaults(run=run)


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


def run(chosen: argparse.Namespace) -> int:
    if chosen.compare:
        return _compare(chosen)
    if not chosen.task or not chosen.place:
        raise ValueError(
            "name a TASK and a SOURCE, e.g. productdesc evaluate catalogue labelled.csv"
        )
    _check_bounds(chosen)
    from ..net import Http

    chosen.network = network_access(chosen)
    with Http(network=chosen.network) as http:
        task = TASKS[chosen.task](chosen, http)
        going = evaluated(task, chosen, chosen.out, chosen.force)
    results = going.results()
    _write_report(going, chosen)
    if chosen.json:
        show_json(results, indent=2)
    else:
        show(results_text(task.name, results, chosen.out))
    return _bounds_kept(task.name, results, chosen)


# ---- the tasks --------------------------------------------------------------------------


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
    from ..evaluate import Inputs

    return Inputs(tuple(chosen.given), chosen.cluster)


def _catalogue(chosen: argparse.Namespace, http: Http) -> Task:
    from ..evaluate import catalogue_task

    products, asked = labelled(chosen), arguments.describing(chosen)
    return catalogue_task(products, arguments.load(chosen), asked, inputs=inputs(chosen),
                          batch_size=chosen.batch_size, http=http)  # fmt: skip


def calibration(
    chosen: argparse.Namespace, http: Http, applied: Calibration | None = None
) -> Task:
    """The task of being as sure as right, on the catalogue that was named."""
    from ..evaluate import calibration_task

    products, asked = labelled(chosen), arguments.describing(chosen)
    if arguments.is_server(chosen) and chosen.top_logprobs is None:
        chosen.top_logprobs = MOST_LOGPROBS
    engine = arguments.load(chosen)
    if applied and not applied.fits(engine.info.weights_digest):
        say(f"the calibration was fitted on {applied.model}, which has other weights")
    return calibration_task(products, engine, asked, inputs=inputs(chosen), http=http,
                            batch_size=chosen.batch_size, calibration=applied)  # fmt: skip


def _calibration(chosen: argparse.Namespace, http: Http) -> Task:
    from ..evaluate import Calibration

    applied = Calibration.load(chosen.calibration) if chosen.calibration else None
    return calibration(chosen, http, applied)


def _vqa(chosen: argparse.Namespace, http: Http) -> Task:
    from ..engines import Settings
    from ..evaluate import VqaFiles, vqa_task

    files = VqaFiles.of_folder(Path(chosen.place), chosen.predictions, chosen.photos_folder)
    if files.predictions or not files.images:
        return vqa_task(files)
    settings = Settings(min(chosen.max_tokens, 64), chosen.temperature, seed=chosen.seed)
    return vqa_task(files, arguments.load(chosen), settings)


TASKS: Mapping[str, Callable[[argparse.Namespace, Http], Task]] = {
    "catalogue": _catalogue,
    "calibration": _calibration,
    "vqa": _vqa,
}


def evaluated(
    task: Task, chosen: argparse.Namespace, out: Path | None, begin_anew: bool
) -> Evaluation:
    """A task whose samples are all there, with progress meanwhile.

    Raises `CatalogError` where nothing was answered.
    """
    from ..evaluate import Evaluation

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
        if tally.ended and not tally.done:
            raise CatalogError(
                f"{chosen.place}: of {tally.ended} none was answered; see the lines above"
            )
        return going


def _chained(first: Sequence[Any], rest: Iterator[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


def _write_report(going: Evaluation, chosen: argparse.Namespace) -> None:
    from ..evaluate import Calibration
    from ..evaluate.report_page import report_html
    from ..evaluate.run_files import REPORT
    from ..evaluate.tasks.confidence import diagrams_of

    if not going.folder:
        return
    applied = Calibration.load(chosen.calibration) if chosen.calibration else None
    diagrams = diagrams_of(going.answered, going.task.seed, applied)
    page = report_html(going.task, going.answered, going.folder.photos, diagrams)
    going.folder.store(REPORT, page)


# ---- bounds -----------------------------------------------------------------------------


def _bound(text: str) -> tuple[str, float]:
    name, number = arguments.pair(text)
    with contextlib.suppress(ValueError):
        if (value := float(number)) == value:
            return name, value
    raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, e.g. f1=0.70")


def _check_bounds(chosen: argparse.Namespace) -> None:
    """Raises `ValueError` for a figure that the task has not, before a model is loaded."""
    from ..evaluate.evaluation import SECONDS
    from ..evaluate.tasks import catalogue_metrics, confidence, vqa

    known = {
        "catalogue": [m.name for m in catalogue_metrics.metrics(())],
        "calibration": [*(m.name for m in confidence.METRICS), *confidence.LOWER],
        "vqa": [m.name for m in vqa.METRICS],
    }[chosen.task]
    names = [*known, SECONDS]
    for name, _ in (*chosen.min, *chosen.max):
        if name not in names:
            raise ValueError(
                f"{chosen.task} has no figure {name!r}; it has: {', '.join(names)}"
                f"{did_you_mean(name, names)}"
            )


def _bounds_kept(task: str, results: Mapping[str, Any], chosen: argparse.Namespace) -> int:
    """1 where a figure is beyond a bound, or is not there; else 0."""
    from ..evaluate.evaluation import figure_of

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


# ---- comparison -------------------------------------------------------------------------


def _compare(chosen: argparse.Namespace) -> int:
    from dataclasses import asdict

    from ..evaluate import compare

    if chosen.task or chosen.min or chosen.max:
        raise ValueError("--compare takes two runs and nothing else")
    found = compare(*chosen.compare)
    if chosen.json:
        show_json(asdict(found), indent=2)
    else:
        show(comparison_text(found))
    return 0
