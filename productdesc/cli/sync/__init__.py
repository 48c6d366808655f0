"""`productdesc sync`: describe a whole catalogue by a job that can be resumed."""

from __future__ import annotations

import argparse
from typing import Any

from ..terminal import show
from . import approve, decisions, diff, export, publish, retry, run, status, undo

VERBS = (run, status, diff, retry, approve, decisions, publish, undo, export)

EXAMPLES = """\
examples:
  productdesc sync run export.csv --journal autumn.db           # the same again resumes
  productdesc sync run export.csv --journal autumn.db --max-failures 5%
  productdesc sync run export.csv --journal autumn.db --estimate --price-out 0.60
  productdesc sync status --journal autumn.db
  productdesc sync diff --journal autumn.db --out diff.html
  productdesc sync retry --journal autumn.db                    # the failed ones, no others
  productdesc sync approve --journal autumn.db --where "not finding"
  productdesc sync decisions --journal autumn.db --csv who-decided.csv
  productdesc sync publish my-shop.myshopify.com --journal autumn.db --apply
  productdesc sync undo my-shop.myshopify.com --journal autumn.db --since 2026-11-01
  productdesc sync export import.csv --journal autumn.db        # no model is loaded
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "sync",
        help="describe a whole catalogue by a job that can be killed and resumed",
        description="What was done stands in a journal, one file; the same command goes on "
        "where it was. Only `publish`, `undo` and `export` write copy anywhere else.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=False)
    parser.set_defaults(run=lambda _: _help(parser))
    for verb in VERBS:
        verb.add(verbs)


def _help(parser: argparse.ArgumentParser) -> int:
    show(parser.format_help())
    return 0
