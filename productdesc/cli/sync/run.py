"""`productdesc sync run`: describe a source into a journal; the same again resumes."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from ... import sync
from ...catalogs import needs
from ...catalogs.formats import find_format, open_sink, open_source
from ...catalogs.merge_policy import FIELDS, Current, check_overwrite, missing_fields
from ...catalogs.openers import OpenOptions
from ...catalogs.output.guarded_writes import LanguageSink, place_of_language
from ...catalogs.protocol import SelectiveSink, Sink
from ...channels import find_channel
from ...pipeline.call import LanguageNeeds, Needs, needs_in
from ...records import Product
from ...sync import RunOptions
from .. import arguments, catalogues, chosen_engine
from ..job.stopping import Stopping
from ..job.workers import add_workers, engine_of_workers, shards_of
from ..network import add_network, network_access
from ..terminal import say
from .describing import Follower, add_job, add_previews, opened_previews
from .remembered import add_journal, noted
from .status import add_prices, tell_estimate

if TYPE_CHECKING:
    from ...engines import Engine


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "run",
        help="describe a source into a journal; the same command resumes",
        description="Read products from SOURCE and describe what the journal has not. "
        "Nothing is written to a shop or to another file: `sync export` does that.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="SOURCE", help="a file, folder or shop address")
    add_journal(parser)
    catalogues.add_reading(parser)
    add = parser.add_argument
    add("--to", dest="writes", default="", metavar="FORMAT",
        help="for what it is described, which decides what a product still needs "
        "(default: SOURCE's own format)")  # fmt: skip
    add("--overwrite", type=arguments.names, default=[], metavar="A,B",
        help="describe these fields also where the merchant filled them")  # fmt: skip
    arguments.add_seo(parser, "describe")
    add("--reuse", action="append", default=[], type=Path, metavar="FILE",
        help="another journal, whose drafts are taken where they fit; again for "
        "others")  # fmt: skip
    add("--recheck-photos", action="store_true",
        help="ask for photos at URLs whether they are still the same")  # fmt: skip
    add("--estimate", nargs="?", type=arguments.count, const=0, metavar="N",
        help="describe a sample only (default: 20 products, stratified over all), and say "
        "what the rest will take")  # fmt: skip
    add("--limit", type=arguments.count, metavar="N", help="the first N products only")
    add_prices(parser)
    add_job(parser)
    add_previews(parser)
    add_workers(parser, required=False)
    arguments.add_channel(parser, default="")
    arguments.add_language(parser, several=True)
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    chosen.network = network_access(chosen)
    if chosen.ray is not None and chosen.estimate is not None:
        raise ValueError("--estimate measures this process; leave --ray out")
    read = catalogues.source_format(chosen)
    chosen.source_format = read
    chosen.writes = chosen.writes or find_format(read).written_as or read
    chosen.channel = chosen.channel or find_format(chosen.writes).channel
    chosen.inferred = chosen.inferred or find_format(chosen.writes).inferred
    if chosen.seo and chosen.fields is None:
        chosen.fields = find_channel(chosen.channel).names
    asked = arguments.describing_many(chosen)
    how = catalogues.options_for(chosen, read)
    with contextlib.ExitStack() as stack:
        from ...net import Http

        needed = needs_of(chosen, read, how, stack)
        for language in chosen.languages or [chosen.language]:
            arguments.check_rewrite(chosen, needs_in(needed, language))
        source = stack.enter_context(open_source(chosen.place, read, how))
        if mapping := catalogues.mapping_text(source):
            say(f"{chosen.place}: {mapping}")
        journal = stack.enter_context(sync.Journal(chosen.journal))
        reuse = [
            stack.enter_context(sync.Journal(path, create=False)) for path in chosen.reuse
        ]
        products = catalogues.present(source.products(), source, chosen.place)
        remote = engine_of_workers(chosen, stack) if chosen.ray else None
        engine: Engine = remote or chosen_engine.load(chosen)
        stopping = stack.enter_context(Stopping(chosen.grace))
        options: RunOptions = {
            **asked,  # type: ignore[typeddict-item]
            "reuse": reuse,
            "limit": chosen.limit,
            "recheck_photos": chosen.recheck_photos,
            "note": noted(chosen),
            "previews": stack.enter_context(opened_previews(chosen)),
            "describer": shards_of(chosen, asked, remote, stopping) if remote else None,
            "batch_size": chosen.batch_size,
            "stop": stopping.stop,
            "cancel": stopping.cancel,
            "http": stack.enter_context(Http(network=chosen.network)),
        }
        if chosen.estimate is not None:
            sample = chosen.estimate or None
            found = sync.estimate(
                journal, products, engine, sample=sample, needs=needed, **options
            )
            tell_estimate(found, chosen)
            return stopping.cause.exit_code if stopping.cause else 0
        outcomes = sync.run(journal, products, engine, needs=needed, **options)
        code = Follower(journal, chosen, stopping).follow(outcomes)
        for problem in list(source.problems)[: catalogues.SHOWN]:
            say(problem)
        return code


def needs_of(
    chosen: argparse.Namespace, read: str, how: OpenOptions, stack: contextlib.ExitStack
) -> LanguageNeeds:
    """The fields that a product still needs, by the sink that it is described for.

    That sink is never entered: nothing is written. Of a format that is not written, and of
    a sink that does not say, every field that is empty or that may be overwritten. Raises
    `CatalogError` where a shop has not all the languages; it is asked, and closed by the
    stack.
    """
    form = find_format(chosen.writes)
    if form.rewrites not in ("", read) and not form.creates:
        raise ValueError(
            f"{chosen.writes} is made from a {form.rewrites} file, and {chosen.place} is "
            f"{read}; choose another --to"
        )
    if not (chosen.languages and form.secrets):
        return _needs_by(_sink(chosen, read, how), chosen)
    found: dict[str, Needs] = {}
    for code in chosen.languages:
        sink = _sink(chosen, read, replace(how, language=code))
        if not isinstance(sink, LanguageSink):
            raise ValueError(
                f"a shop of {chosen.writes} holds copy in one language; name one with "
                "--language, or describe for a file with --to"
            )
        stack.callback(sink.close)
        place_of_language(sink)
        found[code] = _needs_by(sink, chosen)
    return found


def _sink(chosen: argparse.Namespace, read: str, how: OpenOptions) -> Sink | None:
    """The sink that is described for; None of a format that is not written."""
    form = find_format(chosen.writes)
    if not form.open_sink:
        return None
    is_made = form.rewrites == read
    options = replace(
        how if form.secrets == find_format(read).secrets
        else replace(
            catalogues.options_for(chosen, chosen.writes), language=how.language),
        overwrite=chosen.overwrite,
        source_path=Path(chosen.place) if is_made else None,
    )  # fmt: skip
    place = chosen.place if form.secrets else str(Path(gettempdir()) / "unwritten")
    return open_sink(place, chosen.writes, options)


def _needs_by(
    sink: Sink | None, chosen: argparse.Namespace
) -> Callable[[Product], frozenset[str]]:
    if isinstance(sink, SelectiveSink):
        return needs(sink)
    overwrite = check_overwrite(chosen.overwrite, FIELDS)

    def missing(product: Product) -> frozenset[str]:
        current, photos = Current.of(product), len(product.photos)
        return missing_fields(current, writes=FIELDS, overwrite=overwrite, photos=photos)

    return missing
