"""Undo: give a shop back the texts that stood there before `publish`, as it stored them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Unpack

from ...catalogs.output.guarded_writes import GuardedSink, Held, Planned
from ...catalogs.protocol import Edit, Saved
from ...records import Product
from ..journal import Journal
from ..stored import product_of
from .leases import LEASE_SECONDS, Lease, MachineClock, leased
from .publish import CHUNK, PublishOptions, check_sink, scope_of
from .write_log import PublishOutcome, intend, note_answer
from .writer import Writer


class Former(NamedTuple):
    """What was written of one product, and what stood there before.

    texts: by field and target the former text, and the one that the shop was seen to store
    last. numbers: of the edits of the journal that these are.
    """

    row: int
    product: Product
    digest: str
    texts: Mapping[tuple[str, str], tuple[str, str]]
    numbers: Mapping[tuple[str, str], Sequence[tuple[int, int]]]


def undo(
    journal: Journal,
    sink: GuardedSink,
    since: datetime,
    *,
    channel: str | None = None,
    language: str | None = None,
    **options: Unpack[PublishOptions],
) -> Iterator[PublishOutcome]:
    """Take back what was published to a shop since then: an outcome for each product.

    sink: with `apply=True`; without, each outcome says what would be restored. Each field
    gets the text that stood there before the first of these writes, as the shop stored it.
    A field that somebody changed since is `drift`, listed and not touched. What was taken
    back is refused from then on: it is published again only when it is approved again.
    since: with a time zone, else it is UTC.
    Raises what `publish` raises.
    """
    check_sink(sink)
    when = since if since.tzinfo else since.replace(tzinfo=UTC)
    scope = scope_of(journal, sink, channel, language)
    return _undo(journal, sink, when.astimezone(UTC), scope, options)


def _undo(
    journal: Journal,
    sink: GuardedSink,
    since: datetime,
    scope: tuple[str, str],
    options: PublishOptions,
) -> Iterator[PublishOutcome]:
    clock = options.get("clock") or MachineClock()
    make = options.get("lease") or Lease
    if not sink.apply:
        lease = Lease(journal, sink.place, 0, clock)
        undoer = Undoer(journal, sink, lease, language=scope[1])
        for chunk in _chunks(formers(journal, sink.place, since, scope)):
            yield from undoer.undo(chunk)
        return
    seconds = options.get("lease_seconds", LEASE_SECONDS)
    with leased(journal, sink.place, seconds=seconds, clock=clock, make=make) as lease:
        undoer = Undoer(journal, sink, lease, options.get("settle_seconds"), scope[1])
        for ended in undoer.resolve():
            if ended.verb == "undo":
                yield ended.outcome
        stop = options.get("stop")
        for chunk in _chunks(formers(journal, sink.place, since, scope)):
            if stop is not None and stop.is_set():
                return
            yield from undoer.undo(chunk)


def formers(
    journal: Journal, shop: str, since: datetime, scope: tuple[str, str]
) -> list[Former]:
    """What was published since then and was not taken back yet, by product."""
    found = journal.database.rows(
        """SELECT writes.row, product, writes.digest, field, target, before, stored,
               writes.id, number
           FROM write_edits JOIN writes ON writes.id = write_edits.write
           JOIN rows ON rows.id = writes.row
           WHERE shop = ? AND verb = 'publish' AND at >= ? AND stored IS NOT NULL
           AND undone = 0 AND channel = ? AND language = ?
           ORDER BY writes.row, writes.id, number""",
        *(shop, since.isoformat(timespec="milliseconds"), *scope),
    )
    rows: dict[int, Former] = {}
    for row, product, digest, field, target, before, stored, write, number in found:
        key = (str(field), str(target))
        number_of_row = int(str(row))
        known = rows.get(number_of_row)
        texts: dict[tuple[str, str], tuple[str, str]] = dict(known.texts) if known else {}
        numbers = dict(known.numbers) if known else {}
        texts[key] = (texts[key][0] if key in texts else str(before), str(stored))
        one = (int(str(write)), int(str(number)))
        numbers[key] = (*numbers.get(key, ()), one)
        known_product = known.product if known else product_of(str(product))
        rows[number_of_row] = Former(
            number_of_row, known_product, str(digest), texts, numbers
        )
    return [*rows.values()]


class Undoer(Writer):
    """Restores former texts by the rules of the writer: intents, read-back, a lease."""

    _wanted: dict[str, tuple[Former, list[Edit]]]

    def undo(self, chunk: Sequence[Former]) -> Iterator[PublishOutcome]:
        """Restore what stands as it was written; what else there is, is said."""
        held = self.sink.look([one.product.id for one in chunk])
        self._wanted = {}
        for one in chunk:
            key = one.product.id
            now = held.get(key)
            if now is None:
                why = "the shop has this product no more"
                yield PublishOutcome(key, "refused", (), why)
                continue
            edits, drifted = self._split(one, now)
            if drifted:
                names = ", ".join(sorted({edit.field for edit in drifted}))
                why = f"somebody changed {names} in the shop since it was published"
                yield PublishOutcome(key, "drift", tuple(drifted), why)
            if edits:
                self._wanted[key] = (one, edits)
        yield from self._restore()

    def admit(self, planned: Sequence[Planned]) -> list[str]:
        """Commit what is about to be restored, where it still stands as it was written."""
        whys = []
        with self.journal.database.transaction() as connection:
            if self.sink.apply:
                self.lease.fence(connection)
            for one in planned:
                former, _ = self._wanted.get(one.product_id, (None, None))
                if former is None:
                    whys.append("is not among what is taken back now")
                    continue
                changed = [
                    edit.field
                    for edit in one.edits
                    if (edit.field, edit.target) in former.texts
                    and not self._is_as_written(former, edit, one.held)
                ]
                whys.append(
                    f"somebody changed {', '.join(changed)} in this moment" if changed
                    else ""
                )  # fmt: skip
                if self.sink.apply and not changed:
                    self._intend(connection, former, one)
        return whys

    def _intend(self, connection: Any, former: Former, planned: Planned) -> None:
        write = intend(
            connection, self.lease, former.row, "undo", former.digest, planned.edits
        )
        self._admitted[former.row] = write
        for edit in planned.edits:
            for of, number in former.numbers.get((edit.field, edit.target), ()):
                connection.execute(
                    "UPDATE write_edits SET undone = ? WHERE write = ? AND number = ?",
                    (-write, of, number),
                )

    def _restore(self) -> Iterator[PublishOutcome]:
        self._admitted = {}
        wanted = [(key, edits) for key, (_, edits) in self._wanted.items()]
        results = list(zip(wanted, self.sink.restore(wanted), strict=True))
        for (key, edits), saved in results:
            row = self._wanted[key][0].row
            if row not in self._admitted:
                state = saved.status if saved.status == "planned" else "refused"
                yield PublishOutcome(key, state, tuple(edits), saved.reason)
            elif left := tuple(e for e in edits if e not in saved.edits):
                yield PublishOutcome(key, "refused", left, saved.reason)
        if self._admitted:
            self._note_answers([saved for _, saved in results])
            for ended in self.resolve():
                yield ended.outcome

    def _note_answers(self, results: Sequence[Saved]) -> None:
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            for saved, (former, _) in zip(results, self._wanted.values(), strict=True):
                write = self._admitted.get(former.row)
                if write is not None and saved.status in ("written", "collateral"):
                    note_answer(connection, write)

    def _split(self, one: Former, held: Held) -> tuple[list[Edit], list[Edit]]:
        """What is to be restored, and what somebody changed since."""
        edits: list[Edit] = []
        drifted: list[Edit] = []
        for (field, target), (before, stored) in one.texts.items():
            now = held.values.get((field, target), "")
            edit = Edit(field, now, before, target)
            if now == before:
                continue
            is_ours = now == stored or self.sink.is_same(field, now, stored)
            (edits if is_ours else drifted).append(edit)
        return edits, drifted

    def _is_as_written(self, former: Former, edit: Edit, held: Held) -> bool:
        _, stored = former.texts[edit.field, edit.target]
        now = held.values.get((edit.field, edit.target), "")
        return now == stored or self.sink.is_same(edit.field, now, stored)


def _chunks(found: Sequence[Former]) -> Iterator[Sequence[Former]]:
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]
