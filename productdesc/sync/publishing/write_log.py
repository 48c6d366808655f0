"""Write log: each attempt at a shop, committed before it leaves, and how it ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...catalogs.output.guarded_writes import STAND_IN, GuardedSink, Held
from ...catalogs.protocol import Edit
from ...records import Present, Product, Translation
from ..journal import Journal
from ..stored import digest, id_text, product_of, product_text
from .leases import Lease


class Attempt(NamedTuple):
    """One write of which nobody knows yet what became of it.

    is_answered: the shop said that it is done. seconds: since it was committed; None where
    the machine was started anew since. language: of the row.
    """

    write: int
    row: int
    verb: str
    is_answered: bool
    digest: str
    product: Product
    edits: tuple[Edit, ...]
    seconds: float | None
    language: str = ""


class PublishOutcome(NamedTuple):
    """What became of one product.

    state: that of its row: "done", "drift", "refused", "unchanged"; "approved": the shop
    did not answer; "generated": it is not what was approved; "planned": a dry run would
    write `edits`; "intent": it is in doubt, and read back before anything is written.
    Of an undo: "undone", "planned", "drift", "refused".
    """

    product_id: str
    state: str
    edits: tuple[Edit, ...] = ()
    reason: str = ""


class Ended(NamedTuple):
    """How one product of a write ended. `verb`: "publish" or "undo"."""

    verb: str
    row: int
    outcome: PublishOutcome

    @classmethod
    def publish(
        cls, row: int, product_id: str, state: str, edits: tuple[Edit, ...], reason: str
    ) -> Ended:
        return cls("publish", row, PublishOutcome(product_id, state, edits, reason))

    @classmethod
    def undo(cls, attempt: Attempt, state: str, reason: str) -> Ended:
        key, edits = attempt.product.id, attempt.edits
        return cls("undo", attempt.row, PublishOutcome(key, state, edits, reason))


class Comparison(NamedTuple):
    """What the shop holds of an attempt's edits: stored, as before, or something else."""

    stored: tuple[Edit, ...]
    not_stored: tuple[Edit, ...]
    others: tuple[Edit, ...]


def intend(
    connection: sqlite3.Connection,
    lease: Lease,
    row: int,
    verb: str,
    seen_digest: str,
    edits: Sequence[Edit],
) -> int:
    """Note what is about to be written of one row; the number of the write."""
    clock = lease.clock
    write = connection.execute(
        """INSERT INTO writes(row, shop, verb, token, digest, at, boot, beat)
           VALUES(?, ?, ?, ?, ?, ?, ?, ?)""",
        (row, lease.shop, verb, lease.token, seen_digest, lease.journal.now(),
         clock.boot, clock.seconds()),
    ).lastrowid  # fmt: skip
    assert write is not None
    add_edits(connection, write, edits)
    return write


def add_edits(connection: sqlite3.Connection, write: int, edits: Iterable[Edit]) -> None:
    """Add edits to a write: those planned, and what changed with them."""
    [first] = connection.execute(
        "SELECT count(*) FROM write_edits WHERE write = ?", (write,)
    ).fetchone()
    connection.executemany(
        """INSERT INTO write_edits(write, number, field, target, before, after)
           VALUES(?, ?, ?, ?, ?, ?)""",
        [
            (write, number, e.field, e.target, id_text(e.before), id_text(e.after))
            for number, e in enumerate(edits, start=first)
        ],
    )


def in_doubt(journal: Journal, lease: Lease) -> list[Attempt]:
    """The writes to a shop that have no end yet, in their order."""
    now, boot = lease.clock.seconds(), lease.clock.boot
    found = journal.database.rows(
        """SELECT writes.id, row, verb, outcome = 'answered', writes.digest, product,
               boot, beat, language
           FROM writes JOIN rows ON rows.id = writes.row
           WHERE shop = ? AND ended = '' ORDER BY writes.id""",
        lease.shop,
    )
    return [
        Attempt(
            int(str(write)), int(str(row)), str(verb), bool(answered), str(seen),
            product_of(str(product)), edits_of(journal, write),
            now - float(str(beat)) if of == boot else None, str(language),
        )
        for write, row, verb, answered, seen, product, of, beat, language in found
    ]  # fmt: skip


def waits(
    doubts: Sequence[Attempt], ours: Sequence[Attempt], settle_seconds: float
) -> list[float]:
    """How long to wait before writes are read back, for each that may still land.

    Of those that are not ours only as far as it is known when they were committed.
    """
    left = [
        max(0.0, settle_seconds - (one.seconds or 0.0))
        for one in ours
        if not one.is_answered
    ]
    late = [settle_seconds - (one.seconds or settle_seconds) for one in doubts
            if one not in ours and not one.is_answered]  # fmt: skip
    return [*left, *(seconds for seconds in late if seconds > 0)]


