"""The journal of a job: every product as it was read, its state, and its drafts."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from .._version import __version__
from ..records import Description
from .asking.wishes import read_wish
from .database import Database
from .photo_versions import same_photos
from .rows.row_end import RowEnd, commit_ends
from .rows.taking_in import SEE, TAKE_IN, values_of
from .stored import (
    WAITING,
    Cost,
    Entry,
    Row,
    Scope,
    Stored,
    description_of,
    id_text,
    product_of,
    row_of,
    staleness,
)

_ROW = "SELECT id, product, fields, product_digest, wish FROM rows"

CHUNK = 64
"""Rows that are read from the journal at a time."""


class Journal:
    """One SQLite file that holds a job; leave the `with` block and it is closed.

    `path` is made where it is not, unless `create` is False. `clock` gives the time, and
    `database` opens the file; both are for tests. Safe to use from several threads.
    Raises `JournalError`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        database: type[Database] = Database,
    ) -> None:
        self.path = Path(path)
        self._clock = clock
        self.database = database(self.path, create=create)

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self.database.close()

    def held(self) -> contextlib.AbstractContextManager[None]:
        """Within the block nobody else works on the job; `JournalError` where one does."""
        return self.database.held()

    def begin(
        self,
        scope: Scope,
        options: Mapping[str, str],
        *,
        note: Mapping[str, Any] | None = None,
        is_pass: bool = True,
    ) -> Scope:
        """Note a run; the scope with its number.

        options: digests by what they are of (model, templates, words ...). note: what its
        caller wants to know later, as JSON; never a secret. is_pass: it goes by the
        products of a source, and what others made in its scope by other options is stale
        from now.
        """
        now = self.now()
        columns = "begun, last, library, channel, language, options_digest, options, note"
        values = (now, now, __version__, *scope[:2], scope.options_digest)
        texts = json.dumps(dict(options)), json.dumps(dict(note or {}))
        with self.database.transaction() as connection:
            number = connection.execute(
                f"INSERT INTO runs({columns}) VALUES(?,?,?,?,?,?,?,?)", (*values, *texts)
            ).lastrowid
            assert number is not None
            if is_pass:
                connection.execute("DELETE FROM seen")
                for other, text in connection.execute(
                    """SELECT id, options FROM runs
                       WHERE channel = ? AND language = ? AND options_digest <> ?""",
                    (scope.channel, scope.language, scope.options_digest),
                ).fetchall():
                    reason = staleness(json.loads(text), options)
                    connection.execute(
                        """UPDATE rows SET state = 'new', key = '', updated = ?,
                               kind = ?, reason = ?
                           WHERE channel = ? AND language = ? AND run = ?
                           AND state IN ('generated', 'approved', 'drift', 'refused',
                                         'dead')""",
                        (now, reason, reason, scope.channel, scope.language, other),
                    )
        return scope._replace(number=number)

    def take_in(self, batches: Iterable[tuple[Scope, Iterable[Entry]]]) -> None:
        """Note products as they are read now, in each language's scope, in one commit.

        One that was described from the same data with the same options stays as it is. Of
        products with one id the first of a pass counts.
        """
        now = self.now()
        taken = []
        for scope, entries in batches:
            values: dict[str, dict[str, Any]] = {}
            number = 0
            for entry in entries:
                number += 1
                values.setdefault(id_text(entry.product.id), values_of(scope, entry, now))
            taken.append((scope, number, values.values()))
        with self.database.transaction() as connection:
            for scope, number, rows in taken:
                connection.executemany(TAKE_IN, rows)
                new = connection.executemany(SEE, rows).rowcount
                connection.execute(
                    """UPDATE runs SET products_read = products_read + ?,
                           repeated = repeated + ?, last = ? WHERE id = ?""",
                    (number, number - new, now, scope.number),
                )

    def read_whole(self, *scopes: Scope) -> None:
        """Note that the source was read to its end: what it has no more is known."""
        with self.database.transaction() as connection:
            statement = "UPDATE runs SET is_whole = 1 WHERE id = ?"
            connection.executemany(statement, [(one.number,) for one in scopes])

    def waiting(
        self, scope: Scope, after: int = 0, most: int = CHUNK, *, which: str = "new"
    ) -> list[Row]:
        """The next rows that are to be described, in the order in which they came.

        which: of `WAITING`.
        """
        found = self.database.rows(
            f"""{_ROW} WHERE channel = ? AND language = ? AND {_waits(which, scope)}
               AND id > ? AND kind <> 'NotStorableError' ORDER BY id LIMIT ?""",
            *(scope.channel, scope.language, after, most),
        )
        return [self._row(scope, one) for one in found]

    def waiting_in(
        self, scope: Scope, product_id: str, *, which: str = "new"
    ) -> Row | None:
        """The row of a product in a language, where it is to be described."""
        found = self.database.rows(
            f"""{_ROW} WHERE product_id = ? AND channel = ? AND language = ?
               AND {_waits(which, scope)} AND kind <> 'NotStorableError'""",
            *(id_text(product_id), scope.channel, scope.language),
        )
        return self._row(scope, found[0]) if found else None

    def row(self, scope: Scope, number: int) -> Row:
        """One row by its id."""
        [one] = self.database.rows(f"{_ROW} WHERE id = ?", number)
        return self._row(scope, one)

    def _row(self, scope: Scope, columns: Iterable[Any]) -> Row:
        number, product, fields, of_product, wish = columns
        wished = read_wish(self.database, wish)
        return row_of(scope, number, product, fields, of_product, wished)

    def end_rows(self, ends: Iterable[RowEnd]) -> None:
        """Note how rows ended, in one commit."""
        with self.database.transaction() as connection:
            commit_ends(connection, ends, self.now())

    def described(
        self, scope: Scope, row: Row, description: Description[Any], cost: Cost
    ) -> None:
        """Commit a draft; the row is generated."""
        self.end_rows([RowEnd.described(scope, row, description, cost)])

    def draft(self, key: str) -> str | None:
        """The latest draft of this key, as JSON."""
        found = self.database.rows(
            "SELECT description FROM drafts WHERE key = ? ORDER BY id DESC LIMIT 1", key
        )
        return str(found[0][0]) if found else None

    def adopt(self, scope: Scope, row: Row, others: Iterable[Journal]) -> bool:
        """Take the draft of this row's key, where one stands here or in another journal."""
        for journal in (self, *others):
            text = journal.draft(row.key)
            if text is not None and (
                journal is self or same_photos(row.product, self.database, journal.database)
            ):
                self.end_rows([RowEnd(scope, row, "generated", text, is_reused=True)])
                return True
        return False

    def failed(self, scope: Scope, row: Row, kind: str, reason: str) -> None:
        """Commit a failure; see `RowEnd.failed`."""
        self.end_rows([RowEnd.failed(scope, row, kind, reason)])

    def scopes(self) -> list[tuple[str, str]]:
        """The channels and languages of its runs."""
        found = self.database.rows(
            "SELECT DISTINCT channel, language FROM runs ORDER BY 1, 2"
        )
        return [(str(channel), str(language)) for channel, language in found]

    def note(self, channel: str, language: str) -> dict[str, Any]:
        """The note of the last pass over the source."""
        found = self.database.rows(
            """SELECT note FROM runs WHERE channel = ? AND language = ?
               AND note <> '{}' ORDER BY id DESC LIMIT 1""",
            *(channel, language),
        )
        return dict(json.loads(str(found[0][0]))) if found else {}

    def rows(
        self,
        channel: str,
        language: str,
        *,
        model: Any = Description,
        seen_only: bool = False,
    ) -> Iterator[Stored]:
        """Every row of the job as it stands, in the order in which they came.

        Its product is as it is in that language, where it was read in several. model:
        `Description[Label]` where it was described by a schema of your own.
        seen_only: without rows that the present pass has not come by.
        """
        after = 0
        seen = "AND rows.id IN (SELECT row FROM seen)" if seen_only else ""
        while True:
            found = self.database.rows(
                f"""SELECT rows.id, product, state, reason, description
                   FROM rows LEFT JOIN drafts
                   ON drafts.id = rows.draft
                   AND rows.state NOT IN ('new', 'dead', 'unchanged')
                   WHERE channel = ? AND language = ? AND rows.id > ? {seen}
                   ORDER BY rows.id LIMIT ?""",
                *(channel, language, after, CHUNK),
            )
            for number, product, state, reason, text in found:
                after = int(str(number))
                draft = None if text is None else description_of(str(text), model)
                known = product_of(str(product)).in_language(language)
                yield Stored(known, str(state), str(reason), draft)
            if not found:
                return

    def now(self) -> str:
        """The time, as it stands in the journal."""
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds")


def _waits(which: str, scope: Scope) -> str:
    """The condition of rows that a run of this scope is to describe."""
    return WAITING[which].format(run=scope.number)
