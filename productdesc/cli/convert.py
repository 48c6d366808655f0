"""`productdesc convert`: any catalogue to any other, described on the way or as it is."""

from __future__ import annotations

import argparse
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogs.detect import by_name
from ..catalogs.formats import find_format, open_sink, open_source
from ..catalogs.openers import OpenOptions
from ..catalogs.passthrough import passthrough_copy
from ..catalogs.protocol import Saved, Sink, save_all
from ..catalogs.woocommerce.built_in import ROLES, SEO_PLUGINS
from ..channels import find_channel
from ..output_file import STANDARD_OUTPUT, is_same_file
from ..records import Description, Product
from ..text.printable import printable
from . import arguments, catalogues
from .network import add_network, network_access
from .terminal import say, show, show_json

if TYPE_CHECKING:
    from ..pipeline import DescribeOptions, Outcome
    from ..taxonomy import Taxonomy

BAD = ("collateral", "refused", "unknown", "failed")
"""What a product may have come to that makes the exit code 1."""

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
  productdesc convert http://shop.test:8080 new.jsonl --allow-host http://shop.test:8080

A shop's secrets are read from the environment: PRODUCTDESC_SHOPIFY_TOKEN,
PRODUCTDESC_WOOCOMMERCE_KEY and PRODUCTDESC_WOOCOMMERCE_SECRET.
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
    add("--seo", choices=SEO_PLUGINS, metavar="NAME",
        help="write for an SEO plugin of WooCommerce too: yoast, rank-math")  # fmt: skip
    add("--limit", type=int, metavar="N", help="the first N products only")
    add("--json", action="store_true", help="print one JSON object a product")
    arguments.add_channel(parser, default="")
    arguments.add_language(parser)
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    if chosen.limit is not None and chosen.limit < 1:
        raise ValueError(f"--limit is {chosen.limit}; it must be 1 or more")
    if chosen.json and chosen.out == STANDARD_OUTPUT:
        raise ValueError("OUT - and --json both print to standard output; choose one")
    chosen.network = network_access(chosen)
    read, write = _formats(chosen)
    chosen.channel = chosen.channel or find_format(write).channel
    _check_woocommerce(chosen, read, write)
    if chosen.seo and chosen.fields is None:
        chosen.fields = find_channel(chosen.channel).names
    asked: DescribeOptions = {} if chosen.as_is else arguments.describing(chosen)
    how = catalogues.options_for(chosen, read)
    out = replace(
        catalogues.options_for(chosen, write),
        overwrite=chosen.overwrite,
        replace=chosen.force,
        apply=chosen.apply,
        source_path=Path(chosen.place) if find_format(write).rewrites == read else None,
        category_id=_category_id(asked.get("taxonomy")),
        role=chosen.role or ROLES[0],
        accept_cleaning=chosen.accept_cleaning,
    )
    tally: Counter[str] = Counter()
    source = open_source(chosen.place, read, how)
    if mapping := catalogues.mapping_text(source):
        say(f"{chosen.place}: {mapping}")
    with source, open_sink(chosen.out, write, out) as sink:
        products = islice(source.products(), chosen.limit)
        counting = partial(_count, chosen, read, how)
        outcomes = _outcomes(products, chosen, asked, counting)
        for status, saved in _saved(sink, outcomes):
            tally[status] += 1
            left_out = bool(saved.reason and find_format(write).secrets)
            tally["left out"] += left_out and status not in BAD
            if left_out or status in BAD:
                say(f"{printable(saved.product_id, 'name')}: {saved.reason}")
            if chosen.json:
                show_json(asdict(saved))
        for problem in list(source.problems)[: catalogues.SHOWN]:
            say(problem)
    tally["problems"] = source.problems.total
    if not chosen.json:
        place = sys.stderr if chosen.out == STANDARD_OUTPUT else sys.stdout
        show(_summary(tally, chosen, write), place)
    return 1 if any(tally[status] for status in BAD) else 0


def _check_woocommerce(chosen: argparse.Namespace, read: str, write: str) -> None:
    """Raises `ValueError` for an option of WooCommerce where there is none."""
    options = ("--role", chosen.role, write), ("--seo", chosen.seo, f"{read} {write}")
    cleaning = ("--accept-cleaning", chosen.accept_cleaning, write)
    for name, value, formats in (*options, cleaning):
        if value and "woocommerce" not in formats:
            raise ValueError(f"{name} is for WooCommerce; this goes from {read} to {write}")


