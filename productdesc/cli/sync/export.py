"""`productdesc sync export`: write a job's drafts to any file, without a model."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import sync
from ...catalogs.formats import open_sink
from ...errors import OutputError
from ...output_file import STANDARD_OUTPUT
from ...text.printable import quoted
from .. import arguments, catalogues, taxonomy
from ..job.notes import Notes
from ..job.plan import make_plan, sink_options
from ..job.progress import Total, bar
from ..job.report_files import FAILED, FINDINGS, ReportFile
from ..job.saving import endings
from ..job.tally import Tally, summary
from ..terminal import say, show, show_json
from .remembered import add_journal, add_which, not_given, recalled

if TYPE_CHECKING:
    from ...pipeline import Outcome


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "export",
        help="write a job's drafts to a file; no model is asked",
        description="Write what the journal holds to OUT. Fields that hold the merchant's "
        "own words are left alone unless --overwrite names them. A live shop is written "
        "to by `productdesc sync publish`.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("out", metavar="OUT", help="a file, or - for standard output")
    add_journal(parser)
    add_which(parser)
    add = parser.add_argument
    add("--source", dest="place", metavar="SOURCE",
        help="where the source is now, if OUT is made from it (default: where the run "
        "read it)")  # fmt: skip
    add("--to", dest="sink_format", default="", metavar="FORMAT",
        help="what to write (default: by OUT's name; the source's format for a "
        "table)")  # fmt: skip
    add("--overwrite", type=arguments.names, default=[], metavar="A,B",
        help="fields whose present text may be replaced (default: those of the "
        "run)")  # fmt: skip
    add("--force", action="store_true", help="replace OUT where it exists already")
    arguments.add_seo(parser, "write")
    add("--findings", type=Path, metavar="FILE",
        help="write what a person should look at, as .csv or .jsonl")  # fmt: skip
    add("--failed", type=Path, metavar="FILE",
        help="write the products that failed, and why, as .csv or .jsonl")  # fmt: skip
    add("--json", action="store_true", help="print one JSON object a product")
    parser.set_defaults(run=partial(run, not_given(parser)))


def run(defaults: Mapping[str, Any], given: argparse.Namespace) -> int:
    if given.json and given.out == STANDARD_OUTPUT:
        raise ValueError("OUT - and --json both print to standard output; choose one")
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(sync.Journal(given.journal, create=False))
        scopes = sync.job_scopes(journal, given.channel, given.language)
        if len(scopes) > 1:
            there = ", ".join(language for _, language in scopes)
            raise ValueError(
                f"a file takes one language; name it with --language; there are: {there}"
            )
        chosen = recalled(journal, given, defaults)
        chosen.limit = chosen.retry = None
        if chosen.place is None:
            raise ValueError("--source is not known of this journal; name it")
        chosen.apply = chosen.accept_cleaning = False
        chosen.role = chosen.network = None
        plan = make_plan(chosen)
        if plan.live:
            raise ValueError(
                f"{quoted(chosen.out, 'path')} is a live shop; `productdesc sync publish` "
                "writes there what you approved"
            )
        tree = taxonomy.load(chosen.taxonomy) if chosen.taxonomy else None
        options = sink_options(chosen, plan, tree)
        findings, failures = (
            path and stack.enter_context(ReportFile(path, columns, replace=chosen.force))
            for path, columns in ((chosen.findings, FINDINGS), (chosen.failed, FAILED))
        )
        sink = stack.enter_context(open_sink(chosen.out, plan.writes, options))
        tally = Tally()
        notes = Notes(tally, findings, failures)
        job = sync.job_status(journal, chosen.channel, chosen.language)
        stored = outcomes(journal, job)
        shown = bar(stored, Total(job.total), "writing")
        for ending, saved in endings(sink, notes.passing(shown)):
            notes.saved(ending, saved, live=False)
            if chosen.json:
                show_json(asdict(saved))
        notes.show_findings()
    if job.waiting:
        say(f"{job.waiting} products are not described yet, and were left as they are")
    if not chosen.json:
        screen = sys.stderr if chosen.out == STANDARD_OUTPUT else sys.stdout
        show(f"{chosen.out} ({plan.writes}): {summary(tally, None)}", screen)
    return int(tally.failed > 0)


def outcomes(journal: sync.Journal, job: sync.JobStatus) -> Iterator[Outcome]:
    """What every row of the job came to; those that wait are left out."""
    from ...pipeline import Described, Failed, Skipped

    rows = journal.rows(job.channel, job.language, seen_only=bool(job.gone))
    for product, state, reason, description in rows:
        if description is not None and sync.STATES[state].is_offered:
            yield Described(product, description)
        elif state == "dead":
            yield Failed(product, OutputError(reason))
        elif state != "new":
            yield Skipped(product)
