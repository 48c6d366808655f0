"""Decision log: who decided what, when, and about what was seen; only ever added to."""

from __future__ import annotations

import getpass
import sqlite3
from typing import Any, NamedTuple

from ..journal import Journal
from ..stored import id_text
from .edited_text import TextPair

NOBODY = "unknown"
"""Who decided, where the system knows no name of its user."""


def note_decision(
    connection: sqlite3.Connection,
    about: tuple[int, int | None, str],
    verb: str,
    *,
    at: str,
    who: str = "",
    reason: str = "",
    rule: str = "",
) -> int:
    """Add a decision; `about`: its row, draft and digest. They are never changed."""
    row, draft, digest = about
    values = (row, at, who or user_name(), verb, draft, digest, id_text(reason), rule)
    number = connection.execute(
        """INSERT INTO decisions(row, at, who, verb, draft, digest, reason, rule)
           VALUES(?, ?, ?, ?, ?, ?, ?, ?)""",
        values,
    ).lastrowid
    assert number is not None
    return number


class Decision(NamedTuple):
    """One decision as it stands. `edits`: (field, place, model's text, person's text)."""

    product_id: str
    at: str
    who: str
    verb: str
    digest: str
    reason: str
    rule: str
    edits: tuple[TextPair, ...]


def decisions(journal: Journal, product_id: str | None = None) -> list[Decision]:
    """All decisions, or those about one product, in their order."""
    found = journal.database.rows(
        """SELECT decisions.id, product_id, at, who, verb, digest, decisions.reason, rule
           FROM decisions JOIN rows ON rows.id = decisions.row
           WHERE ? IS NULL OR product_id = ? ORDER BY decisions.id""",
        *(product_id, product_id),
    )
    return [
        Decision(
            *(str(product), str(at), str(by), str(verb), str(digest), str(why), str(rule)),
            _pairs(journal, number),
        )
        for number, product, at, by, verb, digest, why, rule in found
    ]


def _pairs(journal: Journal, decision: Any) -> tuple[TextPair, ...]:
    found = journal.database.rows(
        "SELECT field, item, model, person FROM text_edits WHERE decision = ?", decision
    )
    return tuple(TextPair(str(f), int(str(i)), str(m), str(p)) for f, i, m, p in found)


def user_name() -> str:
    """The system's user, or `NOBODY`."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return NOBODY
