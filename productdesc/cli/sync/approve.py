"""`productdesc sync approve`: approve the drafts that a rule holds of."""

from __future__ import annotations

import argparse
from typing import Any

from ... import sync
from ..terminal import show, show_json
from .remembered import add_journal, add_which

RULE = """\
a rule is of these words, joined by and, or, not and brackets:
{words}

  productdesc sync approve --journal autumn.db --where "not finding and confidence >= 0.9"
"""


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "approve",
        help="approve the drafts that a rule holds of, for `sync publish`",
        description="What is approved is what stands there now: a draft that changes after "
        "needs approval again. Every decision is kept, with who, when and by what rule. Of "
        "several languages all are meant, unless --language names one.",
        epilog=RULE.format(words=words_text()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_journal(parser)
    add_which(parser)
    add = parser.add_argument
    add("--where", required=True, metavar="RULE", help="which drafts, as below")
    add_who(parser)
    add("--json", action="store_true", help="say in JSON how many were approved")
    parser.set_defaults(run=run)


def add_who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="who", default="", metavar="NAME",
        help="whose decision it is (default: the system's user)")  # fmt: skip


def words_text() -> str:
    """The words of a rule, a line a word."""
    return "\n".join(f"  {word:<24}{what}" for word, what in sync.rule_words().items())


def run(chosen: argparse.Namespace) -> int:
    with sync.Journal(chosen.journal, create=False) as journal:
        scopes = sync.job_scopes(journal, chosen.channel, chosen.language)
        for channel, language in scopes:
            which = {"channel": channel, "language": language}
            number = sync.approve(journal, chosen.where, who=chosen.who, **which)
            states = dict(sync.job_status(journal, **which).states)
            of = which if len(scopes) > 1 else {}
            if chosen.json:
                show_json({**of, "approved": number, "states": states})
            else:
                where = f"{channel} in {language}: " if of else ""
                waits = f"{states['approved']} wait for `sync publish` or `export`"
                show(f"{where}{number} drafts approved; {waits}")
    return 0
