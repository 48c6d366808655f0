"""Options that `convert` and `inspect` share: places, formats, secrets, progress."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

from ..catalogs.detect import SUFFIXES, detect_format
from ..catalogs.formats import FORMATS, find_format, writable
from ..catalogs.openers import OpenOptions
from ..catalogs.protocol import Problems, Source
from ..catalogs.tables.columns import Columns
from ..errors import CatalogError
from ..secret import Secret
from ..text.printable import listed

T = TypeVar("T")

SHOWN = 20
"""Problems that are shown one by one; `--json` shows all that were kept."""


STANDARD_INPUT = "-"

UNWRITTEN = {
    ".xlsx": "a workbook is not written: name a .csv, which a spreadsheet opens",
    ".xls": "a workbook is not written: name a .csv, which a spreadsheet opens",
    ".ods": "a workbook is not written: name a .csv, which a spreadsheet opens",
    ".json": "JSON is written a line a product: name a .jsonl",
    ".html": "a page is written by `productdesc describe --html`",
}
"""What to name instead of a file with such an ending."""

MARKS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|",
    "space": " ",
}  # fmt: skip
"""Delimiters by name."""


def add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source_format", default="", metavar="FORMAT",
                        help="what it is, where that cannot be told")  # fmt: skip
    parser.add_argument("--column", dest="columns", action="append", default=[],
                        type=column, metavar="ROLE=NAME",
                        help="what a plain table's column is, such as title=Nazwa; again "
                        "for others")  # fmt: skip
    parser.add_argument("--encoding", metavar="NAME",
                        help="of a CSV or TSV, such as cp1250 or shift_jis (default: "
                        "found out)")  # fmt: skip
    parser.add_argument("--delimiter", type=_delimiter, metavar="MARK",
                        help=f"of a CSV or TSV: one character, or {', '.join(MARKS)} "
                        "(default: found out)")  # fmt: skip
    parser.add_argument("--photos-folder", type=Path, metavar="FOLDER",
                        help="where relative paths of photos lead to")  # fmt: skip
    parser.add_argument("--media-url", metavar="URL",
                        help="where a Magento file's relative images are")  # fmt: skip


def _delimiter(text: str) -> str:
    mark = MARKS.get(text.lower(), text)
    if len(mark) != 1 or mark in '"\r\n':
        raise argparse.ArgumentTypeError(
            f"{text!r} is not one character other than a quote, nor one of "
            f"{', '.join(MARKS)}"
        )
    return mark


def column(text: str) -> tuple[str, str]:
    """ROLE=NAME as two texts."""
    role, equals, name = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not ROLE=NAME, e.g. title=Nazwa")
    return role.strip(), name.strip()


def mapping_text(source: object) -> str:
    """What a plain table's columns are taken for, a line a role; "" of other sources."""
    mapping = getattr(source, "mapping", None)
    if not isinstance(mapping, Columns):
        return ""
    roles = mapping.by_role()
    rows = [f"  {role:<15} {listed(names)}" for role, names in roles.items()]
    if "photos" not in roles:
        rows.append("  photos          (no column: copy is made from the texts alone)")
    return "\n".join(["columns are taken for (change it with --column ROLE=NAME):", *rows])


def formats_text() -> str:
    """The table of built-in formats, for --help."""
    width = max(map(len, FORMATS))
    rows = []
    for name, known in FORMATS.items():
        ways = (("in", known.open_source), ("out", known.open_sink))
        text = "/".join(way for way, opens in ways if opens)
        rows.append(f"  {name:<{width}}  {text:<6}  {known.label}")
    return "formats:\n" + "\n".join(rows)


def source_format(chosen: argparse.Namespace) -> str:
    """The format that was named, or what the place is.

    Raises `ValueError` for standard input, and for a format that is not known or not read.
    """
    if chosen.place == STANDARD_INPUT:
        raise ValueError(
            "IN is -: a catalogue is read from a file, not from standard input; save it as "
            "a file first"
        )
    if chosen.source_format:
        find_format(chosen.source_format)
    delimiter, encoding = chosen.delimiter, chosen.encoding
    return chosen.source_format or detect_format(
        chosen.place, delimiter=delimiter, encoding=encoding
    )


def options_for(chosen: argparse.Namespace, format: str) -> OpenOptions:
    """How to open a source, with a shop's secrets from the environment."""
    return OpenOptions(
        photos_folder=chosen.photos_folder,
        media_url=chosen.media_url,
        columns=by_role(chosen.columns),
        delimiter=chosen.delimiter,
        encoding=chosen.encoding,
        secrets=_secrets(format),
        seo=getattr(chosen, "seo", None) or "",
        language=getattr(chosen, "language", ""),
        languages=getattr(chosen, "languages", None) or (),
        network=chosen.network,
    )


def by_role(columns: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    """The names of each role; None where none was chosen."""
    names: dict[str, list[str]] = {}
    for role, name in columns:
        names.setdefault(role, []).append(name)
    return names or None


def _secrets(format: str) -> tuple[Secret, ...]:
    """A shop's secrets: never options, which other users of the machine can read."""
    secrets = []
    for name in find_format(format).secrets:
        variable = f"PRODUCTDESC_{format}_{name}".upper().replace("-", "_")
        value = os.environ.get(variable, "")
        if not value:
            raise ValueError(
                f"set the environment variable {variable} to the shop's {name}"
            )
        secrets.append(Secret(value))
    return tuple(secrets)


def check_output(chosen: argparse.Namespace, write: str) -> None:
    """Raises `ValueError` for an option that OUT would not heed."""
    if chosen.apply and not find_format(write).secrets:
        raise ValueError(
            f"--apply is for a live shop; {chosen.out} is a file ({write}), which is "
            "written in any case"
        )


def unknown_output(out: str) -> ValueError:
    """The error for an OUT whose format its name does not say."""
    suffix = Path(out).suffix.lower()
    hint = UNWRITTEN.get(suffix, "name it with --to, or with an ending: "
                         f"{', '.join(sorted(SUFFIXES))}")  # fmt: skip
    return ValueError(
        f"what {out} should be cannot be told; {hint}; what is written: "
        f"{', '.join(writable())}"
    )


def present(products: Iterable[T], source: Source, place: str) -> Iterator[T]:
    """The products; raises `CatalogError` at once where there is none, with a reason."""
    rest = iter(products)
    for first in rest:
        return chain([first], rest)
    raise CatalogError(f"{place}: {no_products(source.problems)}")


def no_products(problems: Problems) -> str:
    """What to say of a catalogue without a product: with the first of its problems."""
    for first in problems:
        others = f" and {problems.total - 1} more" if problems.total > 1 else ""
        return f"no product can be read from it: {first}{others}"
    return "there is no product in it"


def counted(items: Iterable[T], what: str) -> Iterator[T]:
    """The items, with a running count on a terminal."""
    from tqdm import tqdm

    return iter(
        tqdm(items, desc=what, unit=" products", file=sys.stderr, delay=1,
             disable=not sys.stderr.isatty(), leave=False)
    )  # fmt: skip
