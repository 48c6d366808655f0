"""Options that `convert` and `inspect` share: places, kinds, secrets, progress."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from ..catalogs.formats import FORMATS, Opening, by_name
from ..secret import Secret

T = TypeVar("T")

SHOWN = 20
"""Problems that are shown one by one; `--json` shows all that were kept."""


def add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source_kind", default="", metavar="KIND",
                        help="what it is, where that cannot be told")  # fmt: skip
    parser.add_argument("--photos-folder", type=Path, metavar="FOLDER",
                        help="where relative paths of photos lead to")  # fmt: skip
    parser.add_argument("--media-url", metavar="URL",
                        help="where a Magento file's relative images are")  # fmt: skip


def kinds_text() -> str:
    """The table of kinds, for --help."""
    width = max(map(len, FORMATS))
    rows = []
    for name, kind in FORMATS.items():
        ways = "/".join(w for w, way in (("in", kind.read), ("out", kind.write)) if way)
        rows.append(f"  {name:<{width}}  {ways:<6}  {kind.label}")
    return "kinds:\n" + "\n".join(rows)


def opening(chosen: argparse.Namespace, kind: str) -> Opening:
    """How to open a source, with a shop's secrets from the environment."""
    return Opening(
        photos_folder=chosen.photos_folder,
        media_url=chosen.media_url,
        secrets=_secrets(kind),
    )


def _secrets(kind: str) -> tuple[Secret, ...]:
    """A shop's secrets: never options, which other users of the machine can read."""
    found = []
    for name in FORMATS[kind].secrets if kind in FORMATS else ():
        variable = f"PRODUCTDESC_{kind}_{name}".upper()
        value = os.environ.get(variable, "")
        if not value:
            raise ValueError(
                f"set the environment variable {variable} to the shop's {name}"
            )
        found.append(Secret(value))
    return tuple(found)


def place_kind(place: str, given: str) -> str:
    """The kind given, or the one that the place's own name says, or ""."""
    return given or by_name(place)


def counted(items: Iterable[T], what: str) -> Iterator[T]:
    """The items, with a running count on a terminal."""
    from tqdm import tqdm

    return iter(
        tqdm(items, desc=what, unit=" products", file=sys.stderr, delay=1,
             disable=not sys.stderr.isatty(), leave=False)
    )  # fmt: skip
