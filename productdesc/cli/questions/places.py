"""Products to ask about: of one photo, a folder or a catalogue; a row of JSON for each."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...catalogs.folder import HEIF_SUFFIXES, SUFFIXES, UNREAD
from ...catalogs.formats import find_format, open_source
from ...digest import json_digest
from ...errors import OutputError, PhotoError
from ...records import Product
from ...text.printable import printable
from .. import arguments, catalogues
from ..job.progress import Total, bar, lines_of
from ..job.stopping import DropError, Stopping
from ..network import add_network
from ..terminal import say, show, show_json
from .row_file import RowFile

__all__ = ["Ask", "Row", "add_products", "plain", "run_products"]

Row = Mapping[str, Any]
Ask = Callable[[Product], Row]
"""What is asked of one product; raises `PhotoError`, `OutputError` or `ValueError`."""

_URL = re.compile(r"https?://", re.IGNORECASE)


def add_products(parser: argparse.ArgumentParser) -> None:
    """PLACE, how it is read, and where the rows go."""
    catalogues.add_reading(parser)
    add = parser.add_argument
    add("--json", action="store_true",
        help="print one JSON object; of a folder or catalogue one a line")  # fmt: skip
    add("--out", type=Path, metavar="FILE",
        help="write JSON lines to FILE, each as it comes")  # fmt: skip
    add("--resume", action="store_true",
        help="go on with --out FILE: skip the products that it has, try failed ones "
        "again")  # fmt: skip
    add("--force", action="store_true", help="replace --out FILE where it exists already")
    add("--limit", type=arguments.count, metavar="N", help="the first N products only")
    add_network(parser)


PLACE = "a photo (a file or an https URL), a folder of photos, or a catalogue"


def run_products(
    chosen: argparse.Namespace,
    ask: Ask,
    text: Callable[[Row], str],
    *,
    asked: Any,
    is_bad: Callable[[Row], bool] = lambda row: False,
) -> int:
    """Ask about every product of the place; gives the exit code.

    text: a row for a person. asked: what shapes a row, for --resume. is_bad: whether a row
    is what exit code 1 is for, beside products that failed.
    """
    if chosen.resume and chosen.out is None:
        raise ValueError("--resume goes on with a file: name it with --out")
    if chosen.resume and chosen.force:
        raise ValueError("--resume keeps what --out has, --force replaces it; choose one")
    bad = 0
    with contextlib.ExitStack() as stack:
        rows = chosen.out and stack.enter_context(
            RowFile(chosen.out, json_digest(asked)[:16], resume=chosen.resume,
                    force=chosen.force)
        )  # fmt: skip
        stopping = stack.enter_context(Stopping(grace=None))
        products, total, close = _products(chosen)
        stack.callback(close)
        done = rows.done if rows else frozenset()
        ended = skipped = 0
        stack.enter_context(lines_of(lambda: f"{ended} done"))

        def answered() -> Iterator[Row | None]:
            """A row a product; None for one that is done already."""
            for product in products:
                if stopping.cause:
                    return
                yield None if product.id in done else _row(ask, product)

        with contextlib.suppress(DropError):
            for row in bar(stopping.waiting(answered()), total, "asking"):
                if row is None:
                    skipped += 1
                    continue
                ended += 1
                bad += "error" in row or is_bad(row)
                _give(row, rows, text, chosen)
        if skipped:
            say(f"{skipped} products are in {printable(chosen.out, 'path')} already")
        if stopping.cause:
            say(f"stopped ({stopping.cause.reason}): {ended} done; run it again with "
                "--out and --resume for the rest")  # fmt: skip
            return stopping.cause.exit_code
    return 1 if bad else 0


def _row(ask: Ask, product: Product) -> Row:
    """What is answered of a product, or why nothing is: a bad one stops no other."""
    try:
        return {"product_id": product.id, **plain(ask(product))}
    except (PhotoError, OutputError, ValueError) as e:
        say(f"{printable(product.id, 'name')}: {e}" if product.id not in str(e) else e)
        return arguments.error_record(e, product.id)


def _give(
    row: Row, rows: RowFile | None, text: Callable[[Row], str], chosen: argparse.Namespace
) -> None:
    if rows is not None:
        rows.add(row)
    elif chosen.json:
        show_json(row, indent=2 if is_photo(chosen.place) else None)
    elif "error" not in row:
        heading = (
            "" if is_photo(chosen.place) else f"{printable(row['product_id'], 'name')}\n"
        )
        show(heading + text(row), flush=True)


def _products(
    chosen: argparse.Namespace,
) -> tuple[Iterator[Product], Total, Callable[[], None]]:
    """The products of the place, how many there are, and what closes it."""
    place = chosen.place
    if is_photo(place):
        source = place if _URL.match(place) else Path(place)
        return iter([Product(id=place, photos=[source])]), Total(1), lambda: None
    format = catalogues.source_format(chosen)
    options = catalogues.options_for(chosen, format)
    source_of = open_source(place, format, options)
    listed = catalogues.present(source_of.products(), source_of, place)
    if chosen.limit:
        listed = (one for one, _ in zip(listed, range(chosen.limit), strict=False))
    total = Total(chosen.limit or partial(_count, place, format, options))

    def close() -> None:
        for problem in list(source_of.problems)[: catalogues.SHOWN]:
            say(problem)
        source_of.__exit__(None, None, None)

    source_of.__enter__()
    return listed, total, close


def _count(place: str, format: str, options: Any) -> int:
    """How many products a file or folder has; 0 of a shop, which is not read twice."""
    if find_format(format).secrets or not Path(place).exists():
        return 0
    with open_source(place, format, options) as source:
        return sum(1 for _ in source.products())


def is_photo(place: str) -> bool:
    """Whether a place is one photo by its name: a file, or the address of one."""
    path = urlsplit(place).path if _URL.match(place) else place
    suffix = Path(path).suffix.lower()
    return suffix in (*SUFFIXES, *HEIF_SUFFIXES, *UNREAD) and not Path(path).is_dir()


def plain(value: Any) -> Any:
    """A value of ours as JSON has it."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {k: plain(v) for k, v in asdict(value).items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
