"""Row end: how a row ended, with a draft, dead, or in need of nothing; as one commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from ...records import Description
from ..asking.wishes import end_wish, still_waits
from ..searching.facets import note_draft
from ..stored import Cost, Row, Scope, description_text, id_text


class RowEnd(NamedTuple):
    """How one row ended.

    state: "generated", with the draft as `text` (JSON); "dead"; "unchanged". is_reused:
    the draft stood already. kind: the reason without what is of this product alone.
    """

    scope: Scope
    row: Row
    state: str
    text: str = ""
    cost: Cost = Cost()
    is_reused: bool = False
    kind: str = ""
    reason: str = ""

    @classmethod
    def described(
        cls, scope: Scope, row: Row, description: Description[Any], cost: Cost
    ) -> RowEnd:
        """A draft that was written now."""
        return cls(scope, row, "generated", description_text(description), cost)

    @classmethod
    def failed(cls, scope: Scope, row: Row, kind: str, reason: str) -> RowEnd:
        """A failure; the row is dead until it is tried again or changes."""
        return cls(scope, row, "dead", kind=kind, reason=reason)


def commit_ends(connection: sqlite3.Connection, ends: Iterable[RowEnd], now: str) -> None:
    """Note how rows ended, those that still wait as they were given out."""
    for end in ends:
        if end.state == "generated":
            _generated(connection, end, now)
        else:
            _ended(connection, end, now)


def _generated(connection: sqlite3.Connection, end: RowEnd, now: str) -> None:
    scope, row, cost = end.scope, end.row, end.cost
    draft = connection.execute(
        """INSERT INTO drafts(row, key, run, made, seconds, read_tokens,
               written_tokens, description) VALUES(?,?,?,?,?,?,?,?)""",
        (row.id, row.key, scope.number, now, *cost, end.text),
    ).lastrowid
    assert draft is not None
    if still_waits(connection, row):
        state = note_draft(connection, row.id, draft, end.text)
        end_wish(connection, row, draft)
        connection.execute(
            """UPDATE rows SET state = ?, draft = ?, kind = ?, reason = ?, run = ?,
                   key = ?, attempts = attempts + ?, updated = ?, wish = 0
               WHERE id = ?""",
            (state.name, draft, state.kind, state.reason, scope.number,
             row.row_key, not end.is_reused, now, row.id),
        )  # fmt: skip
    count = "reused" if end.is_reused else "described"
    connection.execute(
        f"""UPDATE runs SET last = ?, {count} = {count} + 1,
                read_tokens = read_tokens + ?, written_tokens = written_tokens + ?
            WHERE id = ?""",
        (now, cost.read_tokens, cost.written_tokens, scope.number),
    )


def _ended(connection: sqlite3.Connection, end: RowEnd, now: str) -> None:
    scope, row = end.scope, end.row
    if still_waits(connection, row):
        reason = id_text(end.reason)
        connection.execute(
            """UPDATE rows SET state = ?, kind = ?, reason = ?, run = ?, key = ?,
                   attempts = attempts + 1, updated = ? WHERE id = ?""",
            (end.state, end.kind, reason, scope.number, row.row_key, now, row.id),
        )
    connection.execute(
        "UPDATE runs SET last = ?, failed = failed + ? WHERE id = ?",
        (now, end.state == "dead", scope.number),
    )
