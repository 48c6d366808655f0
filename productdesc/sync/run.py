"""Run: describe a catalogue into a journal; the same call again goes on where it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypedDict, Unpack, cast

from ..engines import Engine
from ..engines.protocol import check_engine
from ..errors import CancelError, DeadlineError
from ..net import Http
from ..pipeline import Described, Failed, Outcome, Skipped
from ..pipeline.call import Again, Call, check_products
from ..pipeline.options import resolve
from ..pipeline.run import Job, ManyOptions, outcomes_of, ready_job
from ..records import COPY_FIELDS, Product
from .asking.wishes import completed
from .journal import Journal
from .photo_versions import PhotoVersions
from .previews import Previews
from .source_thread import POLL_SECONDS, Needs, SourceThread
from .stored import Cost, Row, Scope

ALL_FIELDS = frozenset((*COPY_FIELDS, "category_id"))


class JobOptions(TypedDict, total=False):
    """
    batch_size: products that are under way at a time, as `describe_many` has it.
    stop: once this event is set, no product begins any more; those that have begun end.
    reuse: other journals; a draft whose key stands there is taken, not described again.
    note: what the caller wants to know of the run later, as JSON; never a secret.
    limit: the first so many products of the source only.
    previews: where small copies of the photos are kept, as the model saw them.
    recheck_photos: ask for photos at URLs whether they are still the same.
    """

    batch_size: int
    stop: threading.Event | None
    reuse: Collection[Journal]
    note: Mapping[str, Any] | None
    limit: int | None
    previews: Previews | None
    recheck_photos: bool


class RunOptions(ManyOptions, JobOptions):
    """Options of `run` and `retry`."""


def run(
    journal: Journal,
    products: Iterable[Product] | None,
    engine: Engine,
    *,
    needs: Needs | None = None,
    **options: Unpack[RunOptions],
) -> Iterator[Outcome]:
    """Describe what the journal has not: an outcome for each, once it is committed.

    products: a source's, which stream past while the engine works; None: only what the
        journal holds. Outcomes come as they are done, not in their order.
    needs: the fields that a product still needs (`catalogs.needs`); None: all.
    options: those of `describe_many`, and these:
        batch_size, stop: as `describe_many` has them.
        reuse: other journals; a draft whose key stands there is taken, not made again.
        note: what you want to know of the run later, as JSON; never a secret.
        limit: the first so many products of the source only.
        previews: where small copies of the photos are kept, as the model saw them.
        recheck_photos: ask for photos at URLs whether they are still the same, by ETag and
            Last-Modified, or by their bytes. Else a photo is known by its URL, and a local
            one by its content, which is looked at where its size or time has changed.

    A product that was described from the same data with the same options is not described
    again. One that fails is dead in the journal and does not stop the run; `retry` tries
    it again. What a stop, a deadline or a kill leaves undone is described by the next run.
    Raises what `describe_many` raises, `JournalError` (also where another run is at work),
    and what `products` raises once all that came before it is described. A wrong option
    raises at the call.
    """
    if products is not None:
        check_products(products)
    return _run(Work(journal, engine, options), products, needs)


def retry(
    journal: Journal, engine: Engine, **options: Unpack[RunOptions]
) -> Iterator[Outcome]:
    """Describe the dead rows again, each once and nothing else; outcomes as `run`'s.

    By other options than those of the run only these rows are described anew.
    """
    return _run(Work(journal, engine, options, which="dead"), None, None)


def answer(
    journal: Journal, engine: Engine, **options: Unpack[RunOptions]
) -> Iterator[Outcome]:
    """Describe what a person asked for again, and nothing else; outcomes as `run`'s."""
    return _run(Work(journal, engine, options, which="wished"), None, None)


class Work:
    """What one call is to do, and how it is told to end. Its deadline begins here.

    which: the rows that are described, of `WAITING`. costs: by the id of a row, what its
    draft took.
    """

    def __init__(
        self,
        journal: Journal,
        engine: Engine,
        options: RunOptions,
        *,
        which: str = "new",
    ) -> None:
        own: dict[str, Any] = {n: options.get(n) for n in JobOptions.__annotations__}
        rest = {name: value for name, value in options.items() if name not in own}
        self.describe = cast("ManyOptions", rest)
        self.journal = journal
        self.engine = engine
        self.which = which
        self.costs: dict[int, Cost] | None = None
        self._job: Job | None = None
        self.batch_size = 16 if own["batch_size"] is None else own["batch_size"]
        self.stop = own["stop"]
        self.reuse: Collection[Journal] = own["reuse"] or ()
        self.note = own["note"]
        self.limit = own["limit"]
        self.previews = own["previews"]
        self.recheck_photos = bool(own["recheck_photos"])
        check_engine(engine)
        of = {"keep_drafts": True, "needs": None, "stop": self.stop}
        self.call = Call.of(self.describe, batch_size=self.batch_size, **of)
        self.options = resolve(engine.info, Call.copy_options(self.describe))

    def is_stopped(self) -> bool:
        """Whether nothing more is to begin."""
        events = (self.stop, self.call.cancel)
        if any(event is not None and event.is_set() for event in events):
            return True
        return self.call.end is not None and time.monotonic() >= self.call.end

    def outcomes(
        self,
        products: Iterator[Product],
        needs: Callable[[Product], frozenset[str]],
        again: Callable[[Product], Again | None],
    ) -> Iterator[Outcome]:
        if self._job is None:  # once for all waves: templates are compiled here
            watch = self.previews.add if self.previews else None
            call = replace(self.call, needs=needs, watch=watch, again=again)
            self._job = ready_job(self.engine, call, self.describe)
        return outcomes_of(products, self.engine, self._job, ordered=False)


