"""Publish: what is approved into a live shop, each write read back before it is done.

    commit intents -> send -> commit what was answered -> read back -> commit done

What a run that died left in doubt is read back before anything else is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypedDict, Unpack

from ...catalogs.output.guarded_writes import GuardedSink, LanguageSink, place_of_language
from ...records import Description, Product
from ..deciding.decisions import approve_rows, to_approve
from ..deciding.matching import Match
from ..job_status import only_scope
from ..journal import Journal
from ..searching.facets import seen_digest
from ..searching.where_grammar import Where, parse_where
from ..stored import description_of, product_of
from .leases import LEASE_SECONDS, Lease, MachineClock, MakeLease, leased
from .write_log import PublishOutcome, in_doubt
from .writer import Writer

CHUNK = 100
"""Products that are read, written and read back at a time."""
ATTEMPTS = 3
"""At one product in one call, where the shop does not answer."""


class PublishOptions(TypedDict, total=False):
    """
    model: `Description[Label]` where it was described by a schema of your own.
    settle_seconds: how long the shop may be at work on a request of a run that died;
        None: the sink's own.
    stop: once this event is set, no batch is begun any more.
    lease_seconds, clock, lease, writer: for tests.
    """

    model: Any
    settle_seconds: float | None
    stop: threading.Event | None
    lease_seconds: float
    clock: MachineClock
    lease: MakeLease
    writer: type[Writer]


class Candidate(NamedTuple):
    """One row that is to be published, as it was approved; its product in its language."""

    row: int
    product: Product
    description: Description[Any]
    draft: int
    text: str
    approved_digest: str


def publish(
    journal: Journal,
    sink: GuardedSink,
    *,
    auto_approve: str = "",
    who: str = "",
    channel: str | None = None,
    language: str | None = None,
    **options: Unpack[PublishOptions],
) -> Iterator[PublishOutcome]:
    """Write what is approved to a live shop: an outcome for each, once it is committed.

    sink: with `apply=True`; without, nothing is written, to the shop or the journal, and
    each outcome is what would be. auto_approve: approve first what this rule holds of;
    that is noted as a decision of `who`. language: where it is not named and the journal
    has several, that of the sink.
    What a person changed in the shop since it was read is drift, and stays. The same call
    goes on after a kill: what is in doubt is read back first, once the shop had
    `settle_seconds`.
    Raises `ValueError` for a wrong rule and for a sink that is no live shop's,
    `CatalogError`, `JournalError` (also where another process is at work).
    """
    check_sink(sink)
    rule = parse_where(auto_approve) if auto_approve else None
    scope = scope_of(journal, sink, channel, language)
    check_language(journal, sink, scope)
    return Publisher(journal, sink, scope, options).run(rule, who)


def check_sink(sink: object) -> None:
    """Raises `ValueError` for a sink that cannot be published to."""
    if not isinstance(sink, GuardedSink):
        raise ValueError(
            f"{type(sink).__name__} is not of a live shop; a file is written by "
            "`productdesc sync export`, and imported by you"
        )


def scope_of(
    journal: Journal, sink: GuardedSink, channel: str | None, language: str | None
) -> tuple[str, str]:
    """The job that is meant; where several could be, that in the sink's own language.

    Raises `JournalError`.
    """
    own = getattr(sink, "language", "")
    if language is None and own:
        meant = [
            scope
            for scope in journal.scopes()
            if scope[1] == own and channel in (None, scope[0])
        ]
        if len(meant) == 1:
            return meant[0]
    return only_scope(journal, channel, language)


def check_language(journal: Journal, sink: GuardedSink, scope: tuple[str, str]) -> None:
    """A translation goes into its own language and nowhere else.

    Raises `ValueError` for a sink of another one, `CatalogError` where the shop has it not,
    or does not let us read which it has.
    """
    language = scope[1]
    last = journal.database.rows(
        "SELECT product FROM rows WHERE channel = ? AND language = ? "
        "ORDER BY id DESC LIMIT 1",
        *scope,
    )
    if not last or language not in product_of(str(last[0][0])).translations:
        return
    own = getattr(sink, "language", "")
    if own.casefold() != language.casefold():
        raise ValueError(
            f"the job's copy in {language!r} is a translation, and the sink is of "
            f"{own or 'the default language'!r}; give it language={language!r}"
        )
    if isinstance(sink, LanguageSink):
        place_of_language(sink)


class Publisher:
    """One call of `publish`."""

    def __init__(
        self,
        journal: Journal,
        sink: GuardedSink,
        scope: tuple[str, str],
        options: PublishOptions,
    ) -> None:
        self.journal = journal
        self.sink = sink
        self.scope = scope
        self.model = options.get("model") or Description
        self.stop = options.get("stop")
        self.settle_seconds = options.get("settle_seconds")
        self.lease_seconds = options.get("lease_seconds", LEASE_SECONDS)
        self.clock = options.get("clock") or MachineClock()
        self.make_lease = options.get("lease") or Lease
        self.make_writer = options.get("writer") or Writer

    def run(self, rule: Where | None, who: str) -> Iterator[PublishOutcome]:
        if not self.sink.apply:
            yield from self._dry_run(rule)
            return
        with leased(
            self.journal,
            self.sink.place,
            seconds=self.lease_seconds,
            clock=self.clock,
            make=self.make_lease,
        ) as lease:
            writer = self.writer(lease)
            yield from self._ended(writer)
            if rule:
                found = to_approve(self.journal, self.scope, rule)
                approve_rows(self.journal, found, rule.text, who=who)
            yield from self._write_all(writer)

    def writer(self, lease: Lease) -> Writer:
        return self.make_writer(
            self.journal, self.sink, lease, self.settle_seconds, self.scope[1]
        )

    def _write_all(self, writer: Writer) -> Iterator[PublishOutcome]:
        """Every approved row, again where the shop did not answer."""
        last: dict[int, str] = {}
        for _ in range(ATTEMPTS):
            after, last = 0, {}
            while not self._is_stopped():
                chunk = self._approved(after)
                if not chunk:
                    break
                after = chunk[-1].row
                for row, outcome in self._publish(writer, chunk):
                    if outcome.state == "approved":
                        last[row] = outcome.reason
                    else:
                        yield outcome
            if not last or self._is_stopped():
                break
        for row, reason in last.items():
            [[product_id]] = self.journal.database.rows(
                "SELECT product_id FROM rows WHERE id = ?", row
            )
            yield PublishOutcome(str(product_id), "approved", (), reason)

    def _publish(
        self, writer: Writer, chunk: Sequence[Candidate]
    ) -> Iterator[tuple[int, PublishOutcome]]:
        ready = []
        for one in chunk:
            if self.is_as_approved(one):
                ready.append(one)
            else:
                reason = "is not what was approved any more; look at it again"
                writer.lead(one.row, "generated", "changed", reason)
                yield (
                    one.row,
                    PublishOutcome(one.product.id, "generated", (), reason),
                )
        if ready:
            for ended in (*writer.publish(ready), *writer.resolve()):
                yield ended.row, ended.outcome

    def is_as_approved(self, one: Candidate) -> bool:
        """Whether the draft is what was seen when it was approved."""
        return seen_digest(one.text) == one.approved_digest

    def _ended(self, writer: Writer) -> Iterator[PublishOutcome]:
        """What a former run left in doubt, once it is known."""
        for ended in writer.resolve():
            if ended.verb == "publish" and ended.outcome.state != "approved":
                yield ended.outcome

    def _approved(self, after: int) -> list[Candidate]:
        found = self.journal.database.rows(
            """SELECT rows.id, product, description, rows.draft, approved_digest
               FROM rows JOIN drafts ON drafts.id = rows.draft
               WHERE channel = ? AND language = ? AND state = 'approved' AND rows.id > ?
               ORDER BY rows.id LIMIT ?""",
            *(*self.scope, after, CHUNK),
        )
        return [self._candidate(*one) for one in found]

    def _candidate(
        self, row: Any, product: Any, text: Any, draft: Any, digest: Any
    ) -> Candidate:
        description = description_of(str(text), self.model)
        known = product_of(str(product)).in_language(self.scope[1])
        return Candidate(int(row), known, description, int(draft), str(text), str(digest))

    def _is_stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    # ---- a dry run ----------------------------------------------------------------------

    def _dry_run(self, rule: Where | None) -> Iterator[PublishOutcome]:
        lease = Lease(self.journal, self.sink.place, 0, self.clock)
        for doubt in in_doubt(self.journal, lease):
            if doubt.language != self.scope[1]:
                continue
            reason = "is in doubt; it is read back before anything is written"
            yield PublishOutcome(doubt.product.id, "intent", doubt.edits, reason)
        writer = self.writer(lease)
        also: list[Match] = to_approve(self.journal, self.scope, rule) if rule else []
        ruled = {match.row for match in also}
        ids = sorted({*self._approved_ids(), *ruled})
        for start in range(0, len(ids), CHUNK):
            if self._is_stopped():
                return
            chunk = [self._row(row) for row in ids[start : start + CHUNK]]
            ready = []
            for one in chunk:
                approved = one.approved_digest
                if one.row in ruled or seen_digest(one.text) == approved:
                    ready.append(one)
                    continue
                reason = "is not what was approved any more; look at it again"
                yield PublishOutcome(one.product.id, "generated", (), reason)
            for ended in writer.publish(ready) if ready else ():
                yield ended.outcome

    def _approved_ids(self) -> list[int]:
        found = self.journal.database.rows(
            "SELECT id FROM rows WHERE channel = ? AND language = ? AND state = 'approved'",
            *self.scope,
        )
        return [int(str(row)) for [row] in found]

    def _row(self, row: int) -> Candidate:
        [one] = self.journal.database.rows(
            """SELECT rows.id, product, description, rows.draft, approved_digest
               FROM rows JOIN drafts ON drafts.id = rows.draft WHERE rows.id = ?""",
            row,
        )
        return self._candidate(*one)
