"""Work: what one call is to do, and how it is told to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, cast

from ...engines import Engine
from ...engines.protocol import check_engine
from ...pipeline import Outcome
from ...pipeline.call import Asked, Call, by_language
from ...pipeline.job.product_task import Job
from ...pipeline.options import resolve
from ...pipeline.run import ManyOptions, outcomes_of, ready_job
from ...records import Product
from ..journal import Journal
from ..previews import Previews
from ..stored import Cost

Describer = Callable[
    [Iterator[Product], Callable[[Product], Sequence[Asked]]], Iterator[Outcome]
]
"""Products, and what is asked of each, in; outcomes with these very products out."""


class JobOptions(TypedDict, total=False):
    """
    batch_size: products that are under way at a time, as `describe_many` has it.
    stop: once this event is set, no product begins any more; those that have begun end.
    reuse: other journals; a draft whose key stands there is taken, not described again.
    note: what the caller wants to know of the run later, as JSON; never a secret.
    limit: the first so many products of the source only.
    previews: where small copies of the photos are kept, as the model saw them.
    recheck_photos: ask for photos at URLs whether they are still the same.
    describer: describes the products instead of this process, as `scale.Shards` does.
    """

    batch_size: int
    stop: threading.Event | None
    reuse: Collection[Journal]
    note: Mapping[str, Any] | None
    limit: int | None
    previews: Previews | None
    recheck_photos: bool
    describer: Describer | None


class RunOptions(ManyOptions, JobOptions):
    """Options of `run` and `retry`."""


class Work:
    """What one call is to do, and how it is told to end. Its deadline begins here.

    which: the rows that are described, of `WAITING`. options: of each language. costs: by
    the id of a row, what its draft took, and those that were made from the same look.
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
        self.describer: Describer | None = own["describer"]
        check_engine(engine)
        of = {"keep_drafts": True, "needs": None, "stop": self.stop}
        self.call = Call.of(self.describe, batch_size=self.batch_size, **of)
        self.options = [
            resolve(engine.info, Call.copy_options(one))
            for one in by_language(self.describe)
        ]

    def is_stopped(self) -> bool:
        """Whether nothing more is to begin."""
        events = (self.stop, self.call.cancel)
        if any(event is not None and event.is_set() for event in events):
            return True
        return self.call.end is not None and time.monotonic() >= self.call.end

    def outcomes(
        self,
        products: Iterator[Product],
        asks: Callable[[Product], Sequence[Asked]],
    ) -> Iterator[Outcome]:
        if self.describer is not None:
            return self.describer(products, asks)
        if self._job is None:  # once for all waves: templates are compiled here
            watch = self.previews.add if self.previews else None
            call = replace(self.call, watch=watch, asks=asks)
            self._job = ready_job(self.engine, call, self.describe)
        return outcomes_of(products, self.engine, self._job, ordered=False)
