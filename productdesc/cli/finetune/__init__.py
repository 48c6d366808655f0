"""`productdesc finetune`: a LoRA adapter from a shop's own copy."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from . import data, train


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "finetune",
        help="teach a model your kinds of products and your words",
        description="Make training data of copy that you stand by, and train a LoRA "
        "adapter; `--adapter` describes with it.",
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=False)
    parser.set_defaults(run=partial(_help, parser))
    data.add(verbs)
    train.add(verbs)


def _help(parser: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    parser.print_help()
    return 0
