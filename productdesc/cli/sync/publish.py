"""`productdesc sync publish`: write what is approved to a live shop, read back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ... import sync
from .approve import add_who, words_text
from .destination import add_shop, each_language, stopping, write_each
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
        "person changed in the shop since it was read is never overwritten. Of several "
        "languages all are written, the shop's default one first, unless --language names "
        "one.",
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
    with sync.Journal(given.journal, create=False) as journal, stopping() as ending:

        def write(chosen: argparse.Namespace, sink: Any) -> Iterator[sync.PublishOutcome]:
            return sync.publish(
                journal,
                sink,
                auto_approve=chosen.auto_approve,
                who=chosen.who,
                channel=chosen.channel,
                language=chosen.language,
                settle_seconds=chosen.settle,
                stop=ending.stop,
            )

        return write_each(each_language(journal, given, defaults), write, ending)
