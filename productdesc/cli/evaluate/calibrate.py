"""`productdesc calibrate`: how sure a model may be, from labelled products."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import arguments
from ..network import network_access
from ..terminal import show, show_json
from .labelled import add_labelled, evaluated
from .tasks import calibration

if TYPE_CHECKING:
    from ...evaluate.reliability import Reliability
    from ...evaluate.tasks.confidence import FittedCalibration

DEFAULT_OUT = Path("calibration.json")

EXAMPLES = """\
examples:
  productdesc calibrate labelled.csv
  productdesc calibrate labelled.csv --model Qwen/Qwen2-VL-2B-Instruct --out qwen.json
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "calibrate",
        help="fit how a model's confidence is to be read",
        description="Fit one temperature on one half of the labelled products and report "
        "on the other half how far confidence and truth lie apart. What is written is "
        "applied where a confidence is read; no product is described anew for it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("place", metavar="LABELLED", help="a labelled catalogue of any kind that is read")
    add("--out", type=Path, default=DEFAULT_OUT, metavar="FILE",
        help=f"what to write (default: {DEFAULT_OUT})")  # fmt: skip
    add("--force", action="store_true", help="replace FILE where it exists already")
    add("--run", dest="run_folder", type=Path, metavar="DIR",
        help="keep the answers in this folder; the same command goes on there")  # fmt: skip
    add("--limit", type=arguments.count, metavar="N", help="the first N products only")
    add("--json", action="store_true", help="print what was written")
    add_labelled(parser)
    parser.set_defaults(run=run, calibration=None)


def run(chosen: argparse.Namespace) -> int:
    from dataclasses import asdict

    from ...evaluate.tasks.confidence import FittedCalibration
    from ...net import Http
    from ...output_file import open_output

    # before a model is loaded: it may not be written at all
    open_output(chosen.out, replace=chosen.force).drop()
    chosen.network = network_access(chosen)
    with Http(network=chosen.network) as http:
        task = calibration(chosen, http)
        samples = evaluated(task, chosen, chosen.run_folder, False).answered
    fitted = FittedCalibration.of(samples, task)
    report = fitted.report()
    fitted.calibration.store(chosen.out, report, replace=chosen.force)
    if chosen.json:
        show_json({"calibration": asdict(fitted.calibration), "report": report}, indent=2)
    else:
        show(_text(fitted, chosen.out))
    return 0


def _text(fitted: FittedCalibration, out: Path) -> str:
    from ...evaluate.reliability import acceptance_table, table

    one, test = fitted.calibration, fitted.before.ece
    return "\n".join(
        [
            f"temperature {one.temperature:.3f}, fitted on {one.n} choices of "
            f"{one.clusters} products",
            f"on the other half, {test.n} choices of {test.clusters} products:",
            _line("before", fitted.before),
            _line("after", fitted.after),
            "after calibration, of that half:",
            table(fitted.after),
            acceptance_table(fitted.after),
            f"written to {out}",
        ]
    )


def _line(when: str, found: Reliability) -> str:
    from ...evaluate.reliability import interval

    return (
        f"  {when:<7} ECE {interval(found.ece)}, Brier {interval(found.brier)}; a "
        f"perfectly calibrated model would show ECE {found.perfect_ece:.3f} here, and up "
        f"to {found.perfect_ece_95:.3f} by chance"
    )
