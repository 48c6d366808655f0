"""`productdesc sync status`: what of a job is done, what failed, and what is left."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ... import sync
from ...sync import Estimate, JobStatus, Reason
from ...text.printable import message_line, printable, quoted
from ..job.progress import duration, rate
from ..terminal import show, show_json
from .remembered import add_journal, add_which

SHOWN = 10
"""Reasons that are shown; `--json` has all."""


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "status",
        help="what of a job is done, what failed, and what is left",
        description="Counts by state, rate, time left, cost, and why rows failed, are to "
        "be described again, drifted or were refused. It may be asked while a run is at "
        "work.",
        allow_abbrev=False,
    )
    add_journal(parser)
    add_which(parser)
    add_prices(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def add_prices(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("cost and times").add_argument
    for name, what in (("in", "read"), ("out", "written")):
        add(f"--price-{name}", type=price, default=0.0, metavar="MONEY",
            help=f"of a million tokens {what}")  # fmt: skip
    add("--utc-offset", type=offset, default=UTC, metavar="+HH:MM",
        help="tell times so far from UTC (default: UTC)")  # fmt: skip


def run(chosen: argparse.Namespace) -> int:
    with sync.Journal(chosen.journal, create=False) as journal:
        is_running = journal.database.is_held()
        jobs = [
            job
            for job in sync.status(journal)
            if chosen.channel in (None, job.channel)
            and chosen.language in (None, job.language)
        ]
        if not jobs:
            sync.only_scope(journal, chosen.channel, chosen.language)  # which says why
        if chosen.json:
            found = [as_json(job, chosen) for job in jobs]
            show_json({"is_running": is_running, "jobs": found}, indent=2)
        else:
            running = "a run is at work" if is_running else "no run is at work"
            show("\n".join([*(as_text(job, chosen) for job in jobs), running]))
    return 0


def as_json(job: JobStatus, chosen: argparse.Namespace) -> dict[str, Any]:
    """The status for programs."""
    return {
        **asdict(job),
        "failures": [one._asdict() for one in job.failures],
        "stale": [one._asdict() for one in job.stale],
        "drifted": [one._asdict() for one in job.drifted],
        "refused": [one._asdict() for one in job.refused],
        "twins": [one._asdict() for one in job.twins],
        "total": job.total,
        "waiting": job.waiting,
        "per_second": round(job.per_second, 4),
        "seconds_left": job.seconds_left,
        "finishes": _finishes(job, chosen),
        "cost": round(job.money(chosen.price_in or 0, chosen.price_out or 0), 6),
    }


def as_text(job: JobStatus, chosen: argparse.Namespace) -> str:
    """The status for a person, a line a fact."""
    counts = ", ".join(f"{n} {state}" for state, n in job.states.items() if n)
    lines = [f"{job.channel} in {job.language}: {job.total} products: {counts or 'none'}"]
    if job.gone:
        lines.append(f"  {job.gone} are no more in the source, and are not exported")
    if job.repeated:
        lines.append(f"  {job.repeated} had the id of an earlier one, and were left out")
    reused = f", {job.reused} taken from drafts that stood already" if job.reused else ""
    ended = f"{job.described} described, {job.failed} failed{reused}"
    lines.append(f"  last run: {ended} in {duration(job.seconds)}")
    if job.waiting and job.per_second:
        each = rate(job.described + job.failed, job.seconds)
        left = duration(job.seconds_left or 0)
        lines.append(f"  {each}: about {left} left, until {_finishes(job, chosen)}")
    if job.read_tokens or job.written_tokens:
        tokens = f"{job.read_tokens} tokens read, {job.written_tokens} written"
        money = job.money(chosen.price_in or 0, chosen.price_out or 0)
        lines.append(f"  {tokens}" + (f", which cost {money:.2f}" if money else ""))
    if job.near_duplicates:
        one = job.twins[0] if job.twins else None
        such = one and (
            f", such as {printable(one.product_id, 'name')} and "
            f"{printable(one.twin_id, 'name')} ({one.similarity:.2f})"
        )
        lines.append(f"  {job.near_duplicates} drafts are nearly another's{such or ''}")
    lines += _reasons("failed", job.failures)
    lines += _reasons("to be described again", job.stale)
    lines += _reasons("drifted", job.drifted)
    lines += _reasons("refused", job.refused)
    return "\n".join(lines)


def tell_estimate(found: Estimate, chosen: argparse.Namespace) -> None:
    """Print what the rest of a job will take, as an interval from low to high."""
    zone = chosen.utc_offset or UTC
    finishes = [moment(seconds, zone) for seconds in found.seconds]
    money = found.money(chosen.price_in or 0, chosen.price_out or 0)
    if chosen.json:
        show_json({
            **asdict(found),
            "preview_bytes": found.preview_bytes,
            "finishes": finishes,
            "cost": money,
        })  # fmt: skip
        return
    failed = f", {found.failed} of which failed" if found.failed else ""
    lines = [f"{found.sampled} products were described as a sample{failed}; they are kept"]
    lines.append(f"{found.left} are left")
    if found.left:
        low, high = found.seconds
        lines.append(f"  time: {duration(low)} to {duration(high)}")
        lines.append(f"  finished: {finishes[0]} to {finishes[1]}, if begun now")
        if found.read_tokens.high:
            lines.append("  tokens: {:.0f} to {:.0f} read, {:.0f} to {:.0f} written".format(
                *found.read_tokens, *found.written_tokens))  # fmt: skip
        lines += style_lines(found)
        if money.high:
            lines.append(f"  cost: {money.low:.2f} to {money.high:.2f}")
        if found.photos and not chosen.no_previews:
            lines.append(
                f"  previews: about {found.preview_bytes / 1e6:.0f} MB on the disk"
            )
    show("\n".join(lines))


def style_lines(found: Estimate) -> list[str]:
    """What of the tokens is the style's; a server bills all that a request begins with."""
    lines = []
    if found.style_once:
        lines.append(
            f"    of which the style: about {found.style_once}, read once a job; a server "
            "without a cache of prompts reads and bills them for each product"
        )
    if found.style_each:
        lines.append(
            f"    of which the style: about {found.style_each} for each product, at most "
            "(a set of examples a category)"
        )
    return lines


