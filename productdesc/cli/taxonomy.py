"""`productdesc taxonomy`: fetch a published taxonomy, look a category up."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CatalogError
from ..text.printable import printable
from .terminal import say, show, show_json

if TYPE_CHECKING:
    from ..taxonomy import Taxonomy


def add(commands: Any, epilog: str) -> None:
    from ..taxonomy.download import SHOPIFY, SOURCES

    parser = commands.add_parser(
        "taxonomy",
        help="fetch a shop's taxonomy, look a category up",
        description=f"Shopify's open taxonomy (release {SHOPIFY}) and Google's. They are "
        "fetched once, and only when asked for.",
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=False)
    parser.set_defaults(run=partial(_help, parser))
    get = verbs.add_parser("get", help="fetch one", allow_abbrev=False)
    get.add_argument("which", choices=list(SOURCES), help="which to fetch")
    get.add_argument("--out", type=Path, metavar="FILE",
                     help="where to put it (default: this user's cache)")  # fmt: skip
    get.add_argument("--force", action="store_true", help="replace FILE if it exists")
    get.add_argument("--url", metavar="URL", help="a mirror, or another release")
    get.add_argument("--json", action="store_true", help="print JSON")
    get.set_defaults(run=_get)
    find = verbs.add_parser("find", help="the nearest categories", allow_abbrev=False)
    find.add_argument("text", metavar="TEXT", help="an id, a path, or words")
    find.add_argument("--taxonomy", default="shopify", metavar="NAME",
                      help="a file, or one that was fetched (shopify)")  # fmt: skip
    find.add_argument("--json", action="store_true", help="print JSON")
    find.set_defaults(run=_find)


def add_taxonomy(parser: argparse.ArgumentParser) -> None:
    """The option of the commands that describe."""
    parser.add_argument("--taxonomy", metavar="NAME",
                        help="file products in it: shopify, google or a file")  # fmt: skip


def load(name: str) -> Taxonomy:
    """A taxonomy by its file, or by the name under which it was fetched."""
    from ..taxonomy import load_taxonomy
    from ..taxonomy.download import SOURCES

    path = Path(name)
    if name in SOURCES and not path.is_file():
        path = _cache() / SOURCES[name].rpartition("/")[2]
        if not path.is_file():
            raise CatalogError(
                f"the {name} taxonomy is not on this machine; "
                f"run: productdesc taxonomy get {name}"
            )
    return load_taxonomy(path)


def _cache() -> Path:
    from ..taxonomy.download import cache_folder

    return cache_folder(os.environ, sys.platform, Path.home())


def _help(parser: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    parser.print_help()
    return 0


def _get(chosen: argparse.Namespace) -> int:
    from ..net import Http
    from ..taxonomy.download import download

    with Http() as http:
        path = download(
            chosen.which,
            _cache(),
            http,
            file=chosen.out,
            url=chosen.url,
            replace=chosen.force,
        )
    if chosen.json:
        show_json({"path": str(path)})
    else:
        show(str(path))
    return 0


def _find(chosen: argparse.Namespace) -> int:
    taxonomy = load(chosen.taxonomy)
    exact = taxonomy.find(chosen.text)
    found = [exact] if exact else taxonomy.nearest(chosen.text, 10)
    if chosen.json:
        show_json([{"id": c.id, "path": c.path} for c in found], indent=2)
    else:
        for category in found:
            id, path = (printable(t, "path") for t in (category.id, category.path))
            show(f"{path}\n  {id}")
    if not found:
        say(f"nothing is near {chosen.text!r}")
    return 0
