"""`productdesc convert`: any catalogue to any other, described on the way or as it is."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogs import needs
from ..catalogs.formats import find_format, open_sink, open_source
from ..catalogs.passthrough import passthrough_copy
from ..catalogs.protocol import FileSink, Sink
from ..catalogs.woocommerce.built_in import ROLES
from ..channels import find_channel
from ..errors import ProductDescError
from ..output_file import STANDARD_OUTPUT
from ..records import Product
from . import arguments, catalogues, chosen_engine
from .job.notes import Notes
from .job.plan import Plan, make_plan, sink_options
from .job.progress import Total, bar, duration, lines, rate
from .job.report_files import FAILED, FINDINGS, ReportFile
from .job.saving import Taken, endings
from .job.stopping import (
    GRACE_SECONDS,
    TOO_MANY_FAILURES,
    Cause,
    DropError,
    Stopping,
    seconds,
)
from .job.tally import MaxFailures, Tally, so_far, summary
from .network import add_network, network_access
from .terminal import say, show, show_json

if TYPE_CHECKING:
    from ..pipeline import DescribeOptions, Outcome

EXAMPLES = """\
examples:
  productdesc convert export.csv import.csv
  productdesc convert export.csv import.csv --force      # replaces an older import.csv
  productdesc convert export.csv import.csv --to shopify-csv-changes --overwrite description
  productdesc convert photos/ products.jsonl --channel plain
  productdesc convert feed.xml supplement.tsv --to google-tsv --overwrite title,description
  productdesc convert products.csv products.jsonl --as-is
  productdesc convert products.csv - --to jsonl | gzip > products.jsonl.gz
  productdesc convert export.csv my-shop.myshopify.com            # says what it would write
  productdesc convert export.csv my-shop.myshopify.com --apply    # writes it
  productdesc convert https://shop.example https://shop.example --seo yoast
  productdesc convert vendure:https://shop.example/admin-api new.jsonl --language de
  productdesc convert http://shop.test:8080 new.jsonl --allow-host http://shop.test:8080

A shop's secrets are read from the environment: PRODUCTDESC_SHOPIFY_TOKEN,
PRODUCTDESC_WOOCOMMERCE_KEY and PRODUCTDESC_WOOCOMMERCE_SECRET, PRODUCTDESC_VENDURE_TOKEN.
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "convert",
        help="describe a catalogue, or move it as it is",
        description="Read products from IN, describe them, and write to OUT. Fields that "
        "hold the merchant's own words are left alone unless --overwrite names them.",
        epilog=f"{EXAMPLES}\n{catalogues.formats_text()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="IN", help="a file, folder or shop address")
    parser.add_argument(
        "out", metavar="OUT", help="a file, a shop address, or - for standard output"
    )
    catalogues.add_reading(parser)
    add = parser.add_argument
    add("--to", dest="sink_format", default="", metavar="FORMAT",
        help="what to write (default: by OUT's name; IN's format for a table)")  # fmt: skip
    add("--as-is", action="store_true", help="describe nothing, move the merchant's copy")
    add("--overwrite", type=arguments.names, default=[], metavar="A,B",
        help="fields whose present text may be replaced")  # fmt: skip
    add("--force", action="store_true", help="replace OUT where it exists already")
    add("--apply", action="store_true", help="write to a live shop, not only say what")
    add("--role", choices=ROLES, metavar="NAME",
        help="of WooCommerce's key: shop_manager (default) or administrator")  # fmt: skip
    add("--accept-cleaning", action="store_true",
        help="write texts also where WordPress cleans another of the product")  # fmt: skip
    arguments.add_seo(parser, "write")
    add("--limit", type=int, metavar="N", help="the first N products only")
    add("--json", action="store_true", help="print one JSON object a product")
    _add_job(parser)
    arguments.add_channel(parser, default="")
    arguments.add_language(parser)
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=run)


