"""Enact: a decision about one row, in the transaction that its caller holds.

To add a verb that a person may choose: one row in `VERBS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...errors import ClashError
from ..searching.facets import note_draft
from ..searching.queue_order import weigh
from ..stored import id_text
from .decision_log import Change, RowState, note_decision
from .edited_text import TextPair


class Verb(NamedTuple):
    """What a decision does. `state`: in which it leaves its row, from one of `of`.

    `kind`: that of the row from then.
    """

    state: str
    of: frozenset[str]
    kind: str = ""


_OPEN = frozenset({"generated", "approved", "refused"})
_ANY = frozenset({"new", *_OPEN, "done", "drift", "ignored", "dead", "unchanged"})

VERBS: Mapping[str, Verb] = {
    "approve": Verb("approved", _OPEN - {"approved"}),
    "refuse": Verb("refused", _OPEN, "refused"),
    "edit": Verb("generated", _OPEN),
    "reopen": Verb("generated", frozenset({"approved", "refused"})),
    "ignore": Verb("ignored", _ANY - {"ignored"}),
    "heed": Verb("new", frozenset({"ignored"})),
}
"""What a person may decide. A row whose writing is under way is decided about later."""

ASK_AGAIN = "ask again"
TAKE_BACK = "take back"
_KNOWN = {**VERBS, ASK_AGAIN: Verb("new", _OPEN, "asked again")}


class DecidedBy(NamedTuple):
    """What a person says with a decision; `rule`: that by which many are decided."""

    who: str = ""
    reason: str = ""
    rule: str = ""
    batch: int = 0


def check_stands(was: RowState, digest: str, verb: str, shown: str) -> None:
    """`ClashError` where a row is not what was seen, or takes no such decision now."""
    if was.digest != digest:
        raise ClashError(
            f"{shown}: is not what you saw any more, since it was described or "
            "edited again; look at it again"
        )
    if was.state not in (of := _KNOWN[verb].of):
        raise ClashError(
            f"{shown}: is {was.state}, and {verb} is for what is {', '.join(sorted(of))}"
        )


def enact(
    connection: sqlite3.Connection,
    was: RowState,
    verb: str,
    *,
    at: str,
    by: DecidedBy,
    text: str = "",
    pairs: Sequence[TextPair] = (),
) -> int:
    """Note a decision and what it does; its number. text: an edited draft, as JSON."""
    known = _KNOWN[verb]
    draft = _replace_draft(connection, was.row, text, at) if text else was.draft
    number = note_decision(
        connection,
        (was.row, was.draft, was.digest),
        verb,
        at=at,
        who=by.who,
        reason=by.reason,
        rule=by.rule,
        change=Change(was, known.state, draft, by.batch),
    )
    connection.executemany(
        "INSERT INTO text_edits(decision, field, item, model, person) "
        "VALUES(?, ?, ?, ?, ?)",
        [(number, *pair) for pair in pairs],
    )
    set_row(connection, was.row, known.state, known.kind, by.reason, at)
    if verb == "heed":  # its source is asked anew
        connection.execute("UPDATE rows SET key = '' WHERE id = ?", (was.row,))
    if verb == "approve":
        set_approved(connection, was.row, was.digest)
    return number


def set_row(
    connection: sqlite3.Connection, row: int, state: str, kind: str, reason: str, at: str
) -> None:
    """Lead a row into a state by a decision."""
    connection.execute(
        "UPDATE rows SET state = ?, kind = ?, reason = ?, updated = ? WHERE id = ?",
        (state, kind, id_text(reason), at, row),
    )


def set_approved(connection: sqlite3.Connection, row: int, digest: str) -> None:
    """Note what was seen when a row was last approved."""
    connection.execute("UPDATE rows SET approved_digest = ? WHERE id = ?", (digest, row))
    weigh(connection, (row,))


def next_number(connection: sqlite3.Connection) -> int:
    """The number of the next decision in this transaction; none is ever deleted."""
    statement = "SELECT coalesce(max(id), 0) + 1 FROM decisions"
    return int(connection.execute(statement).fetchone()[0])


def _replace_draft(connection: sqlite3.Connection, row: int, text: str, at: str) -> int:
    draft = connection.execute(
        """INSERT INTO drafts(row, key, run, made, seconds, read_tokens, written_tokens,
               description) SELECT id, key, run, ?, 0, 0, 0, ? FROM rows WHERE id = ?""",
        (at, text, row),
    ).lastrowid
    assert draft is not None
    note_draft(connection, row, draft, text)
    connection.execute("UPDATE rows SET draft = ? WHERE id = ?", (draft, row))
    return draft
