"""Facets: what rules ask of a draft, kept beside it when it is committed."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...records import TEXT_FIELDS
from ..database import Database
from ..stored import digest, storable
from .queue_order import weigh

LENGTHS = TEXT_FIELDS
"""Fields whose length a rule may ask for; each a column of the table `facets`."""

PROVENANCE = '"provenance":'
"""Where the JSON of a draft ends for a person: within a text its quotes are escaped."""

CHUNK = 256
"""Drafts of a former version that are read at a time."""

REFUSALS = frozenset({"refuse", "undo"})
"""Decisions that stand when the very same draft comes back."""


class DraftState(NamedTuple):
    """The state in which a draft leaves its row, and why."""

    name: str
    kind: str = ""
    reason: str = ""


def note_draft(
    connection: sqlite3.Connection, row: int, draft: int, text: str
) -> DraftState:
    """Note the facets of a draft (JSON); the state that its row is in from now.

    One that a person refused is refused when it comes back.
    """
    seen = refresh_facets(connection, row, draft, text)
    last = connection.execute(
        """SELECT verb, reason FROM decisions WHERE row = ? AND digest = ?
           AND verb NOT IN ('edit', 'ask again', 'take back')
           AND NOT EXISTS(SELECT 1 FROM decisions AS later
                          WHERE later.undoes = decisions.id AND later.undoes <> 0)
           ORDER BY id DESC LIMIT 1""",
        (row, seen),
    ).fetchone()
    if last and last[0] in REFUSALS:
        return DraftState("refused", REFUSED_AS[last[0]], last[1])
    return DraftState("generated")


REFUSED_AS: Mapping[str, str] = {"refuse": "refused", "undo": "undone"}
"""The kind of a row that was refused, by the decision."""


def fill_facets(database: Database) -> int:
    """Note the facets of drafts that have none: a former version committed them."""
    number = 0
    while True:
        found = database.rows(
            """SELECT rows.id, rows.draft, drafts.description
               FROM rows INDEXED BY rows_without_facets
               JOIN drafts ON drafts.id = rows.draft
               WHERE rows.draft IS NOT rows.noted LIMIT ?""",
            CHUNK,
        )
        if not found:
            return number
        with database.transaction() as connection:
            for row, draft, text in found:
                refresh_facets(connection, int(str(row)), int(str(draft)), str(text))
        number += len(found)


def seen_digest(text: str) -> str:
    """The digest of all that a person sees of a draft: texts, evidence and findings.

    Provenance is the last of a description's JSON, and is left out.
    """
    # to read and write it anew would take a tenth of the journal's speed
    return digest(text.rpartition(PROVENANCE)[0] or text)


def refresh_facets(connection: sqlite3.Connection, row: int, draft: int, text: str) -> str:
    """Note the facets of a draft (JSON), and the row's weight; the draft's digest."""
    value = json.loads(text)
    seen = seen_digest(text)
    findings = value.get("findings") or ()
    severities = Counter(str(one.get("severity", "warning")) for one in findings)
    known = [one for one in _confidences(value) if one is not None]
    photos = (value.get("provenance") or {}).get("photos") or ("",)
    columns = {
        "row": row,
        "draft": draft,
        "digest": seen,
        "confidence": min(known, default=None),
        "category": str(value.get("category") or ""),
        "heading": storable(str(value.get("title") or "")),
        "photo": str(photos[0]),
        "removed": severities["removed"],
        "warnings": severities["warning"],
        "findings": len(findings),
        **{name: _length(value.get(name)) for name in LENGTHS},
    }
    connection.execute(
        f"""INSERT OR REPLACE INTO facets({", ".join(columns)})
            VALUES({", ".join("?" * len(columns))})""",
        [*columns.values()],
    )
    connection.execute("DELETE FROM finding_codes WHERE row = ?", (row,))
    if codes := {str(one["code"]) for one in findings}:
        connection.executemany(
            "INSERT INTO finding_codes(row, code) VALUES(?, ?)", [(row, c) for c in codes]
        )
    connection.execute("UPDATE rows SET noted = ? WHERE id = ?", (draft, row))
    weigh(connection, (row,))
    return seen


def _length(value: Any) -> int:
    texts = [value] if isinstance(value, str) else value or ()
    return max((len(text) for text in texts), default=0)


def _confidences(value: Mapping[str, Any]) -> Iterator[float | None]:
    for entries in (value.get("evidence") or {}).values():
        for one in entries:
            yield one.get("confidence")
