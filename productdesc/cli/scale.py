"""`productdesc scale`: describe files with many workers; the same command resumes."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalogs.openers import OpenOptions
from . import arguments, catalogues
from .job.progress import duration, lines_of, rate
from .job.stopping import (
    GRACE_SECONDS,
    TOO_MANY_FAILURES,
    Cause,
    DropError,
    Stopping,
    seconds,
)
from .job.tally import MaxFailures, Tally
from .job.workers import add_workers, cluster_of, recipe_of
from .network import add_network
from .terminal import say, show

if TYPE_CHECKING:
    from ..scale import FileJob, JobProgress

EXAMPLES = """\
examples:
  productdesc scale products.parquet described --ray local --workers 4
  productdesc scale products.parquet described --ray local --workers 4   # resumes
  productdesc scale products.parquet described --ray local --retry-failed
  productdesc scale s3://shop/products/ s3://shop/described --ray auto --workers 64
  productdesc scale products.jsonl described --ray local --workers 8 --cpus 0.25 \\
      --model http://models.internal:8000/v1

OUTPUT/rows holds Parquet files: a row a product, with its status. A server's key is read by
every worker from the environment variable PRODUCTDESC_SERVER_KEY of its own machine.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], epilog: str) -> None:
    parser = commands.add_parser(
        "scale",
        help="describe files with many workers, on this machine or a cluster",
        description="Read products from INPUT (.parquet, .jsonl, or a folder of them) and "
        "describe them into the folder OUTPUT with many workers of Ray. The same command "
        "goes on where it was; another source, engine or option is refused.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="INPUT", help="files, also s3:// or gs://")
    parser.add_argument("out", metavar="OUTPUT", help="a folder, also s3:// or gs://")
    add_workers(parser, required=True)
    add = parser.add_argument
    add("--column", dest="columns", action="append", default=[], type=catalogues.column,
        metavar="ROLE=NAME", help="what a Parquet file's column is, such as title=Nazwa; "
        "again for others")  # fmt: skip
    add("--photos-folder", type=Path, metavar="FOLDER",
        help="where relative paths of photos lead to, on every machine")  # fmt: skip
    add("--limit", type=arguments.count, metavar="N", help="the first N products only")
    add("--retry-failed", action="store_true",
        help="describe only what failed, once more, into OUTPUT/retry-N")  # fmt: skip
    add("--max-failures", type=MaxFailures.parse, default=MaxFailures(), metavar="N",
        help="stop where more fail: 20, or 5%% of those that ended")  # fmt: skip
    add("--grace", type=seconds, default=GRACE_SECONDS, metavar="SECONDS",
        help="how long blocks under way may take once the run is to stop "
        f"(default: {GRACE_SECONDS:g})")  # fmt: skip
    arguments.add_channel(parser)
    arguments.add_language(parser)
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    asked = arguments.describing(chosen)
    job = _job(chosen)
    from ..scale import describe_files

    tally = Tally()
    with Stopping(chosen.grace) as stopping:
        progress = describe_files(job, stop=stopping.stop, **asked)
        assert isinstance(progress, Generator)
        try:
            # what Ray prints is no output of ours
            with contextlib.redirect_stdout(sys.stderr), contextlib.closing(progress):
                last = _follow(progress, chosen, tally, stopping)
        except DropError:
            assert stopping.cause
            say(f"stopped at once ({stopping.cause.reason}): what is written stays; run it "
                "again for the rest")  # fmt: skip
            return stopping.cause.exit_code
        return _end(last, chosen, tally, stopping)


def _job(chosen: argparse.Namespace) -> FileJob:
    from ..scale import FileJob

    return FileJob(
        source=chosen.place,
        output=chosen.out,
        engine=recipe_of(chosen),
        cluster=cluster_of(chosen),
        reading=OpenOptions(
            photos_folder=chosen.photos_folder and chosen.photos_folder.absolute(),
            columns=catalogues.by_role(chosen.columns),
        ),
        limit=chosen.limit,
        retry_failed=chosen.retry_failed,
    )


def _follow(
    progress: Iterator[JobProgress],
    chosen: argparse.Namespace,
    tally: Tally,
    stopping: Stopping,
) -> JobProgress | None:
    """Tell how far it is, and stop where too many fail or the grace is over."""
    from tqdm import tqdm

    last: JobProgress | None = None
    bar = tqdm(desc="describing", unit="product", file=sys.stderr, leave=False,
               disable=not sys.stderr.isatty())  # fmt: skip
    with bar, lines_of(lambda: _line(last, tally)):
        for last in stopping.waiting(progress):
            tally.statuses["written"] = last.counts.described
            tally.statuses["failed"] = last.counts.failed
            bar.total = last.total or None
            bar.n = last.before + last.counts.ended
            bar.refresh()
            if not stopping.cause and (why := chosen.max_failures.exceeded(tally)):
                stopping.because(Cause(why, TOO_MANY_FAILURES))
            if stopping.cancel.is_set() and not last.is_over:
                raise DropError
    return last


def _line(last: JobProgress | None, tally: Tally) -> str:
    if last is None:
        return "starting"
    spent = time.monotonic() - tally.began
    parts = [f"{last.before + tally.ended} of {last.total} done", f"{tally.failed} failed"]
    parts.append(rate(tally.ended, spent))
    if tally.ended:
        parts.append(f"about {duration(last.left * spent / tally.ended)} left")
    return ", ".join(parts)


def _end(
    last: JobProgress | None,
    chosen: argparse.Namespace,
    tally: Tally,
    stopping: Stopping,
) -> int:
    """Say what came of it; the exit code."""
    from ..scale.passes import failed_rows
    from ..scale.place import shown_place

    assert last is not None
    out = shown_place(chosen.out)
    if chosen.retry_failed and not last.total:
        show(f"{out}: nothing failed, so there is nothing to try again")
        return 0
    for problem in last.problems[: catalogues.SHOWN]:
        say(problem)
    failed = failed_rows(chosen.out)
    limit = chosen.max_failures
    if not stopping.cause and (why := limit.exceeded(tally, is_over=True)):
        stopping.because(Cause(why, TOO_MANY_FAILURES))
    cause = stopping.cause
    if cause:
        say(f"stopped ({cause.reason}): {last.left} of {last.total} products wait for the "
            "next run")  # fmt: skip
    spent = time.monotonic() - tally.began
    before = f", {last.before} before" if last.before else ""
    show(f"{out}: {tally.done} described, {tally.failed} failed{before}, "
         f"of {last.total}")  # fmt: skip
    if failed:
        show(f"{failed} have failed and stand in {out}/failed.parquet; "
             "--retry-failed tries them again")  # fmt: skip
    if last.problems:
        show(f"{len(last.problems)} rows or photos could not be read")
    show(f"took {duration(spent)}, {rate(tally.ended, spent)}; "
         f"{last.counts.spilled:,} bytes spilled to disk")  # fmt: skip
    return cause.exit_code if cause else int(failed > 0)
