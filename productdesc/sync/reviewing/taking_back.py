"""Taking back: rows are again as they were before a decision, or a bulk of them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ...errors import ClashError, NotThereError
from ..deciding.decision_log import Change, RowState, note_decision, row_state
from ..deciding.enact import ASK_AGAIN, TAKE_BACK, next_number, set_approved, set_row
from ..journal import Journal
from ..searching.facets import refresh_facets

CHUNK = 500
"""Decisions that one commit takes back."""


class Former(NamedTuple):
    """A decision that is to be taken back: what it left, and how the row was before."""

    number: int
    row: int
    verb: str
    state: str
    draft: int | None
    was_state: str
    was_kind: str
    was_reason: str
    was_draft: int | None
    was_approved: str


_COLUMNS = """decisions.id, row, verb, decisions.state, left_draft, was_state, was_kind,
              was_reason, was_draft, was_approved"""


def take_back(
    journal: Journal,
    scope: tuple[str, str],
    number: int,
    *,
    who: str = "",
    is_bulk: bool = False,
) -> int:
    """Take back a decision, or a bulk by the number of its first; of how many rows.

    What somebody decided about since stays, and so does what was described, edited or
    published since. Raises `NotThereError`, and `ClashError` where all of it stays.
    """
    column = "batch" if is_bulk else "id"
    found = journal.database.rows(
        f"""SELECT {_COLUMNS} FROM decisions JOIN rows ON rows.id = decisions.row
            WHERE decisions.{column} = ? AND decisions.{column} <> 0
            AND verb <> ? AND channel = ? AND language = ? ORDER BY decisions.id""",
        *(number, TAKE_BACK, *scope),
    )
    what = "bulk" if is_bulk else "decision"
    if not found:
        raise NotThereError(f"there is no {what} {number} in this job to take back")
    formers = [Former(*columns) for columns in found]  # type: ignore[arg-type]
    count = batch = 0
    for start in range(0, len(formers), CHUNK):
        with journal.database.transaction() as connection:
            at = journal.now()
            for former in formers[start : start + CHUNK]:
                was = row_state(connection, former.row)
                if not _stands(connection, former, was):
                    continue
                if is_bulk and not batch:
                    batch = next_number(connection)
                _restore(connection, former, was, at=at, who=who, batch=batch)
                count += 1
    if not count:
        raise ClashError(
            f"{what} {number} cannot be taken back any more: since then something else was "
            "decided, or it was described, published or taken back; look at it again"
        )
    return count


def _stands(connection: sqlite3.Connection, former: Former, now: RowState) -> bool:
    """Whether nothing happened to a row since this decision that was not taken back."""
    if not former.was_state or now.draft != former.draft:
        return False
    if former.verb == ASK_AGAIN:
        is_open = connection.execute(
            """SELECT 1 FROM rows JOIN wishes ON wishes.id = rows.wish
               WHERE rows.id = ? AND wishes.decision = ?""",
            (former.row, former.number),
        ).fetchone()
        if not is_open or now.state not in ("new", "dead"):
            return False
    elif now.state != former.state:
        return False
    last = connection.execute(
        """SELECT max(id) FROM decisions WHERE row = ? AND verb <> ?
           AND NOT EXISTS(SELECT 1 FROM decisions AS later
                          WHERE later.undoes = decisions.id AND later.undoes <> 0)""",
        (former.row, TAKE_BACK),
    ).fetchone()[0]
    return bool(last == former.number)


def _restore(
    connection: sqlite3.Connection,
    former: Former,
    was: RowState,
    *,
    at: str,
    who: str,
    batch: int,
) -> None:
    note_decision(
        connection,
        (was.row, was.draft, was.digest),
        TAKE_BACK,
        at=at,
        who=who,
        change=Change(was, former.was_state, former.was_draft, batch, former.number),
    )
    reason = (former.was_kind, former.was_reason)
    set_row(connection, was.row, former.was_state, *reason, at)
    if former.verb == ASK_AGAIN:
        connection.execute("UPDATE rows SET wish = 0 WHERE id = ?", (was.row,))
    if former.was_draft is not None and former.was_draft != was.draft:
        [text] = connection.execute(
            "SELECT description FROM drafts WHERE id = ?", (former.was_draft,)
        ).fetchone()
        connection.execute(
            "UPDATE rows SET draft = ? WHERE id = ?", (former.was_draft, was.row)
        )
        refresh_facets(connection, was.row, former.was_draft, text)
    set_approved(connection, was.row, former.was_approved)
