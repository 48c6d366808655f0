"""Asking again: a wish for another draft, checked and committed with its decision."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import TEXT_FIELDS, Description
from ...text.suggest import did_you_mean
from ..asking.wishes import note_wish
from ..deciding.decision_log import row_state
from ..deciding.decisions import Seen, shown
from ..deciding.enact import ASK_AGAIN, DecidedBy, check_stands, enact
from ..journal import Journal
from ..stored import Wish, storable

MOST_NOTE = 300
"""Characters of a note."""
MOST_SEED = 2**31 - 1


def ask_again(
    journal: Journal,
    seen: Seen,
    *,
    who: str = "",
    fields: Sequence[str] = (),
    seed: int | None = None,
    note: str = "",
) -> int:
    """Ask for another draft than the one that was seen; the number of the decision.

    fields: those to be written anew, none for all. seed: None for one that was not used.
    note: shown to the model as data. The next run answers it.
    Raises `ClashError`, and `ValueError` for what cannot be asked.
    """
    note = storable(note.strip())
    if len(note) > MOST_NOTE:
        raise ValueError(f"the note has {len(note)} characters; {MOST_NOTE} are the most")
    if seed is not None and not 0 <= seed <= MOST_SEED:
        raise ValueError(f"seed is {seed}; it is a whole number from 0 to {MOST_SEED}")
    with journal.database.transaction() as connection:
        was = row_state(connection, seen.row)
        check_stands(was, seen.digest, ASK_AGAIN, shown(seen))
        assert seen.description is not None and was.draft is not None
        named = _named(seen.description, fields)
        [before, key] = connection.execute(
            """SELECT (SELECT count(*) FROM wishes WHERE row = rows.id), key
               FROM rows WHERE id = ?""",
            (seen.row,),
        ).fetchone()
        by = DecidedBy(who=who, reason=note)
        number = enact(connection, was, ASK_AGAIN, at=journal.now(), by=by)
        chosen = before + 1 if seed is None else seed
        wish = Wish(0, named, chosen, note, was.draft, key)
        note_wish(connection, seen.row, number, wish)
    return number


def _named(description: Description, fields: Sequence[str]) -> frozenset[str]:
    """The fields that are to be written anew; empty for all."""
    if isinstance(fields, str):
        raise ValueError(f"fields is a list of names, not the text {fields!r}")
    for name in fields:
        if name not in TEXT_FIELDS:
            hint = did_you_mean(name, TEXT_FIELDS)
            raise ValueError(
                f"{name!r} is not asked for alone; fields: {', '.join(TEXT_FIELDS)}{hint}"
            )
        if not getattr(description, name):
            raise ValueError(f"{name}: the draft has no such text; name those that it has")
    return frozenset(fields)
