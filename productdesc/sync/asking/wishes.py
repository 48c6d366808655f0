"""Wishes of a journal: noted, read, answered once; what is answered is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from ...records import Description
from ..database import Database
from ..stored import Row, Wish, description_of


def note_wish(connection: sqlite3.Connection, row: int, decision: int, wish: Wish) -> None:
    """Add the wish of a row, which its next draft answers; its id is given here."""
    values = (row, decision, " ".join(sorted(wish.fields)), *wish[2:])
    number = connection.execute(
        """INSERT INTO wishes(row, decision, fields, seed, note, draft, key)
           VALUES(?, ?, ?, ?, ?, ?, ?)""",
        values,
    ).lastrowid
    connection.execute("UPDATE rows SET wish = ? WHERE id = ?", (number, row))


def read_wish(database: Database, number: Any) -> Wish | None:
    """A wish by its number; None for 0, where nothing is asked."""
    if not number:
        return None
    found = database.rows(
        "SELECT id, fields, seed, note, draft, key FROM wishes WHERE id = ?", number
    )
    return wish_of(found[0])


def wish_of(columns: Sequence[Any]) -> Wish:
    """A wish of its columns: id, fields, seed, note, draft, key."""
    number, fields, *rest = columns
    return Wish(number, frozenset(fields.split()), *rest)


def end_wish(connection: sqlite3.Connection, row: Row, draft: int) -> None:
    """Note that a draft answers the wish of its row, if there is one."""
    if row.wish:
        values = (draft, row.wish.id)
        connection.execute("UPDATE wishes SET answer = ? WHERE id = ?", values)


def completed(
    database: Database, row: Row, description: Description[Any]
) -> Description[Any]:
    """A description that answers a wish: the fields that were not asked for as they were.

    Their texts, evidence and findings are those of the former draft.
    """
    wish = row.completes
    if wish is None:
        return description
    [[text]] = database.rows("SELECT description FROM drafts WHERE id = ?", wish.draft)
    former = description_of(str(text))
    asked = wish.fields
    findings = [f for f in former.findings if f.field not in asked]
    findings += [f for f in description.findings if f.field in asked]
    evidence = {**former.evidence, **{n: description.evidence.get(n, ()) for n in asked}}
    texts = {name: getattr(description, name) for name in asked}
    changes = {
        "evidence": evidence,
        "findings": tuple(findings),
        "provenance": description.provenance,
    }
    return former.model_copy(update={**texts, **changes})


def still_waits(connection: sqlite3.Connection, row: Row) -> bool:
    """Whether a row is still to be described as it was given out.

    Meanwhile it may have been read anew, or a person may have decided about it.
    """
    found = connection.execute(
        """SELECT 1 FROM rows WHERE id = ? AND product_digest = ? AND wish = ?
           AND state IN ('new', 'dead')""",
        (row.id, row.product_digest, row.wish.id if row.wish else 0),
    ).fetchone()
    return found is not None