def _add_job(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("long runs, as under cron").add_argument
    add("--findings", type=Path, metavar="FILE",
        help="write what a person should look at, as .csv or .jsonl")  # fmt: skip
    add("--failed", type=Path, metavar="FILE",
        help="write the products that failed, and why, as .csv or .jsonl")  # fmt: skip
    add("--retry", type=Path, metavar="FILE",
        help="only the products that --failed wrote, or ids in a .txt")  # fmt: skip
    add("--max-failures", type=MaxFailures.parse, default=MaxFailures(), metavar="N",
        help="stop where more fail: 20, or 5%% of those that ended")  # fmt: skip
    add("--grace", type=seconds, default=GRACE_SECONDS, metavar="SECONDS",
        help="how long products under way may take once the run is to stop "
        f"(default: {GRACE_SECONDS:g})")  # fmt: skip


def run(chosen: argparse.Namespace) -> int:
    if chosen.json and chosen.out == STANDARD_OUTPUT:
        raise ValueError("OUT - and --json both print to standard output; choose one")
    chosen.network = network_access(chosen)
    plan = make_plan(chosen)
    chosen.channel = chosen.channel or find_format(plan.writes).channel
    if chosen.seo and chosen.fields is None:
        chosen.fields = find_channel(chosen.channel).names
    if plan.ids is not None and not plan.ids:
        show(f"{chosen.retry} names no product: nothing to do")
        return 0
    tally = Tally()
    with Stopping(chosen.grace) as stopping:
        try:
            return _convert(chosen, plan, tally, stopping)
        except DropError:
            assert stopping.cause
            left = "what was saved stays" if plan.live else "nothing of it is kept"
            say(f"stopped at once ({stopping.cause.reason}): {so_far(tally, 0)}; {left}")
            return stopping.cause.exit_code


def _convert(
    chosen: argparse.Namespace, plan: Plan, tally: Tally, stopping: Stopping
) -> int:
    asked: DescribeOptions = {} if chosen.as_is else arguments.describing(chosen)
    asked["inferred"] = chosen.inferred or find_format(plan.writes).inferred
    how = catalogues.options_for(chosen, plan.reads)
    out = sink_options(chosen, plan, asked.get("taxonomy"))
    source = open_source(chosen.place, plan.reads, how)
    if mapping := catalogues.mapping_text(source):
        say(f"{chosen.place}: {mapping}")
    total = Total(partial(plan.count, chosen.place, chosen.limit, how))
    was_there = Path(chosen.out).is_file()
    with contextlib.ExitStack() as stack:
        findings, failures = (
            path and stack.enter_context(ReportFile(path, columns, replace=chosen.force))
            for path, columns in ((chosen.findings, FINDINGS), (chosen.failed, FAILED))
        )
        stack.enter_context(source)
        sink = stack.enter_context(open_sink(chosen.out, plan.writes, out))
        stack.enter_context(lines(tally, total))
        notes = Notes(tally, findings, failures)
        seen: set[str] = set()
        listed = plan.select(source, chosen.limit, seen)
        if plan.ids is None:
            listed = catalogues.present(listed, source, chosen.place)
        products = Taken(listed)
        outcomes = _outcomes(products, sink, chosen, asked, stopping)
        stack.enter_context(contextlib.closing(outcomes))
        what = "moving" if chosen.as_is else "describing"
        passing = notes.passing(bar(stopping.waiting(outcomes), total, what))
        bounded = _bounded(passing, tally, chosen.max_failures, stopping)
        for ending, saved in endings(sink, bounded):
            notes.saved(ending, saved, live=plan.live)
            if chosen.json:
                show_json(asdict(saved))
        stopping.check()
        tally.problems = source.problems.total
        for problem in list(source.problems)[: catalogues.SHOWN]:
            say(problem)
        notes.show_findings()
        limit, place = chosen.max_failures, chosen.out
        if not stopping.cause and (why := limit.exceeded(tally, is_over=True)):
            stopping.because(Cause(why, TOO_MANY_FAILURES))
        cause = stopping.cause
        is_whole = not cause or (
            cause.exit_code != TOO_MANY_FAILURES and _is_whole(products, tally)
        )
        if (
            not cause
            and not chosen.limit
            and (why := plan.missing_text(chosen.place, chosen.retry, seen))
        ):
            say(why)
        if not is_whole:
            place = _keep_part(sink, chosen.out, live=plan.live)
    number = (products.number if is_whole else total.wait(TOTAL_SECONDS)) if cause else None
    if cause:
        far = so_far(tally, number or 0)
        where = _where(chosen.out, place, live=plan.live)
        say(f"stopped ({cause.reason}): {far}; {where}")
    if not chosen.json:
        screen = sys.stderr if chosen.out == STANDARD_OUTPUT else sys.stdout
        show(_summary(tally, number, chosen, plan, was_there), screen)
    return cause.exit_code if cause else int(tally.failed > 0)


TOTAL_SECONDS = 5.0
"""How long a job that was stopped waits to learn how many products there were."""


def _bounded(
    outcomes: Iterator[Outcome], tally: Tally, limit: MaxFailures, stopping: Stopping
) -> Iterator[Outcome]:
    """The outcomes; where too many products have failed, the job is stopped."""
    for outcome in outcomes:
        if not stopping.cause and (why := limit.exceeded(tally)):
            stopping.because(Cause(why, TOO_MANY_FAILURES))
        yield outcome


def _is_whole(products: Taken[Product], tally: Tally) -> bool:
    """Whether all that there is was done, although the job was told to stop."""
    if tally.ended < products.number:
        return False
    try:
        return not products.has_more()
    except ProductDescError:
        return False


def _keep_part(sink: Sink, out: str, *, live: bool) -> str:
    """Keep what was done of a job that ends early; where it is, "" for nowhere."""
    if isinstance(sink, FileSink):
        return sink.keep_part()
    if not live and Path(out).exists():
        raise DropError  # a file that is there would be replaced by a part
    return out


def _where(out: str, place: str, *, live: bool) -> str:
    if live:
        return f"{out} keeps what was written"
    if not place:
        return "nothing was saved, and nothing is written"
    if place != out and out != STANDARD_OUTPUT:
        return f"{out} stands as it was, and what was done is in {place}"
    return f"what was done is in {place}"


def _outcomes(
    products: Iterator[Product],
    sink: Sink,
    chosen: argparse.Namespace,
    asked: DescribeOptions,
    stopping: Stopping,
) -> Generator[Outcome, None, None]:
    """Every product described, or with its own copy."""
    from ..net import Http
    from ..pipeline import Described, describe_many

    if chosen.as_is:
        now = datetime.now(UTC)
        while not stopping.stop.is_set() and (product := next(products, None)):
            copy = passthrough_copy(product, now=now, language=chosen.language)
            yield Described(product, copy)
        return
    arguments.check_rewrite(chosen, needs(sink))
    engine = chosen_engine.load(chosen)
    with Http(network=chosen.network) as http:
        yield from describe_many(
            products,
            engine,
            batch_size=chosen.batch_size,
            needs=needs(sink),
            stop=stopping.stop,
            cancel=stopping.cancel,
            http=http,
            **asked,
        )


def _summary(
    tally: Tally,
    total: int | None,
    chosen: argparse.Namespace,
    plan: Plan,
    was_there: bool,
) -> str:
    seconds = time.monotonic() - tally.began
    texts = [f"{chosen.out} ({plan.writes}): {summary(tally, total)}"]
    if not tally.done and Path(chosen.out).is_file():
        state = "stands as it was" if was_there else "holds no new copy"
        texts.append(f"nothing could be saved, so {chosen.out} {state}")
    if tally.statuses["planned"]:
        texts.append("nothing was written; --apply writes it")
    return "\n".join([*texts, f"took {duration(seconds)}, {rate(tally.ended, seconds)}"])