def edits_of(journal: Journal, write: object) -> tuple[Edit, ...]:
    """The edits of one write."""
    found = journal.database.rows(
        """SELECT field, before, after, target FROM write_edits WHERE write = ?
           ORDER BY number""",
        write,
    )
    return tuple(Edit(*map(str, one)) for one in found)


def note_answer(connection: sqlite3.Connection, write: int) -> None:
    """Note that the shop said that a write is done; it is read back all the same."""
    connection.execute("UPDATE writes SET outcome = 'answered' WHERE id = ?", (write,))


def compare(
    sink: GuardedSink, edits: Sequence[Edit], held: Held, *, exact: bool = False
) -> Comparison:
    """What became of these edits, by the shop's own normaliser.

    exact: tags are to be these and no others.
    """
    stored: list[Edit] = []
    not_stored: list[Edit] = []
    others: list[Edit] = []
    for edit in edits:
        now = held.values.get((edit.field, edit.target), "")
        if sink.is_same(edit.field, now, edit.after) or (
            not exact and _has_tags(edit, now)
        ):
            stored.append(edit)
        elif sink.is_same(edit.field, now, edit.before):
            not_stored.append(edit)
        else:
            others.append(edit)
    return Comparison(tuple(stored), tuple(not_stored), tuple(others))


def _has_tags(edit: Edit, now: str) -> bool:
    """Whether a product has the tags that were added, among others maybe."""
    if edit.field != "tags" or not edit.after:
        return False
    there = {tag.strip().casefold() for tag in now.split(",")}
    return {tag.strip().casefold() for tag in edit.after.split(",")} <= there


def end(
    connection: sqlite3.Connection,
    attempt: Attempt,
    outcome: str,
    at: str,
    stored: Iterable[Edit] = (),
    values: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """Note what became of a write, and the texts that the shop was seen to store."""
    connection.execute(
        "UPDATE writes SET ended = ?, outcome = ? WHERE id = ?",
        (at, outcome, attempt.write),
    )
    connection.executemany(
        """UPDATE write_edits SET stored = ?
           WHERE write = ? AND field = ? AND target = ?""",
        [
            (id_text((values or {}).get((e.field, e.target), e.after)), attempt.write,
             e.field, e.target)
            for e in stored
        ],
    )  # fmt: skip


def end_undo(
    connection: sqlite3.Connection, attempt: Attempt, restored: Iterable[Edit]
) -> None:
    """Note which writes were taken back; the others may be taken back later."""
    connection.executemany(
        """UPDATE write_edits SET undone = ?
           WHERE undone = ? AND field = ? AND target = ?""",
        [(attempt.write, -attempt.write, e.field, e.target) for e in restored],
    )
    connection.execute(
        "UPDATE write_edits SET undone = 0 WHERE undone = ?", (-attempt.write,)
    )


def set_state(
    connection: sqlite3.Connection,
    row: int,
    state: str,
    at: str,
    *,
    kind: str = "",
    reason: str = "",
) -> None:
    """Lead a row into a state."""
    connection.execute(
        "UPDATE rows SET state = ?, kind = ?, reason = ?, updated = ? WHERE id = ?",
        (state, kind, id_text(reason), at, row),
    )


def published_digest(product: Product, held: Held, edits: Sequence[Edit]) -> str:
    """The digest of a product as its source will read it, if nothing else changes.

    Of a row of a further language its own translation changes, and nothing of the first.
    """
    now = held.product
    fields = {edit.field for edit in edits}
    if product.translations:
        held_in = {
            language: _translated(one, now, fields - held.shared)
            for language, one in product.translations.items()
        }
        return digest(product_text(product.model_copy(update={"translations": held_in})))
    changes: dict[str, Any] = {
        "title": now.title,
        "description": now.description,
        "present": now.present,
    }
    if "attributes" in fields:
        changes["attributes"] = now.attributes
    else:  # a name that stood in for a title is not read beside one
        changes["attributes"] = {
            name: value
            for name, value in product.attributes.items()
            if name in now.attributes or not STAND_IN.fullmatch(name)
        }
    # a shop may give a photo a new address with its alt text
    if "alt_texts" in fields and len(now.photos) == len(product.photos):
        changes["photos"] = now.photos
    return digest(product_text(product.model_copy(update=changes)))


def _translated(was: Translation, now: Product, fields: set[str]) -> Translation:
    """A translation with those of its fields that were written as the shop has them."""
    own = fields & {"title", "description"}
    changes: dict[str, Any] = {name: getattr(now, name) for name in own}
    of_present = fields & {*Present.model_fields}
    present = {name: getattr(now.present, name) for name in of_present}
    changes["present"] = was.present.model_copy(update=present)
    return was.model_copy(update=changes)
