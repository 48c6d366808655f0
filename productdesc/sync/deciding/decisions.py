"""Decisions: approve, refuse, ignore, edit or reopen a draft, bound to what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...errors import ClashError, NotThereError
from ...records import Description, Product
from ...text.printable import printable, quoted
from ...text.suggest import did_you_mean
from ..job_status import only_scope
from ..journal import Journal
from ..searching.facets import fill_facets
from ..searching.where_grammar import Where, parse_where
from ..stored import description_of, description_text, id_text, product_of
from .decision_log import row_state
from .edited_text import TextPair, edited
from .enact import VERBS, DecidedBy, check_stands, enact, next_number
from .matching import Match, matching_rows

CHUNK = 1_000
"""Rows that one commit decides about."""


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
    """One row of a job as it stands, to decide about; `NotThereError` where there is none.

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
        name = quoted(product_id, "name")
        raise NotThereError(f"{printable(journal.path, 'path')}: has no product {name}")
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
    Raises `ClashError` where the draft is not the one that was seen any more, or its
    state takes no such decision; `ValueError` for a wrong verb or field.
    """
    return commit_decision(
        journal, seen, verb, by=DecidedBy(who=who, reason=reason), edits=edits
    ).state


class Committed(NamedTuple):
    """A decision that stands in the journal, and the state that it left its row in."""

    number: int
    state: str


def commit_decision(
    journal: Journal,
    seen: Seen,
    verb: str,
    *,
    by: DecidedBy,
    edits: Mapping[str, str | Sequence[str]] | None = None,
) -> Committed:
    """`decide`, with the number of the decision."""
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
            raise ClashError(f"{shown(seen)}: there is no draft to edit")
        description, pairs = edited(seen.product, seen.description, edits)
        text = description_text(description)
    number = commit_seen(journal, seen, verb, by=by, text=text, pairs=pairs)
    return Committed(number, known.state)


def commit_seen(
    journal: Journal,
    seen: Seen,
    verb: str,
    *,
    by: DecidedBy,
    text: str = "",
    pairs: Sequence[TextPair] = (),
) -> int:
    """Commit a decision where the row is still as it was seen; its number."""
    with journal.database.transaction() as connection:
        was = row_state(connection, seen.row)
        check_stands(was, seen.digest, verb, shown(seen))
        at = journal.now()
        return enact(connection, was, verb, at=at, by=by, text=text, pairs=pairs)


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
    matches = to_approve(journal, scope, rule)
    return approve_rows(journal, matches, rule.text, who=who).count


def to_approve(journal: Journal, scope: tuple[str, str], rule: Where) -> list[Match]:
    """The rows that `approve` would approve by this rule."""
    found = matching_rows(journal, scope, rule)
    return [one for one in found if one.state == "generated" and one.digest]


def approve_rows(
    journal: Journal, matches: Sequence[Match], rule: str, *, who: str = ""
) -> Bulk:
    """Approve rows that were found by a rule, as they were found."""
    count = batch = 0
    for start in range(0, len(matches), CHUNK):
        with journal.database.transaction() as connection:
            at = journal.now()
            for match in matches[start : start + CHUNK]:
                was = row_state(connection, match.row)
                if (was.state, was.digest) != ("generated", match.digest):
                    continue  # described again in this moment
                batch = batch or next_number(connection)
                by = DecidedBy(who=who, rule=rule, batch=batch)
                enact(connection, was, "approve", at=at, by=by)
                count += 1
    return Bulk(batch, count)


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk of decisions: the number of its first, 0 where it has none, and how many."""

    number: int
    count: int


def shown(seen: Seen) -> str:
    """The product in a message."""
    return f"product {quoted(seen.product.id, 'name')}"
