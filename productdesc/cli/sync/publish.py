"""`productdesc sync publish`: write what is approved to a live shop, read back."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from typing import Any

from ... import sync
from .approve import add_who, words_text
from .destination import add_shop, follow, opened_shop, stopping
from .remembered import not_given

EPILOG = """\
a RULE is as `sync approve --where` takes it:
{words}
"""


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "publish",
        help="write what is approved to a live shop, and read it back",
        description="Without --apply it says what it would write, and writes nothing. The "
        "same command goes on after a kill: what is in doubt is read back first. What a "
        "person changed in the shop since it was read is never overwritten.",
        epilog=EPILOG.format(words=words_text()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_shop(parser)
    parser.add_argument("--auto-approve", default="", metavar="RULE",
                        help="approve first what this rule holds of; that is noted as a "
                        "decision of yours")  # fmt: skip
    add_who(parser)
    parser.set_defaults(run=partial(run, not_given(parser)))


def run(defaults: Mapping[str, Any], given: argparse.Namespace) -> int:
    with (
        sync.Journal(given.journal, create=False) as journal,
        opened_shop(journal, given, defaults) as (chosen, sink),
        stopping() as ending,
    ):
        outcomes = sync.publish(
            journal,
            sink,
            auto_approve=chosen.auto_approve,
            who=chosen.who,
            channel=chosen.channel,
            language=chosen.language,
            settle_seconds=chosen.settle,
            stop=ending.stop,
        )
        return follow(outcomes, chosen, ending)
