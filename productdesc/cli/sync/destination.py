"""The live shop that `publish` and `undo` write to, and what became of each product."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ... import sync
from ...catalogs.detect import by_name
from ...catalogs.formats import find_format, open_sink
from ...catalogs.woocommerce.built_in import ROLES
from ...sync import PublishOutcome
from ...text.printable import message_line, printable, quoted
from .. import arguments, taxonomy
from ..job.plan import make_plan, sink_options
from ..job.stopping import GRACE_SECONDS, Stopping, seconds
from ..network import add_network, network_access
from ..terminal import say, show, show_json
from .remembered import add_journal, add_which, recalled

GOOD = frozenset({"done", "unchanged", "planned", "undone"})
"""Ends that are as they should be; any other makes the exit code 1."""


def add_shop(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", nargs="?", metavar="DESTINATION",
        help="a shop's address (default: the shop that the run read)")  # fmt: skip
    add_journal(parser)
    add_which(parser)
    add = parser.add_argument
    add("--apply", action="store_true", help="write to the shop, not only say what")
    add("--overwrite", type=arguments.names, default=[], metavar="A,B",
        help="fields whose present text may be replaced (default: those of the "
        "run)")  # fmt: skip
    add("--role", choices=ROLES, metavar="NAME",
        help="of WooCommerce's key: shop_manager (default) or administrator")  # fmt: skip
    add("--accept-cleaning", action="store_true",
        help="write texts also where WordPress cleans another of the product")  # fmt: skip
    arguments.add_seo(parser, "write")
    add("--settle", type=seconds, metavar="SECONDS",
        help="how long the shop may be at work on a request of a run that died, before it "
        "is read back (default: 30)")  # fmt: skip
    add("--json", action="store_true", help="print a JSON object a product")
    add_network(parser)


@contextlib.contextmanager
def opened_shop(
    journal: sync.Journal, given: argparse.Namespace, defaults: Mapping[str, Any]
) -> Iterator[tuple[argparse.Namespace, Any]]:
    """What was chosen, and the sink of the shop; `ValueError` where it is none."""
    chosen = recalled(journal, given, defaults)
    chosen.out = chosen.out or chosen.place
    if chosen.out is None:
        raise ValueError("name the shop: productdesc sync publish my-shop.myshopify.com")
    name = by_name(chosen.out)
    if not is_shop(chosen.out):
        raise ValueError(
            f"{quoted(chosen.out, 'path')} is no live shop; `productdesc sync export "
            "FILE` writes a file, and you import it"
        )
    chosen.place = chosen.place or chosen.out
    chosen.limit = chosen.retry = chosen.findings = chosen.failed = None
    chosen.sink_format, chosen.force = name, False
    chosen.network = network_access(chosen)
    plan = make_plan(chosen)
    tree = taxonomy.load(chosen.taxonomy) if chosen.taxonomy else None
    with open_sink(chosen.out, plan.writes, sink_options(chosen, plan, tree)) as sink:
        yield chosen, sink


def is_shop(place: str) -> bool:
    """Whether a place is a live shop's address."""
    name = by_name(place)
    return bool(name and find_format(name).secrets)


def follow(
    outcomes: Iterator[PublishOutcome], chosen: argparse.Namespace, stopping: Stopping
) -> int:
    """Tell what became of each product; gives the exit code."""
    counts: Counter[str] = Counter()
    with contextlib.closing(outcomes):  # type: ignore[type-var]
        for one in stopping.waiting(outcomes):
            counts[one.state] += 1
            if chosen.json:
                edits = [asdict(edit) for edit in one.edits]
                show_json({**one._asdict(), "edits": edits})
            elif one.state not in GOOD:
                name = printable(one.product_id, "name")
                say(f"{name}: {one.state}: {message_line(one.reason)}")
            elif one.state == "planned":
                fields = ", ".join(dict.fromkeys(edit.field for edit in one.edits))
                show(f"{printable(one.product_id, 'name')}: {fields}")
    summary = ", ".join(f"{number} {state}" for state, number in counts.items())
    if chosen.json:
        show_json({"states": dict(counts), "applied": bool(chosen.apply)})
    else:
        show(f"{chosen.out}: {summary or 'nothing to do'}")
        if not chosen.apply:
            show("nothing was written; --apply writes it")
    if stopping.cause:
        say(f"stopped ({stopping.cause.reason}); the same command goes on")
        return stopping.cause.exit_code
    return int(any(number for state, number in counts.items() if state not in GOOD))


def stopping() -> Stopping:
    return Stopping(GRACE_SECONDS)
