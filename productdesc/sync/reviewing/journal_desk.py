"""Journal desk: the review of one job in a journal, from any number of threads.

Reads have connections of their own, and wait for no writer; a decision is committed when
its number is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from ...errors import ClashError, NotThereError
from ...records import Description
from ...text.printable import printable, quoted
from ..deciding.decision_log import Decision, decision_trail
from ..deciding.decisions import (
    Bulk,
    Seen,
    approve_rows,
    commit_decision,
    commit_seen,
    to_approve,
)
from ..deciding.edited_text import edit_findings
from ..deciding.enact import DecidedBy
from ..job_status import only_scope
from ..journal import Journal
from ..previews import Previews
from ..searching.facets import fill_facets
from ..searching.where_terms import rule_words
from ..stored import description_text, id_text
from ..versions import STATES
from .asking_again import ask_again
from .read_pool import ReadPool, Rows
from .refused_sentence import without_sentence
from .review_item import ReviewItem, kept_previews, read_item
from .review_queue import QueuePage, beside, position, queue_page, queue_rows, rule_of
from .taking_back import take_back


class JournalDesk:
    """The copy of one channel in one language, to be reviewed; `review.desk.Desk` for it.

    channel, language: which of the journal's jobs, where it holds several. previews: the
    photos to show. model: `Description[Label]` where it was described by a schema of your
    own. The journal stays open as long as the desk is; `close` ends the desk alone.
    Raises `JournalError`.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        channel: str | None = None,
        language: str | None = None,
        previews: Previews | None = None,
        model: Any = Description,
    ) -> None:
        self._journal = journal
        self._scope = only_scope(journal, channel, language)
        self._model = model
        self._pool = ReadPool(journal.path)
        self._previews = ReadPool(previews.path) if previews else None
        fill_facets(journal.database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the desk's own connections; what was decided is committed."""
        self._pool.close()
        if self._previews:
            self._previews.close()

    @property
    def name(self) -> str:
        """The journal's name, to be shown."""
        return printable(self._journal.path.name, "path")

    @property
    def channel(self) -> str:
        return self._scope[0]

    @property
    def language(self) -> str:
        return self._scope[1]

    # ---- reading ------------------------------------------------------------------------

    def words(self) -> Mapping[str, str]:
        """The words of a rule, and what each means."""
        return rule_words()

    def codes(self) -> Mapping[str, int]:
        """The codes of findings, and how many drafts have each."""
        with self._pool.snapshot() as rows:
            scopes = rows("SELECT count(*) FROM (SELECT DISTINCT channel, language "
                          "FROM runs)")  # fmt: skip
            if scopes == [(1,)]:  # all of them are of this job
                found = rows("SELECT code, count(*) FROM finding_codes GROUP BY code")
            else:
                found = rows(
                    """SELECT code, count(*) FROM finding_codes WHERE row IN
                           (SELECT id FROM rows INDEXED BY rows_in_queue
                            WHERE channel = ? AND language = ?)
                       GROUP BY code""",
                    *self._scope,
                )
        return dict(found)

    def counts(self) -> Mapping[str, int]:
        """How many rows are in each state."""
        found = dict(
            self._pool.rows(
                """SELECT state, count(*) FROM rows INDEXED BY rows_by_state
                   WHERE channel = ? AND language = ? GROUP BY state""",
                *self._scope,
            )
        )
        return {state: found.get(state, 0) for state in STATES}

    def page(self, where: str, after: str, most: int) -> QueuePage:
        """The rows behind key `after` that a rule holds of, what needs eyes first."""
        rule = rule_of(where)
        with self._pool.snapshot() as rows:
            page = queue_page(rows, self._scope, rule, after, most)
        there = kept_previews(self._previews, [row.photo for row in page.rows])
        shown = (r if r.photo in there else r._replace(photo="") for r in page.rows)
        return page._replace(rows=tuple(shown))

    def beside(self, where: str, product_id: str) -> tuple[str, str]:
        """The products before and after one in the order of the queue; "" at its ends."""
        rule = rule_of(where)
        with self._pool.snapshot() as rows:
            at = position(rows, self._row(rows, product_id))
            near = beside(rows, self._scope, rule, at)
            before, after = (queue_rows(rows, [one] if one else []) for one in near)
        return (
            before[0].product_id if before else "",
            after[0].product_id if after else "",
        )

    def look(self, product_id: str) -> ReviewItem:
        """One product as it stands. Raises `NotThereError`."""
        with self._pool.snapshot() as rows:
            row = self._row(rows, product_id)
            return read_item(rows, row, self._previews, self._model)

    def checked(
        self, product_id: str, edits: Mapping[str, str | Sequence[str]]
    ) -> Sequence[tuple[str, str, str]]:
        """What an edit would be told: field, code and message; nothing is stored."""
        item = self.look(product_id)
        if item.description is None:
            raise ClashError(f"{self._shown(product_id)}: there is no draft to edit")
        found = edit_findings(item.product, item.description, edits)
        return [(one.field, one.code, one.message) for one in found]

    def trail(self, product_id: str = "", after: int = 0) -> Iterator[Decision]:
        """Decisions behind number `after`, of all products or one, as they are read."""
        asked = product_id or None
        return decision_trail(self._pool.rows, asked, after=after, scope=self._scope)

    def preview(self, sha256: str) -> bytes | None:
        """The preview of a photo, as a WebP file."""
        if self._previews is None:
            return None
        found = self._previews.rows("SELECT webp FROM previews WHERE sha256 = ?", sha256)
        return bytes(found[0][0]) if found else None

    # ---- deciding -----------------------------------------------------------------------

    def decide(
        self,
        product_id: str,
        digest: str,
        verb: str,
        *,
        who: str,
        reason: str = "",
        edits: Mapping[str, str | Sequence[str]] | None = None,
    ) -> int:
        """Decide about what was seen, as `sync.decide`; the number of the decision."""
        seen = self._seen(product_id, digest)
        by = DecidedBy(who=who, reason=reason)
        return commit_decision(self._journal, seen, verb, by=by, edits=edits).number

    def refuse_sentence(
        self, product_id: str, digest: str, field: str, place: int, start: int, *, who: str
    ) -> int:
        """Take out the sentence that begins at `start`; the number of the decision.

        place: in a list, -1 of a field that is one text. It is an edit, with its pair of
        texts; what it leaves needs approval.
        """
        seen = self._seen(product_id, digest)
        if seen.description is None:
            raise ClashError(f"{self._shown(product_id)}: there is no draft")
        cut, pair, sentence = without_sentence(seen.description, field, place, start)
        by = DecidedBy(who=who, reason=f"a sentence was refused: {sentence}")
        text = description_text(cut)
        return commit_seen(self._journal, seen, "edit", by=by, text=text, pairs=[pair])

    def ask_again(
        self,
        product_id: str,
        digest: str,
        *,
        who: str,
        fields: Sequence[str] = (),
        seed: int | None = None,
        note: str = "",
    ) -> int:
        """Ask for another draft, which the next run makes; the number of the decision.

        fields: none for all. note: at most 300 characters, shown to the model as data.
        """
        seen = self._seen(product_id, digest)
        return ask_again(self._journal, seen, who=who, fields=fields, seed=seed, note=note)

    def approve_all(self, where: str, count: int, *, who: str) -> Bulk:
        """Approve what is generated and a rule holds of; `ClashError` if not `count`."""
        rule = rule_of(where)
        matches = to_approve(self._journal, self._scope, rule)
        if len(matches) != count:
            raise ClashError(
                f"{len(matches)} drafts would be approved now, not {count}: something "
                "changed since; look again"
            )
        return approve_rows(self._journal, matches, rule.text, who=who)

    def take_back(self, number: int, *, who: str, is_bulk: bool = False) -> int:
        """Undo a decision, or a bulk by its number; how many rows are as they were."""
        return take_back(self._journal, self._scope, number, who=who, is_bulk=is_bulk)

    # ---- which row ----------------------------------------------------------------------

    def _row(self, rows: Rows, product_id: str) -> int:
        found = rows(
            "SELECT id FROM rows WHERE product_id = ? AND channel = ? AND language = ?",
            *(id_text(product_id), *self._scope),
        )
        if not found:
            raise NotThereError(f"{self.name}: has no {self._shown(product_id)}")
        return int(found[0][0])

    def _seen(self, product_id: str, digest: str) -> Seen:
        """The row as it stands; `ClashError` where its digest is another."""
        with self._pool.snapshot() as rows:
            row = self._row(rows, product_id)
            item = read_item(rows, row, None, self._model)
        if item.digest != digest:
            raise ClashError(
                f"{self._shown(product_id)}: is not what you saw any more, since it was "
                "described or edited again; look at it again"
            )
        return Seen(row, item.product, item.state, item.reason, item.description, digest)

    def _shown(self, product_id: str) -> str:
        return f"product {quoted(product_id, 'name')}"