def _run(
    work: Work, products: Iterable[Product] | None, needs: Needs | None
) -> Iterator[Outcome]:
    with begun(work, products, needs) as feed:
        while feed.begin_wave():
            yield from feed.describe(feed.wave())
            if work.which != "new":
                break
    if feed.reading.error:
        raise feed.reading.error


@contextmanager
def begun(
    work: Work, products: Iterable[Product] | None, needs: Needs | None
) -> Iterator[Feed]:
    """A run that holds its journal and reads its source; what it is to describe."""
    options, journal = work.options, work.journal
    scope = Scope(options.channel.name, options.language, 0, options.digest)
    with ExitStack() as stack:
        stack.enter_context(journal.held())
        is_pass = work.which == "new"
        # one for all waves: a shop's connections serve all its photos
        http = work.call.http or stack.enter_context(Http())
        work.call = replace(work.call, http=http)
        asked = http if work.recheck_photos else None
        versions = PhotoVersions(journal.database, asked)
        scope = journal.begin(scope, options.part_digests, note=work.note, is_pass=is_pass)
        reading = SourceThread(
            journal,
            scope,
            products,
            needs,
            work.is_stopped,
            limit=work.limit,
            versions=versions.of,
        )
        stack.callback(reading.end)
        yield Feed(work, scope, reading, versions)


class Feed:
    """Rows to be described, in waves: a wave ends where no row is waiting any more.

    The engine's own thread takes products, so it is never made to wait for the source
    while others are under way.
    """

    def __init__(
        self, work: Work, scope: Scope, reading: SourceThread, versions: PhotoVersions
    ) -> None:
        self._work = work
        self._versions = versions
        self._journal = work.journal
        self.scope = scope
        self.reading = reading
        self._under_way: dict[int, Row] = {}

    def begin_wave(self) -> bool:
        """Wait for rows; False where none will come, or the job is to stop."""
        batches = 0
        while not self._work.is_stopped():
            is_over = self.reading.is_over
            if self._journal.waiting(self.scope, most=1, which=self._work.which):
                return True
            if is_over:
                return False
            batches = self.reading.wait(batches, POLL_SECONDS)
        return False

    def wave(self) -> Iterator[Product]:
        """The products of this wave, but for those whose draft stands already."""
        after, which = 0, self._work.which
        while rows := self._journal.waiting(self.scope, after, which=which):
            for row in rows:
                if self._work.is_stopped():
                    return
                after = row.id
                if not self._journal.adopt(self.scope, row, self._work.reuse):
                    yield self._begin(row)

    def sample(self, ids: Iterable[int]) -> Iterator[Product]:
        """The products of these rows."""
        for number in ids:
            if self._work.is_stopped():
                return
            yield self._begin(self._journal.row(self.scope, number))

    def describe(self, products: Iterator[Product]) -> Iterator[Outcome]:
        """The outcomes of these, each once it is committed."""
        for outcome in self._work.outcomes(products, self._fields, self._again):
            yield self._commit(outcome)

    def _begin(self, row: Row) -> Product:
        # the very object comes back in its outcome
        self._under_way[id(row.product)] = row
        return row.product

    def _fields(self, product: Product) -> frozenset[str]:
        row = self._under_way[id(product)]
        return row.fields if row.fields is not None else ALL_FIELDS

    def _again(self, product: Product) -> Again | None:
        """What a person asks of this draft, if anything."""
        wish = self._under_way[id(product)].wish
        return wish and Again(wish.seed, wish.note)

    def _commit(self, outcome: Outcome) -> Outcome:
        """Commit how a product ended; one that was dropped by a stop stays undone."""
        row = self._under_way.pop(id(outcome.product))
        match outcome:
            case Described(_, description, draft):
                turns = draft.turns if draft else ()
                cost = Cost(
                    draft.seconds if draft else 0.0,
                    sum(turn.read_tokens for turn in turns),
                    sum(turn.written_tokens for turn in turns),
                )
                if self._work.costs is not None:
                    self._work.costs[row.id] = cost
                if draft:
                    self._versions.loaded(row.product, draft.photos)
                description = completed(self._journal.database, row, description)
                self._journal.described(self.scope, row, description, cost)
                return replace(outcome, description=description, draft=None)
            case Failed(_, error) if not isinstance(error, CancelError | DeadlineError):
                kind = type(error).__name__
                self._journal.failed(self.scope, row, kind, f"{kind}: {error}")
            case Skipped():
                self._journal.unchanged(self.scope, row)
        return outcome
