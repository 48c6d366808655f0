"""`productdesc evaluate`: how right a model is on labelled products, or on questions."""

from __future__ import annotations

import argparse
from dataclasses import asdict
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
    from ...evaluate import Comparison, Evaluation

GRAMMARS = ("choices", "schema", "none")

EXAMPLES = """\
examples:
  productdesc evaluate catalogue labelled.csv --out runs/demo
  productdesc evaluate catalogue labelled.csv --model models/mine --min f1=0.70
  productdesc evaluate catalogue labelled.csv --given title,brand --limit 200
  productdesc evaluate vqa vqa-v2/ --predictions answers.json
  productdesc evaluate calibration labelled.csv --calibration calibration.json
  productdesc evaluate --compare runs/demo runs/qwen
  productdesc evaluate catalogue labelled.csv --adapter shop-adapter --compare runs/demo
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="say how right and how sure a model is",
        description="Answer labelled products or questions and score the answers. Labels "
        "are never shown to the model. SOURCE is a labelled catalogue of any kind that is "
        "read, or the test folder of `finetune data`; of vqa a folder with VQA v2's "
        "files, of shopify, pope and lies a file of rows (docs/evaluation.md).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("task", nargs="?", choices=TASKS, metavar="TASK", help=", ".join(TASKS))
    add("place", nargs="?", metavar="SOURCE", help="a file, folder or shop address")
    add("--compare", nargs="+", type=Path, metavar="RUN",
        help="two runs: the second minus the first, on what both answered; with a TASK "
        "one: this run minus that one")  # fmt: skip
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
    if chosen.compare and not chosen.task:
        return _compare(chosen)
    _check_compared(chosen)
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
    found = _compared(chosen, results, going)
    if chosen.json:
        compared = {"comparison": asdict(found)} if found else {}
        show_json({**results, **compared}, indent=2)
    else:
        show(results_text(task.name, results, chosen.out))
        for text in (*_paired(going), *([comparison_text(found)] if found else [])):
            show(text)
    return bounds_kept(task.name, results, chosen)


def _check_compared(chosen: argparse.Namespace) -> None:
    """A wrong --compare is told before a model is loaded."""
    from ...evaluate.run_files import read_results

    if not chosen.compare:
        return
    if len(chosen.compare) > 1:
        raise ValueError(
            "--compare takes two runs and nothing else, or one after a TASK and a SOURCE; "
            f"{len(chosen.compare)} are given beside the task {chosen.task}"
        )
    read_results(chosen.compare[0])


def _compared(
    chosen: argparse.Namespace, results: dict[str, Any], going: Evaluation
) -> Comparison | None:
    """This run against the one that was named, if any."""
    from ...evaluate import compare_answered

    if not chosen.compare:
        return None
    return compare_answered(chosen.compare[0], results, going.answered)


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
    from ...evaluate import compare

    if len(chosen.compare) != 2 or chosen.min or chosen.max:
        raise ValueError("--compare takes two runs and nothing else, or one after a TASK")
    found = compare(*chosen.compare)
    if chosen.json:
        show_json(asdict(found), indent=2)
    else:
        show(comparison_text(found))
    return 0
