"""`productdesc sync decisions`: who decided what and when, as CSV, JSON lines or JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ... import sync
from ...output_file import open_output
from ...review.trail_record import COLUMNS, trail_json, trail_rows
from ..job.report_files import ReportFile, check_places
from ..terminal import say, show, show_json
from .remembered import add_journal, add_which


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "decisions",
        help="who decided what and when: the audit trail, to be read or exported",
        description="Every decision in its order, with the digest of what was seen, and of "
        "edits both texts. Nothing of it is ever changed.",
        allow_abbrev=False,
    )
    add_journal(parser)
    add_which(parser)
    add = parser.add_argument
    add("--product", default="", metavar="ID", help="those about one product only")
    to = parser.add_mutually_exclusive_group()
    to.add_argument("--csv", type=Path, metavar="FILE",
        help="a table for a spreadsheet (.csv)")  # fmt: skip
    to.add_argument("--jsonl", metavar="FILE",
        help="one JSON object a decision; - for standard output")  # fmt: skip
    to.add_argument("--json", action="store_true", help="print one JSON object a decision")
    add("--force", action="store_true", help="replace FILE where it exists already")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    check_places({"--csv": chosen.csv}, [str(chosen.journal)])
    number = 0
    with (
        sync.Journal(chosen.journal, create=False) as journal,
        sync.JournalDesk(journal, channel=chosen.channel, language=chosen.language) as desk,
    ):
        trail = desk.trail(chosen.product)
        if chosen.csv:
            with ReportFile(chosen.csv, COLUMNS, replace=chosen.force) as report:
                for one in trail:
                    number += 1
                    for row in trail_rows(one):
                        report.add(row)
        elif chosen.jsonl:
            number = _json_lines(trail, chosen.jsonl, force=chosen.force)
        else:
            for one in trail:
                show_json(trail_json(one)) if chosen.json else show(line(one))
    if chosen.csv or chosen.jsonl not in (None, "-"):
        say(f"{chosen.csv or chosen.jsonl}: {number} decisions")
    return 0


def line(one: sync.Decision) -> str:
    """A decision in a line, for a terminal."""
    fields = ", ".join(dict.fromkeys(edit.field for edit in one.edits))
    why = one.rule and f"by rule: {one.rule}"
    rest = "; ".join(part for part in (fields, one.reason, why) if part)
    return f"{one.number}  {one.at}  {one.who}  {one.verb}  {one.product_id}" + (
        f"  ({rest})" if rest else ""
    )


def _json_lines(trail: Iterator[sync.Decision], out: str, *, force: bool) -> int:
    number = 0
    page = open_output(out, replace=force)
    try:
        for one in trail:
            number += 1
            text = json.dumps(trail_json(one), ensure_ascii=False)
            page.file.write(text.encode("utf-8", "backslashreplace") + b"\n")
        page.keep()
    except BaseException:
        page.drop()
        raise
    return number
