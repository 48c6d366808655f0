"""`productdesc sync retry`: describe the products that failed again, and only those."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from ... import sync
from .. import arguments, chosen_engine
from ..job.stopping import Stopping
from ..job.workers import add_workers, engine_of_workers, shards_of
from ..network import add_network, network_access
from .describing import Follower, add_job, add_previews, opened_previews
from .remembered import add_journal, not_given, recalled, recalled_all
from .status import add_prices


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "retry",
        help="describe the products that failed again, and only those",
        description="Describe the dead rows of a journal again, each once. Model, channel "
        "and all else are as the last run had them, but for what is named here.",
        allow_abbrev=False,
    )
    add_journal(parser)
    add_prices(parser)
    add_job(parser)
    add_previews(parser)
    add_workers(parser, required=False)
    arguments.add_channel(parser, default="")
    arguments.add_language(parser, several=True)
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=partial(run, not_given(parser)))


def run(defaults: Mapping[str, Any], given: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        from ...net import Http

        journal = stack.enter_context(sync.Journal(given.journal, create=False))
        chosen = retried(journal, given, defaults)
        chosen.network = network_access(chosen)
        asked = arguments.describing_many(chosen)
        remote = engine_of_workers(chosen, stack) if chosen.ray else None
        engine = remote or chosen_engine.load(chosen)
        stopping = stack.enter_context(Stopping(chosen.grace))
        outcomes = sync.retry(
            journal,
            engine,
            previews=stack.enter_context(opened_previews(chosen)),
            describer=shards_of(chosen, asked, remote, stopping) if remote else None,
            batch_size=chosen.batch_size,
            stop=stopping.stop,
            cancel=stopping.cancel,
            http=stack.enter_context(Http(network=chosen.network)),
            **asked,
        )
        return Follower(journal, chosen, stopping).follow(outcomes)


def retried(
    journal: sync.Journal, given: argparse.Namespace, defaults: Mapping[str, Any]
) -> argparse.Namespace:
    """What was chosen, else what the last run chose: all its languages, or those named."""
    named = given.languages
    if named:
        given = argparse.Namespace(**{**vars(given), "language": named[0]})
    elif given.language is None:
        jobs = recalled_all(journal, given, defaults)
        known = {*(jobs[0].languages or ())}
        if len(jobs) > 1 and all(job.language in known for job in jobs):
            jobs[0].languages = [job.language for job in jobs]
            return jobs[0]
    chosen = recalled(journal, given, defaults)
    chosen.languages = named
    return chosen