def _formats(chosen: argparse.Namespace) -> tuple[str, str]:
    """The formats read and written; raises `ValueError` where they cannot meet."""
    read = catalogues.source_format(chosen)
    write = chosen.sink_format
    if not write:
        write = by_name(chosen.out)
        if write == "csv" or chosen.out == STANDARD_OUTPUT:
            write = find_format(read).written_as or write
    if not write:
        raise ValueError(f"what {chosen.out} should be cannot be told; name it with --to")
    wanted = find_format(write)
    if wanted.rewrites not in ("", read) and not wanted.creates:
        raise ValueError(
            f"{write} is made from a {wanted.rewrites} file, and {chosen.place} is {read}; "
            f"choose another --to"
        )
    if wanted.rewrites != read and is_same_file(chosen.out, Path(chosen.place)):
        raise ValueError(
            f"{chosen.out} is the file that is read, and a {write} file in its place would "
            "not hold all of it; name another file"
        )
    return read, write


def _category_id(taxonomy: Taxonomy | None) -> Callable[[str], str | None] | None:
    """How a shop finds the id of a path; only Shopify's own taxonomy has Shopify's ids."""
    if taxonomy is None or taxonomy.name != "shopify":
        return None

    def find(path: str) -> str | None:
        category = taxonomy.find(path)
        return category.id if category else None

    return find


def _outcomes(
    products: Iterator[Product],
    chosen: argparse.Namespace,
    asked: DescribeOptions,
    counting: Callable[[], int],
) -> Iterator[Outcome]:
    """Every product described, or with its own copy."""
    from ..net import Http
    from ..pipeline import Described, describe_many

    if chosen.as_is:
        now = datetime.now(UTC)
        for product in catalogues.counted(products, "moving"):
            copy = passthrough_copy(product, now=now, language=chosen.language)
            yield Described(product, copy)
        return
    engine = arguments.load(chosen)
    with Http(network=chosen.network) as http:
        outcomes = describe_many(
            products, engine, batch_size=chosen.batch_size, http=http, **asked
        )
        yield from arguments.progress(outcomes, counting)


def _saved(sink: Sink, outcomes: Iterator[Outcome]) -> Iterator[tuple[str, Saved]]:
    """What became of every product, in order: "failed", or the status of its saving.

    A sink may take many at once, so failed products wait for the ones before them.
    """
    from ..pipeline import Described, Failed, Skipped

    # None: a product that is being saved
    waiting: deque[Failed | Skipped | None] = deque()

    def described() -> Iterator[tuple[Product, Description]]:
        for outcome in outcomes:
            if isinstance(outcome, Described):
                waiting.append(None)
                yield outcome.product, outcome.description
            else:
                waiting.append(outcome)

    def failed() -> Iterator[tuple[str, Saved]]:
        while waiting and (one := waiting.popleft()):
            if isinstance(one, Failed):
                yield "failed", Saved(one.product.id, "refused", reason=str(one.error))
            else:
                yield "unchanged", Saved(one.product.id, "unchanged")

    try:
        for saved in save_all(sink, described()):
            yield from failed()
            yield saved.status, saved
    except Exception:
        waiting = deque(one for one in waiting if one)
        yield from failed()
        raise
    yield from failed()


def _count(chosen: argparse.Namespace, read: str, how: OpenOptions) -> int:
    """How many products there are to come; 0: what there is can be read once only.

    A shop is not read twice for that, and what comes through a pipe is gone once read.
    """
    place = Path(chosen.place)
    if find_format(read).secrets or not (place.is_file() or place.is_dir()):
        return chosen.limit or 0
    with open_source(chosen.place, read, how) as source:
        return sum(1 for _ in islice(source.products(), chosen.limit))


def _saved_none(tally: Counter[str]) -> bool:
    return not any(tally[status] for status in ("written", "planned", "unchanged"))


def _summary(tally: Counter[str], chosen: argparse.Namespace, write: str) -> str:
    order = ("written", "planned", "unchanged", *BAD)
    counts = ", ".join(f"{tally[name]} {name}" for name in order if tally[name])
    lines = [f"{chosen.out} ({write}): {counts or 'no products'}"]
    if tally["problems"]:
        lines.append(f"{tally['problems']} rows or photos could not be read")
    if tally["left out"]:
        lines.append(f"of {tally['left out']} products something was left out; see above")
    if _saved_none(tally) and Path(chosen.out).is_file():
        lines.append(f"nothing could be saved, so {chosen.out} stands as it was")
    if tally["planned"]:
        lines.append("nothing was written; --apply writes it")
    return "\n".join(lines)
