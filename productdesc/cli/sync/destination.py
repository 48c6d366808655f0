"""The live shop that `publish` and `undo` write to, and what became of each product."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any

from ... import sync
from ...catalogs.detect import by_name
from ...catalogs.formats import find_format, open_sink
from ...catalogs.output.guarded_writes import LanguageSink, place_of_language
from ...catalogs.woocommerce.built_in import ROLES
from ...sync import PublishOutcome
from ...text.printable import message_line, printable, quoted
from .. import arguments, taxonomy
from ..job.plan import make_plan, sink_options
from ..job.stopping import GRACE_SECONDS, Stopping, seconds
from ..network import add_network, network_access
from ..terminal import say, show, show_json
from .remembered import add_journal, add_which, recalled_all

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


def each_language(
    journal: sync.Journal, given: argparse.Namespace, defaults: Mapping[str, Any]
) -> list[argparse.Namespace]:
    """What was chosen for each language that is meant, the shop's default one first."""
    jobs = recalled_all(journal, given, defaults)
    if len(jobs) == 1:
        return jobs
    placed = []
    for job in jobs:
        with opened_shop(job) as sink:
            if not isinstance(sink, LanguageSink):
                raise ValueError(
                    f"{quoted(job.out, 'path')} holds copy in one language; name it with "
                    f"--language; there are: {', '.join(one.language for one in jobs)}"
                )
            placed.append((place_of_language(sink), job))
    return [job for _, job in sorted(placed, key=itemgetter(0))]


@contextlib.contextmanager
def opened_shop(chosen: argparse.Namespace) -> Iterator[Any]:
    """The sink of the shop that was chosen; `ValueError` where it is none."""
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
        yield sink


Write = Callable[[argparse.Namespace, Any], Iterator[PublishOutcome]]
"""The outcomes of one language, of what was chosen for it and the shop's sink."""


def write_each(jobs: Sequence[argparse.Namespace], write: Write, stopping: Stopping) -> int:
    """Write each language in turn, and tell what became of it; gives the exit code."""
    code = 0
    for job in jobs:
        with opened_shop(job) as sink:
            language = job.language if len(jobs) > 1 else ""
            code = max(code, follow(write(job, sink), job, stopping, language))
        if stopping.cause:
            break
    return code


def is_shop(place: str) -> bool:
    """Whether a place is a live shop's address."""
    name = by_name(place)
    return bool(name and find_format(name).secrets)


def follow(
    outcomes: Iterator[PublishOutcome],
    chosen: argparse.Namespace,
    stopping: Stopping,
    language: str,
) -> int:
    """Tell what became of each product; gives the exit code.

    language: of the texts, where there are several; else "".
    """
    of = {"language": language} if language else {}
    where = f" in {language}" if language else ""
    counts: Counter[str] = Counter()
    with contextlib.closing(outcomes):  # type: ignore[type-var]
        for one in stopping.waiting(outcomes):
            counts[one.state] += 1
            if chosen.json:
                edits = [asdict(edit) for edit in one.edits]
                show_json({**of, **one._asdict(), "edits": edits})
            elif one.state not in GOOD:
                name = printable(one.product_id, "name")
                say(f"{name}{where}: {one.state}: {message_line(one.reason)}")
            elif one.state == "planned":
                fields = ", ".join(dict.fromkeys(edit.field for edit in one.edits))
                show(f"{printable(one.product_id, 'name')}{where}: {fields}")
    summary = ", ".join(f"{number} {state}" for state, number in counts.items())
    if chosen.json:
        show_json({**of, "states": dict(counts), "applied": bool(chosen.apply)})
    else:
        show(f"{chosen.out}{where}: {summary or 'nothing to do'}")
        if not chosen.apply:
            show("nothing was written; --apply writes it")
    if stopping.cause:
        say(f"stopped ({stopping.cause.reason}); the same command goes on")
        return stopping.cause.exit_code
    return int(any(number for state, number in counts.items() if state not in GOOD))


def stopping() -> Stopping:
    return Stopping(GRACE_SECONDS)