def _reasons(what: str, reasons: tuple[Reason, ...]) -> list[str]:
    lines = []
    for kind, number, example in reasons[:SHOWN]:
        detail = f", such as {message_line(example)}" if example not in ("", kind) else ""
        lines.append(f"  {number} {what}: {message_line(kind)}{detail}")
    if len(reasons) > SHOWN:
        lines.append(f"  {what}: {len(reasons) - SHOWN} more reasons (--json)")
    return lines


def _finishes(job: JobStatus, chosen: argparse.Namespace) -> str | None:
    if job.seconds_left is None:
        return None
    return moment(job.seconds_left, chosen.utc_offset or UTC)


def moment(seconds: float, zone: timezone) -> str:
    """The time so many seconds from now."""
    when = datetime.now(zone) + timedelta(seconds=seconds)
    return f"{when:%Y-%m-%d %H:%M} {'UTC' if zone is UTC else zone.tzname(None)}"


def price(text: str) -> float:
    """Money per million tokens."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise argparse.ArgumentTypeError(
            f"{quoted(text, 'value')} is no price of a million tokens, such as 0.15"
        )
    return float(text)


def offset(text: str) -> timezone:
    """`+02:00` as a time zone."""
    match = re.fullmatch(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])", text)
    if not match:
        raise argparse.ArgumentTypeError(
            f"{quoted(text, 'value')} is no offset from UTC, such as +02:00"
        )
    delta = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-delta if match[1] == "-" else delta)
