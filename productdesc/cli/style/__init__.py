"""`productdesc style`: style files, which hold how a shop's copy sounds."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from . import learn


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "style",
        help="propose a style file from copy that is there",
        description="A style file (TOML) holds a shop's tone, words and example products; "
        "`--style FILE` describes by it.",
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=False)
    parser.set_defaults(run=partial(_help, parser))
    learn.add(verbs)


def _help(parser: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    parser.print_help()
    return 0
