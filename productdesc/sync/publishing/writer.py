"""Writer of batches into a live shop: intents before, read-back after, doubts resolved.

It is the sink's guard: at the last moment before a batch leaves it looks for drift, and
commits what is about to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...catalogs.output.guarded_writes import GuardedSink, Held, Planned
from ...catalogs.protocol import Saved, save_all
from ..deciding.decision_log import note_decision
from ..journal import Journal
from .drift import why_drifted
from .leases import Lease
from .write_log import (
    Attempt,
    Ended,
    add_edits,
    compare,
    end,
    end_undo,
    in_doubt,
    intend,
    note_answer,
    published_digest,
    set_state,
    waits,
)


class Writer:
    """Writes for one call of `publish`; commits as holder of the lease only.

    language: of the rows; what is in doubt in others is left to a call for them. None: all.
    """

    def __init__(
        self,
        journal: Journal,
        sink: GuardedSink,
        lease: Lease,
        settle_seconds: float | None = None,
        language: str | None = None,
    ) -> None:
        self.journal = journal
        self.sink = sink
        self.lease = lease
        self.settle_seconds = (
            sink.settle_seconds if settle_seconds is None else settle_seconds
        )
        self._language = language
        self._rows: dict[str, Any] = {}
        self._admitted: dict[int, int] = {}
        self._drifted: dict[int, str] = {}
        sink.guard(self)

    # ---- the sink's guard ---------------------------------------------------------------

    def check(self) -> None:
        """Called before each request that changes something."""
        self.lease.check()

    def admit(self, planned: Sequence[Planned]) -> list[str]:
        """Look for drift, and commit what is about to be written; why not, for each."""
        whys: list[str] = []
        todo: list[tuple[int, Any, Planned]] = []
        for place, one in enumerate(planned):
            row = self._rows.get(one.product_id)
            if row is None:
                whys.append("is not among what is published now")
                continue
            shop = self.sink.place
            if why := why_drifted(self.journal, shop, row.row, row.product, one):
                self._drifted[row.row] = why
            else:
                todo.append((place, row, one))
            whys.append(why)
        if self.sink.apply:
            for place in self.commit_intents(todo):
                whys[place] = "is not what was approved any more"
        return whys

    def commit_intents(self, todo: Sequence[tuple[int, Any, Planned]]) -> list[int]:
        """Commit intents before their request leaves; the places of those that may not."""
        lost: list[int] = []
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            at = self.journal.now()
            for place, row, planned in todo:
                changed = connection.execute(
                    """UPDATE rows SET state = 'intent', updated = ?
                       WHERE id = ? AND state = 'approved' AND draft = ?""",
                    (at, row.row, row.draft),
                ).rowcount
                if not changed:
                    lost.append(place)
                    continue
                self._admitted[row.row] = intend(
                    connection,
                    self.lease,
                    row.row,
                    "publish",
                    row.approved_digest,
                    planned.edits,
                )
        return lost

    # ---- a batch ------------------------------------------------------------------------

    def publish(self, ready: Sequence[Any]) -> list[Ended]:
        """Write a batch, read it back; what became of each that is known."""
        self._rows = {one.product.id: one for one in ready}
        self._admitted, self._drifted = {}, {}
        pairs = ((one.product, one.description) for one in ready)
        results = list(zip(ready, save_all(self.sink, pairs), strict=True))
        if not self.sink.apply:
            same = [one.product.id for one, s in results if s.status == "unchanged"]
            there = self.read_back(same)
            return [
                self._planned(one, saved, there.get(one.product.id))
                for one, saved in results
            ]
        self._commit_answers(results)
        known = [(one, saved) for one, saved in results if saved.status != "unknown"]
        ids = [one.product.id for one, saved in known if self._is_read(one, saved)]
        held = self.read_back(ids)
        attempts = {one.write: one for one in in_doubt(self.journal, self.lease)}
        ended: list[Ended] = []
        for one, saved in known:
            write = self._admitted.get(one.row)
            attempt = attempts.get(write) if write is not None else None
            now = held.get(one.product.id)
            if attempt:
                ended.append(self._settle(attempt, now, saved.reason, saved.status))
            else:
                ended.append(self._unwritten(one, saved, now))
        return ended

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What the shop holds of these now."""
        return self.sink.look(ids) if ids else {}

    def _is_read(self, one: Any, saved: Saved) -> bool:
        return one.row in self._admitted or saved.status == "unchanged"

    def _planned(self, one: Any, saved: Saved, held: Held | None) -> Ended:
        why = self._why_drifted(one, saved, held)
        state = "drift" if why else saved.status
        return Ended.publish(
            one.row, one.product.id, state, saved.edits, why or saved.reason
        )

    def _why_drifted(self, one: Any, saved: Saved, held: Held | None) -> str:
        """Why a product of which no request left is drift; "": it is none."""
        row = one.row
        if (why := self._drifted.get(row, "")) or not held or saved.status != "unchanged":
            return why
        planned = Planned(one.product.id, (), saved.untouched, held)
        return why_drifted(self.journal, self.sink.place, row, one.product, planned)

    def _commit_answers(self, results: Sequence[tuple[Any, Saved]]) -> None:
        """Note what the shop said it has written, and what changed with it."""
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            for one, saved in results:
                write = self._admitted.get(one.row)
                if write is None or saved.status not in ("written", "collateral"):
                    continue
                set_state(connection, one.row, "written", self.journal.now())
                note_answer(connection, write)
                known = connection.execute(
                    "SELECT field, target FROM write_edits WHERE write = ?", (write,)
                ).fetchall()
                more = [e for e in saved.edits if (e.field, e.target) not in known]
                add_edits(connection, write, more)

    def _unwritten(self, one: Any, saved: Saved, held: Held | None) -> Ended:
        """A product of which no request left: drift, nothing to write, or a refusal."""
        row, product_id = one.row, one.product.id
        if why := self._why_drifted(one, saved, held):
            self.lead(row, "drift", "drift", why)
            return Ended.publish(row, product_id, "drift", saved.edits, why)
        if saved.status == "planned":  # it was decided about anew in this moment
            [[state]] = self.journal.database.rows(
                "SELECT state FROM rows WHERE id = ?", row
            )
            return Ended.publish(row, product_id, str(state), (), saved.reason)
        if saved.status == "unchanged":
            state = "unchanged" if saved.untouched else "done"
            reason = saved.reason or (
                f"the merchant's own words stay: {', '.join(saved.untouched)}"
                if saved.untouched
                else ""
            )
            self.lead(row, state, "", reason)
            return Ended.publish(row, product_id, state, (), reason)
        self.lead(row, "refused", "shop", saved.reason)
        return Ended.publish(row, product_id, "refused", saved.edits, saved.reason)

    def lead(self, row: int, state: str, kind: str, reason: str) -> None:
        """Lead a row into a state, in a commit of its own."""
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            at = self.journal.now()
            set_state(connection, row, state, at, kind=kind, reason=reason)

    # ---- what is in doubt ---------------------------------------------------------------

    def resolve(self) -> list[Ended]:
        """Read back every write without an end, and end it; nothing else is sent before.

        The shop is given its time first, counted from when the write was committed, also
        for what is in doubt in another language.
        """
        others = in_doubt(self.journal, self.lease)
        doubts = [one for one in others if self._language in (None, one.language)]
        if left := waits(others, doubts, self.settle_seconds):
            self.sink.settle(max(left))
        ended: list[Ended] = []
        for start in range(0, len(doubts), 100):
            part = doubts[start : start + 100]
            held = self.read_back([one.product.id for one in part])
            for one in part:
                now = held.get(one.product.id)
                if one.verb == "undo":
                    ended.append(self._settle_undo(one, now))
                else:
                    why = "the shop did not answer, and was seen not to have written it"
                    ended.append(self._settle(one, now, why, "unknown"))
        return ended

    def _settle(
        self, attempt: Attempt, held: Held | None, reason: str, status: str
    ) -> Ended:
        """End a write by what the shop holds: done, to be written again, drift, refused."""
        at = self.journal.now()
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            row = attempt.row
            if held is None:
                why = "the shop has this product no more"
                end(connection, attempt, "gone", at)
                set_state(connection, row, "refused", at, kind="shop", reason=why)
                return Ended.publish(row, attempt.product.id, "refused", attempt.edits, why)
            seen = compare(self.sink, attempt.edits, held)
            kind = ""
            if not seen.not_stored and not seen.others:
                outcome = state = "done"
                reason = "" if status == "unknown" else reason
            elif status == "refused":
                outcome, state, kind = "refused", "refused", "shop"
            elif seen.others:
                names = ", ".join(sorted({e.field for e in seen.others}))
                outcome, state, kind = "drift", "drift", "drift"
                reason = f"the shop holds another text than was written: {names}"
            else:
                outcome, state = "not written", "approved"
            end(connection, attempt, outcome, at, seen.stored, held.values)
            set_state(connection, row, state, at, kind=kind, reason=reason)
            if state == "done":
                connection.execute(
                    "UPDATE rows SET published_digest = ? WHERE id = ?",
                    (published_digest(attempt.product, held, attempt.edits), row),
                )
        return Ended.publish(row, attempt.product.id, state, attempt.edits, reason)

    def _settle_undo(self, attempt: Attempt, held: Held | None) -> Ended:
        """End an undo by what the shop holds; the rest may be tried again."""
        at = self.journal.now()
        with self.journal.database.transaction() as connection:
            self.lease.fence(connection)
            edits = attempt.edits
            if held is None:
                end(connection, attempt, "gone", at)
                end_undo(connection, attempt, ())
                return Ended.undo(attempt, "refused", "the shop has it no more")
            seen = compare(self.sink, edits, held, exact=True)
            lost = (*seen.not_stored, *seen.others)
            outcome = "not written" if lost else "done"
            end(connection, attempt, outcome, at, seen.stored, held.values)
            end_undo(connection, attempt, seen.stored)
            if seen.stored:
                note_decision(
                    connection, (attempt.row, None, attempt.digest), "undo", at=at
                )
            if lost:
                names = ", ".join(sorted({edit.field for edit in lost}))
                why = f"the shop holds no former text after it: {names}"
                return Ended.undo(attempt, "refused", why)
            connection.execute(
                """UPDATE rows SET state = 'refused', kind = 'undone', updated = ?,
                       reason = 'published, and taken back'
                   WHERE id = ? AND state IN ('done', 'drift')""",
                (at, attempt.row),
            )
        return Ended.undo(attempt, "undone", "")
