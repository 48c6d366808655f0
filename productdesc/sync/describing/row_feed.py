"""Feed: rows that wait, given to the pipeline, and how each ended, committed.

Rows of one product in several languages are described together, from one look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from ...errors import CancelError, DeadlineError
from ...net import Http
from ...pipeline import Described, Failed, Outcome, Skipped
from ...pipeline.call import Again, Asked, LanguageNeeds
from ...pipeline.draft import Draft
from ...records import COPY_FIELDS, Product
from ..asking.wishes import completed
from ..journal import Journal
from ..photo_versions import PhotoVersions
from ..rows.row_end import RowEnd
from ..rows.taking_in import alone
from ..stored import Cost, Row, Scope
from .source_thread import POLL_SECONDS, SourceThread
from .work import Work

ALL_FIELDS = frozenset((*COPY_FIELDS, "category_id"))


OWN_STAGES = frozenset({"write", "rewrite"})
"""Of each language; what comes before them is the look, which all share."""


@contextmanager
def begun(
    work: Work, products: Iterable[Product] | None, needs: LanguageNeeds | None
) -> Iterator[Feed]:
    """A run that holds its journal and reads its source; what it is to describe."""
    journal = work.journal
    with ExitStack() as stack:
        stack.enter_context(journal.held())
        is_pass = work.which == "new"
        # one for all waves: a shop's connections serve all its photos
        http = work.call.http or stack.enter_context(Http())
        work.call = replace(work.call, http=http)
        asked = http if work.recheck_photos else None
        versions = PhotoVersions(journal.database, asked)
        scopes = [
            journal.begin(
                Scope(options.channel.name, options.language, 0, options.digest),
                options.part_digests,
                note=work.note,
                is_pass=is_pass,
            )
            for options in work.options
        ]
        reading = SourceThread(
            journal,
            scopes,
            products,
            needs,
            work.is_stopped,
            limit=work.limit,
            versions=versions.of,
        )
        stack.callback(reading.end)
        yield Feed(work, scopes, reading, versions)


@dataclass(slots=True)
class Look:
    """One product under way: its rows by their languages, and the outcomes so far."""

    product: Product
    rows: Mapping[str, Row]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def head(self) -> Row:
        return next(iter(self.rows.values()))


class Feed:
    """Rows to be described, in waves: a wave ends where no row is waiting any more.

    scopes: one for each language, in their order. The engine's own thread takes products,
    so it is never made to wait for the source while others are under way.
    """

    def __init__(
        self,
        work: Work,
        scopes: Sequence[Scope],
        reading: SourceThread,
        versions: PhotoVersions,
    ) -> None:
        self._work = work
        self._versions = versions
        self._journal = work.journal
        self.scopes = {scope.language: scope for scope in scopes}
        self.reading = reading
        self._under_way: dict[int, Look] = {}
        self._given: set[int] = set()

    def begin_wave(self) -> bool:
        """Wait for rows; False where none will come, or the job is to stop."""
        batches, which = 0, self._work.which
        while not self._work.is_stopped():
            is_over = self.reading.is_over
            if any(
                self._journal.waiting(scope, most=1, which=which)
                for scope in self.scopes.values()
            ):
                return True
            if is_over:
                return False
            batches = self.reading.wait(batches, POLL_SECONDS)
        return False

    def wave(self) -> Iterator[Product]:
        """The products of this wave, but for those whose drafts all stand already."""
        which = self._work.which
        for scope in self.scopes.values():
            after = 0
            while rows := self._journal.waiting(scope, after, which=which):
                for row in rows:
                    if self._work.is_stopped():
                        return
                    after = row.id
                    if product := self._begin(scope, row, self._work.reuse):
                        yield product

    def sample(self, ids: Iterable[tuple[str, int]]) -> Iterator[Product]:
        """The products of these rows, each of a language, with what waits beside them."""
        for language, number in ids:
            if self._work.is_stopped():
                return
            scope = self.scopes[language]
            if product := self._begin(scope, self._journal.row(scope, number)):
                yield product

    def describe(self, products: Iterator[Product]) -> Iterator[Outcome]:
        """The outcomes of these, each once all of its product are committed."""
        for outcome in self._work.outcomes(products, self._asks):
            look = self._under_way[id(outcome.product)]
            look.outcomes.append(outcome)
            if len(look.outcomes) == len(look.rows):
                yield from self._commit(look)

    def _begin(
        self, scope: Scope, row: Row, reuse: Iterable[Journal] | None = None
    ) -> Product | None:
        """The product of a row as it goes to the pipeline; None: nothing is to be done.

        reuse: take drafts that stand already, here or in these; None: take none.
        """
        rows = self._together(scope, row)
        if reuse is not None:
            rows = {
                language: one
                for language, one in rows.items()
                if not self._journal.adopt(self.scopes[language], one, reuse)
            }
        if not rows:
            return None
        look = Look(alone(next(iter(rows.values())).product), rows)
        # the very object comes back in its outcomes
        self._under_way[id(look.product)] = look
        self._given |= {one.id for one in rows.values()}
        return look.product

    def _together(self, scope: Scope, row: Row) -> dict[str, Row]:
        """A row, and those of the same product that are described with it.

        Empty where another is described with it sooner, or it is under way. One that
        answers a wish is described by itself: it is asked in another way.
        """
        if row.id in self._given:
            return {}
        rows = {scope.language: row}
        if len(self.scopes) == 1 or row.wish:
            return rows
        first, is_behind = alone(row.product), False
        for other in self.scopes.values():
            if other is scope:
                is_behind = True
                continue
            found = self._journal.waiting_in(other, first.id, which=self._work.which)
            if not found or found.wish or found.id in self._given:
                continue
            if alone(found.product) != first:
                continue
            if not is_behind:
                return {}
            rows[other.language] = found
        return rows

    def _asks(self, product: Product) -> list[Asked]:
        """What is asked of a product: in each language the fields that it needs."""
        asked = []
        for language, row in self._under_way[id(product)].rows.items():
            needs = row.fields if row.fields is not None else ALL_FIELDS
            again = Again(row.wish.seed, row.wish.note) if row.wish else None
            asked.append(Asked(language, needs, again))
        return asked

    def _commit(self, look: Look) -> list[Outcome]:
        """Commit how a product ended; what was dropped by a stop stays undone."""
        del self._under_way[id(look.product)]
        ends: list[RowEnd] = []
        outcomes: list[Outcome] = []
        for row_of, outcome in zip(look.rows.items(), look.outcomes, strict=True):
            language, row = row_of
            scope = self.scopes[language]
            outcome = replace(outcome, product=row.product)
            match outcome:
                case Described(_, description, draft):
                    cost = _cost(draft, is_first=not any(end.text for end in ends))
                    self._note(look, row, draft, cost)
                    description = completed(self._journal.database, row, description)
                    ends.append(RowEnd.described(scope, row, description, cost))
                    outcome = replace(outcome, description=description, draft=None)
                case Failed(_, error) if not isinstance(error, CancelError | DeadlineError):
                    kind = type(error).__name__
                    ends.append(RowEnd.failed(scope, row, kind, f"{kind}: {error}"))
                case Skipped():
                    ends.append(RowEnd(scope, row, "unchanged"))
            outcomes.append(outcome)
        if ends:
            self._journal.end_rows(ends)
        self._given -= {row.id for row in look.rows.values()}
        return outcomes

    def _note(self, look: Look, row: Row, draft: Draft | None, cost: Cost) -> None:
        """Note what a draft took, and the photos that it was made from."""
        costs = self._work.costs
        if costs is not None:
            so_far = costs.get(look.head.id, Cost())
            costs[look.head.id] = so_far.plus(cost)
        if draft:
            self._versions.loaded(row.product, draft.photos)


def _cost(draft: Draft | None, *, is_first: bool) -> Cost:
    """What a draft took; the look, which several are made from, counts with the first."""
    if draft is None:
        return Cost()
    turns = [turn for turn in draft.turns if is_first or turn.stage in OWN_STAGES]
    return Cost(
        draft.seconds if is_first else 0.0,
        sum(turn.read_tokens for turn in turns),
        sum(turn.written_tokens for turn in turns),
    )
