"""`productdesc evaluate`: how right a model is on labelled products, or on questions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import arguments
from ..job.figures_text import comparison_text, results_text
from ..network import network_access
from ..terminal import say, show, show_json
from .bounds import bound, bounds_kept, check_bounds
from .labelled import add_labelled, evaluated
from .tasks import TASKS

if TYPE_CHECKING:
    from ...evaluate import Evaluation

GRAMMARS = ("choices", "schema", "none")

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
        "read; of vqa a folder with VQA v2's files, of shopify, pope and lies a file of "
        "rows (docs/evaluation.md).",
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
        add(option, action="append", default=[], type=bound, metavar="NAME=NUMBER",
            help=f"exit code 1 where this figure is {what} it, e.g. f1=0.70")  # fmt: skip
    add("--predictions", type=Path, metavar="FILE",
        help="of vqa, shopify, pope, chair: score these answers; no model is "
        "loaded")  # fmt: skip
    add("--grammar", choices=GRAMMARS, default=GRAMMARS[0],
        help="of shopify: what holds a reply: the row's categories, the schema alone, or "
        "nothing (default: choices)")  # fmt: skip
    add("--prompts", type=arguments.names, metavar="A,B",
        help="of prompts: which to compare: shipped, named, generic, or folders of "
        "templates; the first is what the others are set against")  # fmt: skip
    add("--calibration", type=Path, metavar="FILE",
        help="of calibration: give the figures after this calibration too")  # fmt: skip
    add("--json", action="store_true", help="print results.json, or the comparison")
    add_labelled(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    if chosen.compare:
        return _compare(chosen)
    if not chosen.task or not chosen.place:
        raise ValueError(
            "name a TASK and a SOURCE, e.g. productdesc evaluate catalogue labelled.csv"
        )
    check_bounds(chosen)
    from ...net import Http

    chosen.network = network_access(chosen)
    with Http(network=chosen.network) as http:
        task = TASKS[chosen.task].make(chosen, http)
        going = evaluated(task, chosen, chosen.out, chosen.force)
    results = going.results()
    _write_report(going, chosen)
    if chosen.json:
        show_json(results, indent=2)
    else:
        show(results_text(task.name, results, chosen.out))
        for compared in _paired(going):
            show(compared)
    return bounds_kept(task.name, results, chosen)


def _paired(going: Evaluation) -> list[str]:
    """Of the task prompts: each against the first."""
    from ...evaluate import paired_prompts

    if going.task.name != "prompts":
        return []
    return [comparison_text(found) for found in paired_prompts(going.answered).values()]


def _write_report(going: Evaluation, chosen: argparse.Namespace) -> None:
    from ...evaluate import Calibration
    from ...evaluate.report_page import report_html
    from ...evaluate.run_files import CURVE, REPORT
    from ...evaluate.tasks.confidence import diagrams_of

    if not going.folder:
        return
    applied = Calibration.load(chosen.calibration) if chosen.calibration else None
    diagrams = diagrams_of(going.answered, going.task.seed, applied)
    charts = {}
    if curve := _curve(going):
        going.folder.store(CURVE, curve.decode())
        charts["Accuracy against damage"] = curve
    page = report_html(going.task, going.answered, going.folder.photos, diagrams, charts)
    going.folder.store(REPORT, page)


def _curve(going: Evaluation) -> bytes:
    """Of the task robustness: its curve as SVG; nothing where matplotlib is missing."""
    from ...evaluate.robustness.damage_curve import curves, draw

    if going.task.name != "robustness":
        return b""
    try:
        return draw(curves(going.task, going.answered))
    except ModuleNotFoundError as e:
        say(f"no curve is drawn: {e}")
        return b""


# ---- comparison -------------------------------------------------------------------------


def _compare(chosen: argparse.Namespace) -> int:
    from dataclasses import asdict

    from ...evaluate import compare

    if chosen.task or chosen.min or chosen.max:
        raise ValueError("--compare takes two runs and nothing else")
    found = compare(*chosen.compare)
    if chosen.json:
        show_json(asdict(found), indent=2)
    else:
        show(comparison_text(found))
    return 0
