"""Decisions: approve, refuse, ignore, edit or reopen a draft, bound to what was seen.

To add a verb: one row in `VERBS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import JournalError
from ...records import Description, Product
from ...text.printable import printable, quoted
from ...text.suggest import did_you_mean
from ..job_status import only_scope
from ..journal import Journal
from ..searching.facets import fill_facets, note_draft
from ..searching.where_grammar import Where, parse_where
from ..stored import description_of, description_text, id_text, product_of
from .decision_log import note_decision
from .edited_text import TextPair, edited
from .matching import Match, matching_rows

CHUNK = 1_000
"""Rows that one commit decides about."""


class Verb(NamedTuple):
    """What a decision does. `state`: in which it leaves its row, from one of `of`."""

    state: str
    of: frozenset[str]


_OPEN = frozenset({"generated", "approved", "refused"})
_ANY = frozenset({"new", *_OPEN, "done", "drift", "ignored", "dead", "unchanged"})

VERBS: Mapping[str, Verb] = {
    "approve": Verb("approved", _OPEN),
    "refuse": Verb("refused", _OPEN),
    "edit": Verb("generated", _OPEN),
    "reopen": Verb("generated", frozenset({"approved", "refused"})),
    "ignore": Verb("ignored", _ANY - {"ignored"}),
    "heed": Verb("new", frozenset({"ignored"})),
}
"""What a person may decide. A row whose writing is under way is decided about later."""


class Seen(NamedTuple):
    """One row as a person sees it; a decision about it holds for this digest alone."""

    row: int
    product: Product
    state: str
    reason: str
    description: Description[Any] | None
    digest: str


def look(
    journal: Journal,
    product_id: str,
    *,
    channel: str | None = None,
    language: str | None = None,
    model: Any = Description,
) -> Seen:
    """One row of a job as it stands, to decide about; `JournalError` where there is none.

    model: `Description[Label]` where it was described by a schema of your own.
    """
    scope = only_scope(journal, channel, language)
    fill_facets(journal.database)
    found = journal.database.rows(
        """SELECT rows.id, product, state, reason, drafts.description,
               coalesce(facets.digest, '')
           FROM rows LEFT JOIN drafts ON drafts.id = rows.draft
               AND rows.state NOT IN ('new', 'dead', 'unchanged')
           LEFT JOIN facets ON facets.row = rows.id AND facets.draft = drafts.id
           WHERE product_id = ? AND channel = ? AND language = ?""",
        *(id_text(product_id), *scope),
    )
    if not found:
        shown = quoted(product_id, "name")
        raise JournalError(f"{printable(journal.path, 'path')}: has no product {shown}")
    [[row, product, state, reason, text, digest]] = found
    draft = None if text is None else description_of(str(text), model)
    known = product_of(str(product))
    return Seen(int(str(row)), known, str(state), str(reason), draft, str(digest))


def decide(
    journal: Journal,
    seen: Seen,
    verb: str,
    *,
    who: str = "",
    reason: str = "",
    edits: Mapping[str, str | Sequence[str]] | None = None,
) -> str:
    """Decide about one row as it was seen; the state in which it is then.

    verb: "approve", "refuse", "ignore" (no copy of it, whatever changes), "edit", "reopen"
    (take back an approval or refusal), "heed" (take back ignore). who: whose decision it
    is; "": the system's user. edits: the new texts by field; checks and limits of the
    channel run on them, and what they find is a finding; an edited draft needs approval
    again.
    Raises `JournalError` where the draft is not the one that was seen any more, or its
    state takes no such decision; `ValueError` for a wrong verb or field.
    """
    known = VERBS.get(verb)
    if known is None:
        hint = did_you_mean(verb, VERBS)
        raise ValueError(f"{verb!r} is no decision; there are: {', '.join(VERBS)}{hint}")
    if (verb == "edit") != bool(edits):
        raise ValueError("edits are the new texts of verb 'edit', which needs them")
    pairs: list[TextPair] = []
    text = ""
    if edits:
        if seen.description is None:
            raise JournalError(f"{_shown(seen)}: there is no draft to edit")
        description, pairs = edited(seen.product, seen.description, edits)
        text = description_text(description)
    with journal.database.transaction() as connection:
        state, digest, draft = _now(connection, seen.row)
        if digest != seen.digest:
            raise JournalError(
                f"{_shown(seen)}: is not what you saw any more, since it was described or "
                "edited again; look at it again"
            )
        if state not in known.of:
            raise JournalError(
                f"{_shown(seen)}: is {state}, and {verb} is for what is "
                f"{', '.join(sorted(known.of))}"
            )
        at = journal.now()
        decision = note_decision(
            connection, (seen.row, draft, digest), verb, at=at, who=who, reason=reason
        )
        connection.executemany(
            "INSERT INTO text_edits(decision, field, item, model, person) "
            "VALUES(?, ?, ?, ?, ?)",
            [(decision, *pair) for pair in pairs],
        )
        if text:
            _replace_draft(connection, seen.row, text, at)
        _set_state(connection, seen.row, known.state, verb, digest, (reason, at))
    return known.state


def approve(
    journal: Journal,
    where: str,
    *,
    who: str = "",
    channel: str | None = None,
    language: str | None = None,
) -> int:
    """Approve all drafts that a rule holds of, as they stand now; how many these were.

    where: such as "not finding and confidence >= 0.9"; see docs/sync.md. Only what is
    generated is approved: what was refused needs a decision of its own.
    Raises `ValueError` for a rule that is none, `JournalError`.
    """
    rule = parse_where(where)
    scope = only_scope(journal, channel, language)
    return approve_rows(journal, to_approve(journal, scope, rule), rule, who=who)


def to_approve(journal: Journal, scope: tuple[str, str], rule: Where) -> list[Match]:
    """The rows that `approve` would approve by this rule."""
    found = matching_rows(journal, scope, rule)
    return [one for one in found if one.state == "generated" and one.digest]


def approve_rows(
    journal: Journal, matches: Sequence[Match], rule: Where, *, who: str = ""
) -> int:
    """Approve rows that were found by a rule, as they were found; how many these were."""
    number = 0
    for start in range(0, len(matches), CHUNK):
        with journal.database.transaction() as connection:
            at = journal.now()
            for match in matches[start : start + CHUNK]:
                state, digest, draft = _now(connection, match.row)
                if (state, digest) != ("generated", match.digest):
                    continue  # described again in this moment
                note_decision(
                    connection,
                    (match.row, draft, digest),
                    "approve",
                    at=at,
                    who=who,
                    rule=rule.text,
                )
                _set_state(connection, match.row, "approved", "approve", digest, ("", at))
                number += 1
    return number


def _now(connection: sqlite3.Connection, row: int) -> tuple[str, str, int | None]:
    """State, digest and draft of a row."""
    found: tuple[str, str, int | None] = connection.execute(
        """SELECT state, CASE WHEN state IN ('new', 'dead', 'unchanged') THEN ''
                              ELSE coalesce(facets.digest, '') END, rows.draft
           FROM rows LEFT JOIN facets ON facets.row = rows.id AND facets.draft = rows.draft
           WHERE rows.id = ?""",
        (row,),
    ).fetchone()
    return found


def _replace_draft(connection: sqlite3.Connection, row: int, text: str, at: str) -> None:
    draft = connection.execute(
        """INSERT INTO drafts(row, key, run, made, seconds, read_tokens, written_tokens,
               description) SELECT id, key, run, ?, 0, 0, 0, ? FROM rows WHERE id = ?""",
        (at, text, row),
    ).lastrowid
    assert draft is not None
    note_draft(connection, row, draft, text)
    connection.execute("UPDATE rows SET draft = ? WHERE id = ?", (draft, row))


def _set_state(
    connection: sqlite3.Connection,
    row: int,
    state: str,
    verb: str,
    digest: str,
    why: tuple[str, str],
) -> None:
    reason, at = why
    kind = "refused" if verb == "refuse" else ""
    key = ", key = ''" if verb == "heed" else ""  # its source is asked anew
    approved = ", approved_digest = ?" if verb == "approve" else ""
    values = (state, kind, id_text(reason), at, *([digest] if approved else []), row)
    connection.execute(
        f"UPDATE rows SET state = ?, kind = ?, reason = ?, updated = ?{approved}{key} "
        "WHERE id = ?",
        values,
    )


def _shown(seen: Seen) -> str:
    return f"product {quoted(seen.product.id, 'name')}"
