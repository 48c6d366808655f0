"""Describing into a journal: what `run` and `retry` share, and how they end."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...errors import JournalError
from ...sync import (
    JobStatus,
    Journal,
    Previews,
    find_near_duplicates,
    job_status,
    previews_path,
)
from ...sync.previews import SIDE
from ...text.printable import printable
from ..arguments import count
from ..job.progress import Total, bar, duration, lines_of, rate
from ..job.saving import failed_ending
from ..job.stopping import (
    GRACE_SECONDS,
    TOO_MANY_FAILURES,
    Cause,
    DropError,
    Stopping,
    seconds,
)
from ..job.tally import MaxFailures, Tally
from ..terminal import say, show, show_json
from .status import as_json, as_text

if TYPE_CHECKING:
    from ...pipeline import Outcome


def add_job(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("long runs, as under cron").add_argument
    add("--max-failures", type=MaxFailures.parse, default=MaxFailures(), metavar="N",
        help="stop where more fail: 20, or 5%% of those that ended")  # fmt: skip
    add("--grace", type=seconds, default=GRACE_SECONDS, metavar="SECONDS",
        help="how long products under way may take once the run is to stop "
        f"(default: {GRACE_SECONDS:g})")  # fmt: skip
    add("--json", action="store_true",
        help="print a JSON object a product, and one of the job at its end")  # fmt: skip


def add_previews(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("previews, for the review of drafts").add_argument
    add("--no-previews", action="store_true",
        help="keep no small copies of the photos beside the journal")  # fmt: skip
    add("--preview-side", type=count, default=SIDE, metavar="PX",
        help=f"the longest side of a preview (default: {SIDE})")  # fmt: skip


def opened_previews(chosen: argparse.Namespace) -> contextlib.AbstractContextManager[Any]:
    """Where previews go; None where none are wanted. Workers of Ray keep none."""
    if chosen.no_previews or chosen.ray:
        return contextlib.nullcontext()
    return Previews(previews_path(chosen.journal), side=chosen.preview_side)


class Follower:
    """Follows the outcomes of one run: counts, tells, and stops it where too many fail.

    A product counts once for each language.
    """

    def __init__(
        self, journal: Journal, chosen: argparse.Namespace, stopping: Stopping
    ) -> None:
        self.tally = Tally()
        self._journal = journal
        self._chosen = chosen
        self._stopping = stopping
        self._languages = chosen.languages or [chosen.language]
        self._total = Total(0)
        self._told = 0.0

    def follow(self, outcomes: Iterator[Outcome]) -> int:
        """Take all outcomes, each of which is committed; gives the exit code."""
        stopping, limit = self._stopping, self._chosen.max_failures
        try:
            with lines_of(self._line), contextlib.closing(outcomes):  # type: ignore[type-var]
                for outcome in bar(stopping.waiting(outcomes), self._total):
                    self._note(outcome)
                    if not stopping.cause and (why := limit.exceeded(self.tally)):
                        stopping.because(Cause(why, TOO_MANY_FAILURES))
        except DropError:
            say("stopped at once: products under way were dropped; the journal holds all "
                "that was done")  # fmt: skip
        for language in () if stopping.cause else self._languages:
            find_near_duplicates(
                self._journal,
                self._chosen.channel,
                language,
                is_stopped=stopping.stop.is_set,
            )
        if not stopping.cause and (why := limit.exceeded(self.tally, is_over=True)):
            stopping.because(Cause(why, TOO_MANY_FAILURES))
        return self._end()

    def _note(self, outcome: Outcome) -> None:
        from ...pipeline import Described, Failed

        ending, reason = "unchanged", ""
        if isinstance(outcome, Described):
            ending, language = "written", outcome.description.language
            self.tally.doubt(outcome.description.findings)
        else:
            language = outcome.language
        if isinstance(outcome, Failed):
            ending, reason = failed_ending(outcome), str(outcome.error)
        self.tally.statuses[ending] += 1
        of = {"language": language} if len(self._languages) > 1 else {}
        if ending == "failed":
            name = " in ".join([printable(outcome.product.id, "name"), *of.values()])
            say(f"{name}: {reason}")
        if self._chosen.json:
            show_json({
                "product_id": outcome.product.id,
                **of,
                "state": STATE_OF[ending],
                "reason": reason,
            })  # fmt: skip
        if time.monotonic() - self._told > 1:
            self._told = time.monotonic()
            self._total.value = self.tally.ended + self._waiting()

    def _waiting(self) -> int:
        try:
            return sum(job.waiting for job in self._jobs())
        except JournalError:
            return 0

    def _line(self) -> str:
        tally, waiting = self.tally, self._waiting()
        spent = time.monotonic() - tally.began
        parts = [f"{tally.done} described", f"{tally.failed} failed", f"{waiting} waiting"]
        parts.append(rate(tally.ended, spent))
        if tally.ended:
            parts.append(f"about {duration(waiting * spent / tally.ended)} left")
        return ", ".join(parts)

    def _jobs(self) -> list[JobStatus]:
        channel = self._chosen.channel
        return [job_status(self._journal, channel, one) for one in self._languages]

    def _end(self) -> int:
        cause, jobs = self._stopping.cause, self._jobs()
        again = f"productdesc sync retry --journal {self._chosen.journal}"
        waiting = sum(job.waiting for job in jobs)
        dead = sum(job.states["dead"] for job in jobs)
        what = "products" if len(jobs) == 1 else "rows (products by languages)"
        if cause:
            say(f"stopped ({cause.reason}): {waiting} {what} wait for the next run")
        elif dead:
            say(f"{dead} {what} failed; try them again: {again}")
        for job in jobs:
            if self._chosen.json:
                show_json({"job": as_json(job, self._chosen)})
            else:
                show(as_text(job, self._chosen))
        return cause.exit_code if cause else int(dead > 0)


STATE_OF = {
    "written": "generated", "unchanged": "unchanged", "failed": "dead", "dropped": "new",
}  # fmt: skip
"""The state in which an outcome leaves its row."""
