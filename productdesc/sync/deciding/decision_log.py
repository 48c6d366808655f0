"""Decision log: who decided what, when, and about what was seen; only ever added to."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..journal import Journal
from ..stored import id_text
from .edited_text import TextPair

NOBODY = "unknown"
"""Who decided, where the system knows no name of its user."""

CHUNK = 500
"""Decisions that are read from the journal at a time."""


class RowState(NamedTuple):
    """A row as it stands, as far as decisions change it.

    `digest`: of what there is to see, "" where there is no draft.
    """

    row: int
    state: str
    kind: str
    reason: str
    draft: int | None
    approved_digest: str
    digest: str


class Change(NamedTuple):
    """What a decision did: the row as it was, and the state and draft that it left.

    `batch`: the first decision of its bulk; `undoes`: the one that it takes back.
    """

    was: RowState
    state: str
    draft: int | None
    batch: int = 0
    undoes: int = 0


def row_state(connection: sqlite3.Connection, row: int) -> RowState:
    """A row as it stands."""
    found = connection.execute(
        """SELECT rows.id, state, kind, reason, rows.draft, approved_digest,
               CASE WHEN state IN ('new', 'dead', 'unchanged') THEN ''
                    ELSE coalesce(facets.digest, '') END
           FROM rows LEFT JOIN facets ON facets.row = rows.id AND facets.draft = rows.draft
           WHERE rows.id = ?""",
        (row,),
    ).fetchone()
    return RowState(*found)


def note_decision(
    connection: sqlite3.Connection,
    about: tuple[int, int | None, str],
    verb: str,
    *,
    at: str,
    who: str = "",
    reason: str = "",
    rule: str = "",
    change: Change | None = None,
) -> int:
    """Add a decision; `about`: its row, draft and digest. They are never changed.

    change: what it did, so that it can be taken back.
    """
    row, draft, digest = about
    columns: dict[str, Any] = {
        "row": row,
        "at": at,
        "who": id_text(who) or user_name(),
        "verb": verb,
        "draft": draft,
        "digest": digest,
        "reason": id_text(reason),
        "rule": id_text(rule),
    }
    if change:
        was = change.was
        columns |= {
            "batch": change.batch,
            "undoes": change.undoes,
            "was_state": was.state,
            "was_kind": was.kind,
            "was_reason": was.reason,
            "was_approved": was.approved_digest,
            "was_draft": was.draft,
            "state": change.state,
            "left_draft": change.draft,
        }
    number = connection.execute(
        f"""INSERT INTO decisions({", ".join(columns)})
            VALUES({", ".join("?" * len(columns))})""",
        [*columns.values()],
    ).lastrowid
    assert number is not None
    return number


class Decision(NamedTuple):
    """One decision as it stands. `edits`: (field, place, model's text, person's text).

    `batch`: 0, or the number of the first decision of its bulk; `undoes`: 0, or the number
    of the decision that it takes back.
    """

    product_id: str
    at: str
    who: str
    verb: str
    digest: str
    reason: str
    rule: str
    edits: tuple[TextPair, ...]
    number: int = 0
    batch: int = 0
    undoes: int = 0


def decisions(journal: Journal, product_id: str | None = None) -> list[Decision]:
    """All decisions, or those about one product, in their order; for few."""
    return [*decision_trail(journal.database.rows, product_id)]


Rows = Callable[..., Sequence[Sequence[Any]]]
"""Reads all rows of a statement with its values."""


def decision_trail(
    rows: Rows,
    product_id: str | None = None,
    *,
    after: int = 0,
    scope: tuple[str, str] | None = None,
) -> Iterator[Decision]:
    """Decisions behind number `after` in their order, read as they are asked for.

    scope: of this channel and language alone.
    """
    asked, values = "", []
    if product_id is not None:
        asked, values = "AND product_id = ?", [id_text(product_id)]
    if scope is not None:
        asked, values = f"{asked} AND channel = ? AND language = ?", [*values, *scope]
    while True:
        found = rows(
            f"""SELECT product_id, at, who, verb, digest, decisions.reason, rule,
                    decisions.id, batch, undoes
                FROM decisions JOIN rows ON rows.id = decisions.row
                WHERE decisions.id > ? {asked} ORDER BY decisions.id LIMIT ?""",
            *(after, *values, CHUNK),
        )
        for *columns, number, batch, undoes in found:
            after = int(number)
            one = Decision(*columns, (), number, batch, undoes)  # type: ignore[call-arg]
            yield one._replace(edits=_pairs(rows, number)) if one.verb == "edit" else one
        if len(found) < CHUNK:
            return


def _pairs(rows: Rows, decision: int) -> tuple[TextPair, ...]:
    found = rows(
        "SELECT field, item, model, person FROM text_edits WHERE decision = ?", decision
    )
    return tuple(TextPair(*columns) for columns in found)


def user_name() -> str:
    """The system's user, or `NOBODY`."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return NOBODY
