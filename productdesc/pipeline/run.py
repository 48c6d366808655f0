"""The pipeline: photos and attributes in, one checked description out.

    load photos -> observe -> classify -> write -> finish

A model that only looks is not asked to write; `finish` composes the copy.

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Unpack, cast

from pydantic import BaseModel
from typing_extensions import TypeVar

from .. import cancel
from ..engines import ConversationEngine, Engine, serve
from ..engines.protocol import check_engine
from ..errors import CancelError
from ..net import Http
from ..records import Description
from .call import (
    CALL_DEFAULTS,
    MANY_DEFAULTS,
    Call,
    CallOptions,
    LanguageNeeds,
    ManyCallOptions,
    ProductLike,
    by_language,
    check_products,
    shows_options,
)
from .draft import Described, Failed, Outcome, Outcomes
from .job.product_task import Job
from .job.run_log import RunLog
from .load_photos import LoadAhead, PhotoThreads
from .options import CopyOptions, DescribeOptions, resolve

SchemaT = TypeVar("SchemaT", bound=BaseModel, default=BaseModel)


class OneOptions(CopyOptions, CallOptions):
    """Options of `describe`, but for the schema."""


class ManyOptions(DescribeOptions, ManyCallOptions):
    """Options of `describe_many`, but for its own."""


@shows_options(CallOptions, CALL_DEFAULTS)
def describe(
    product: ProductLike,
    engine: Engine,
    *,
    schema: type[SchemaT] | None = None,
    **options: Unpack[OneOptions],
) -> Description[SchemaT]:
    """The description of one product, or of the product on one photo (or several).

    `product`: a `Product`, one photo, or a list of photos of one product; a photo is a
    `Path`, bytes, a PIL image, or an https URL.

    Raises `PhotoError` or `OutputError` when this product cannot be described,
    `DeadlineError` or `CancelError` when it was not done in time, `PromptError` or
    `EngineError` when none could be, `ValueError` or `TypeError` for a wrong option.
    """
    asked: ManyOptions = {**options, "schema": schema, "languages": None}
    call = Call.of(asked, batch_size=1, keep_drafts=False, needs=None)
    outcomes = [*_run([product], engine, ready_job(engine, call, asked), True, RunLog())]
    if not outcomes:  # cancelled before it was read
        raise CancelError(cancel.CANCEL_MESSAGE)
    [outcome] = outcomes
    if isinstance(outcome, Failed):
        raise outcome.error
    return cast("Description[SchemaT]", cast("Described", outcome).description)


@shows_options(ManyCallOptions, MANY_DEFAULTS)
def describe_many(
    products: Iterable[ProductLike],
    engine: Engine,
    *,
    batch_size: int = 16,
    ordered: bool = True,
    keep_drafts: bool = False,
    needs: LanguageNeeds | None = None,
    stop: threading.Event | None = None,
    **options: Unpack[ManyOptions],
) -> Iterator[Outcome]:
    """One outcome per product: `Described`, or `Failed` with the reason.

    batch_size: products that are under way at a time: the next one begins when one of them
        ends. Meanwhile the next so many are read from `products` and their photos fetched.
        An error of `products` is raised after the outcomes of what it gave before.
    ordered: outcomes in the order of the products; False: each as soon as it is there.
    keep_drafts: give each `Described` its `draft`: facts, prompts and answers.
    needs: the fields that a product still needs (`catalogs.needs`). Only those are
        written. Where it needs none, no model is asked, and the outcome is `Skipped`.
        Of several languages it is asked for each, or is a function for each.
    stop: once this event is set, no product begins any more; those that have begun end.

    At a deadline every product that is not done is a `Failed`; after `cancel` no further
    product is read. A wrong option raises at the call, before the first product is read.
    """
    own = {"keep_drafts": keep_drafts, "needs": needs, "stop": stop}
    call = Call.of(options, batch_size=batch_size, **own)
    job = ready_job(engine, call, options)
    check_products(products)
    return outcomes_of(products, engine, job, ordered)


def ready_job(engine: Engine, call: Call, options: Mapping[str, Any]) -> Job:
    """The job of a call. Raises what a wrong engine or option raises."""
    check_engine(engine)
    asked = by_language(options)
    return Job([resolve(engine.info, call.copy_options(one)) for one in asked], call)


def outcomes_of(
    products: Iterable[ProductLike], engine: Engine, job: Job, ordered: bool
) -> Iterator[Outcome]:
    """The outcomes of a job that is ready; what `describe_many` gives."""
    log = RunLog()
    log.begin(engine, job.shown)
    try:
        yield from _run(products, engine, job, ordered, log)
    finally:
        log.end()


def _run(
    products: Iterable[ProductLike],
    engine: Engine,
    job: Job,
    ordered: bool,
    log: RunLog,
) -> Iterator[Outcome]:
    call = job.call
    with contextlib.ExitStack() as stack:
        token = stack.enter_context(cancel.watching(call.end, call.cancel))
        stopped = stack.enter_context(cancel.watching(None, call.stop))
        # One client for the run: a shop's connections serve all its photos.
        threads = PhotoThreads(call.http or stack.enter_context(Http()), call.watch)
        stack.callback(threads.close)
        stack.callback(token.cancel, CancelError(cancel.CANCEL_MESSAGE))
        arrivals = LoadAhead(
            map(job.task, log.each(products)),
            threads,
            token,
            stop=stopped,
            ahead=call.batch_size,
            ordered=ordered,
            # rounds of an engine that has them are the same every time
            in_turn=ordered and not isinstance(engine, ConversationEngine),
        )
        ends = serve(engine, arrivals, at_once=call.batch_size)
        stack.enter_context(contextlib.closing(ends))
        numbered: Iterable[tuple[object, Outcomes]] = (
            enumerate(arrivals.order.results(ends))
            if ordered
            else ((ended.key, ended.result()) for ended in ends)
        )
        for number, outcomes in numbered:
            for outcome in outcomes:
                log.outcome(number, outcome)
                yield outcome
        if arrivals.error:
            raise arrivals.error
