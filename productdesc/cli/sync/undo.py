"""`productdesc sync undo`: give a shop back the texts that stood there before."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ... import sync
from ...catalogs.formats import FORMATS
from ...text.printable import quoted
from . import export
from .destination import add_shop, each_language, is_shop, stopping, write_each
from .remembered import not_given, recalled


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "undo",
        help="give a shop back the texts that stood there before `sync publish`",
        description="Each field gets its former text as the shop stored it. One that "
        "somebody changed since is listed, and not touched. Without --apply it says what "
        "it would do. A DESTINATION that is a file becomes a rollback file: its import "
        "takes back what `sync export` writes (Shopify's and WooCommerce's CSV).",
        allow_abbrev=False,
    )
    add_shop(parser)
    parser.add_argument(
        "--since", type=moment, metavar="DATE",
        help="what was published from then on: 2026-11-01, or 2026-11-01T14:30+01:00 "
        "(UTC where no offset is named)")  # fmt: skip
    parser.set_defaults(run=partial(run, not_given(parser)))


def run(defaults: Mapping[str, Any], given: argparse.Namespace) -> int:
    if given.out and not is_shop(given.out):
        return rollback(defaults, given)
    if given.since is None:
        raise ValueError("--since DATE is missing: what was published from then on goes")
    with sync.Journal(given.journal, create=False) as journal, stopping() as ending:

        def write(chosen: argparse.Namespace, sink: Any) -> Iterator[sync.PublishOutcome]:
            return sync.undo(
                journal,
                sink,
                chosen.since,
                channel=chosen.channel,
                language=chosen.language,
                settle_seconds=chosen.settle,
                stop=ending.stop,
            )

        # the last one first: a translation hangs on the texts of the default language
        jobs = each_language(journal, given, defaults)[::-1]
        return write_each(jobs, write, ending)


def rollback(defaults: Mapping[str, Any], given: argparse.Namespace) -> int:
    """Write the file whose import takes back what `export` writes."""
    if given.since or given.apply:
        raise ValueError(
            f"--since and --apply are for a live shop; {quoted(given.out, 'path')} is a "
            "file, which takes back all that `sync export` writes"
        )
    with sync.Journal(given.journal, create=False) as journal:
        chosen = recalled(journal, given, defaults)
    name = f"{chosen.source_format}-rollback"
    if name not in FORMATS:
        raise ValueError(
            "a rollback file is made of Shopify's and WooCommerce's CSV; this journal was "
            f"read from {chosen.source_format or 'something else'}"
        )
    known = {**defaults, "findings": None, "failed": None, "force": False}
    return export.run(known, argparse.Namespace(**vars(given), sink_format=name))


def moment(text: str) -> datetime:
    """A date, or a date and time."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{quoted(text, 'value')} is no date, such as 2026-11-01"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
