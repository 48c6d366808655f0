"""The pipeline: photos and attributes in, one checked description out.

    load photos -> observe -> classify -> write -> finish

A model that only looks is not asked to write; `finish` composes the copy.

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Unpack, cast

from pydantic import BaseModel
from typing_extensions import TypeVar

from .. import cancel
from ..engines import Conversation, ConversationEngine, Engine, Settings, serve
from ..engines.protocol import check_engine
from ..errors import CancelError, DeadlineError, OutputError, PhotoError
from ..net import Http
from ..photos.thumbnails import thumbnails
from ..prompts import Templates
from ..records import COPY_FIELDS, Description, Product
from .call import (
    AGAIN_TEMPERATURE,
    CALL_DEFAULTS,
    Again,
    Call,
    CallOptions,
    Needs,
    ProductLike,
    RunLog,
    as_product,
    check_products,
    shows_options,
)
from .classify import classify
from .draft import Described, Failed, Outcome, Skipped
from .finish import finish
from .load_photos import LoadAhead, Loaded, PhotoThreads
from .observe import observe
from .options import CopyOptions, DescribeOptions, Options, resolve
from .write import write

SchemaT = TypeVar("SchemaT", bound=BaseModel, default=BaseModel)


class OneOptions(CopyOptions, CallOptions):
    """Options of `describe`, but for the schema."""


class ManyOptions(DescribeOptions, CallOptions):
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
    asked: ManyOptions = {**options, "schema": schema}
    call = Call.of(asked, batch_size=1, keep_drafts=False, needs=None)
    outcomes = [*_run([product], engine, ready_job(engine, call, asked), True, RunLog())]
    if not outcomes:  # cancelled before it was read
        raise CancelError(cancel.CANCEL_MESSAGE)
    [outcome] = outcomes
    if isinstance(outcome, Failed):
        raise outcome.error
    return cast("Description[SchemaT]", cast("Described", outcome).description)


@shows_options(CallOptions, CALL_DEFAULTS)
def describe_many(
    products: Iterable[ProductLike],
    engine: Engine,
    *,
    batch_size: int = 16,
    ordered: bool = True,
    keep_drafts: bool = False,
    needs: Needs | None = None,
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
    return Job(resolve(engine.info, call.copy_options(options)), call)


def outcomes_of(
    products: Iterable[ProductLike], engine: Engine, job: Job, ordered: bool
) -> Iterator[Outcome]:
    """The outcomes of a job that is ready; what `describe_many` gives."""
    log = RunLog()
    log.begin(engine, job.options.shown)
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
        numbered: Iterable[tuple[object, Outcome]] = (
            enumerate(arrivals.order.results(ends))
            if ordered
            else ((ended.key, ended.result()) for ended in ends)
        )
        for number, outcome in numbered:
            log.outcome(number, outcome)
            yield outcome
        if arrivals.error:
            raise arrivals.error


class Job:
    """The options of one call, made ready: what every product of it is asked."""

    def __init__(self, options: Options, call: Call) -> None:
        self.options = options
        self.call = call
        self.templates = Templates(
            texts=options.templates, special_tokens=options.engine.special_tokens
        )
        self._narrowed: dict[frozenset[str], Options] = {}

    def task(self, given: ProductLike) -> ProductTask:
        """One product, and what is asked of it. Raises what `needs` raises."""
        product = as_product(given)
        again = self.call.again(product) if self.call.again else None
        if self.call.needs is None:
            return ProductTask(product, self, _again(self.options, again), True)
        needed = frozenset(self.call.needs(product))
        known = (*COPY_FIELDS, "category_id")
        if unknown := needed - set(known):
            raise ValueError(
                f"needs names {min(unknown)!r}; fields are: {', '.join(known)}"
            )
        options = _again(self._narrow(needed), again)
        return ProductTask(product, self, options, self._asks(needed))

    def _narrow(self, needed: frozenset[str]) -> Options:
        """The options with those of their fields that are needed."""
        if needed not in self._narrowed:
            fields = tuple(f for f in self.options.fields if f.name in needed)
            self._narrowed[needed] = replace(self.options, fields=fields)
        return self._narrowed[needed]

    def _asks(self, needed: frozenset[str]) -> bool:
        written = {str(field.name) for field in self.options.fields}
        # of no taxonomy there is no id to need
        of_taxonomy = {"category_id"} if self.options.taxonomy else set()
        return bool(needed & (written | of_taxonomy | {"category", "attributes"}))


def _again(options: Options, again: Again | None) -> Options:
    """The options of one product, of which another draft may be asked."""
    if again is None:
        return options
    settings = replace(options.settings, temperature=AGAIN_TEMPERATURE, seed=again.seed)
    return replace(options, settings=settings, note=again.note)


@dataclass(frozen=True, slots=True, eq=False)
class ProductTask:
    """One product of a job; see `load_photos.Task`."""

    product: Product
    job: Job
    options: Options
    needs_photos: bool

    @property
    def settings(self) -> Settings:
        return self.options.settings

    def conversation(self, photos: Future[Loaded | Failed] | None) -> Conversation[Outcome]:
        """The product through all stages, once its photos are loaded."""
        if photos is None:
            return Skipped(self.product)
        loaded, options, templates = photos.result(), self.options, self.job.templates
        if isinstance(loaded, Failed):
            return loaded
        draft, pixels = loaded.draft, loaded.photos
        began = time.monotonic()
        try:
            draft, context = yield from observe(draft, pixels, options, templates)
            draft, context = yield from classify(draft, context, options, templates)
            if options.engine.writes:
                draft = yield from write(draft, context, options, templates)
            description = finish(draft, options, self.job.call.clock())
        except (OutputError, PhotoError, DeadlineError, CancelError) as e:
            return Failed(self.product, e)
        shown = description.with_thumbnails(thumbnails(pixels))
        if not self.job.call.keep_drafts:
            return Described(self.product, shown)
        seconds = time.monotonic() - began
        return Described(self.product, shown, replace(draft, seconds=seconds))
