"""`productdesc sync diff`: a page of the present copy beside the new, word by word."""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

from ... import sync
from ...output_file import STANDARD_OUTPUT, open_output
from ..terminal import say, show_json
from .remembered import add_journal, add_which


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "diff",
        help="a page of the copy that is there beside the new, word by word",
        description="One HTML page, which needs nothing else. No model is asked.",
        allow_abbrev=False,
    )
    add_journal(parser)
    add_which(parser)
    add = parser.add_argument
    add("--out", default=STANDARD_OUTPUT, metavar="FILE",
        help="the page to write (default: standard output)")  # fmt: skip
    add("--force", action="store_true", help="replace FILE where it exists already")
    add("--json", action="store_true", help="say in JSON what was written")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    if chosen.json and chosen.out == STANDARD_OUTPUT:
        raise ValueError("--json prints to standard output; name a file with --out")
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(sync.Journal(chosen.journal, create=False))
        job = sync.job_status(journal, chosen.channel, chosen.language)
        page = open_output(chosen.out, replace=chosen.force)
        try:
            for piece in sync.diff(journal, job.channel, job.language):
                page.file.write(piece.encode("utf-8", "replace"))
            page.keep()
        except BaseException:
            page.drop()
            raise
    drafts = job.drafts
    if chosen.json:
        show_json({"out": chosen.out, "drafts": drafts, "waiting": job.waiting})
    elif chosen.out != STANDARD_OUTPUT:
        say(f"{chosen.out}: {drafts} drafts; {job.waiting} products wait")
    return 0
