"""asyncio: the pipeline for a web backend, where many calls share one engine.

All calls on one engine, from whichever event loop, enter one running loop of conversations
(`engines/shared_loop.py`): they share forwards, and each has its own options, deadline and
end. Written with anyio, so for trio as well.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
)
from functools import partial
from typing import Any, Unpack, cast

import anyio
import anyio.lowlevel
import anyio.to_thread

from .. import cancel
from ..cancel import CancelToken
from ..engines import Engine
from ..engines.conversations import MAX_BEGUN, Ended
from ..engines.shared_loop import check_room, enter
from ..errors import CancelError, DeadlineError
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
    check_products,
    shows_options,
)
from .draft import Described, Failed, Outcome, Outcomes
from .job.product_task import Job, ProductTask
from .job.run_log import RunLog
from .load_photos import PhotoThreads
from .run import ManyOptions, OneOptions, SchemaT, ready_job

MAX_WAITING = 64
"""Products that may wait for an engine; with one more, a call is told to try later."""


@shows_options(CallOptions, CALL_DEFAULTS)
async def adescribe(
    product: ProductLike,
    engine: Engine,
    *,
    schema: type[SchemaT] | None = None,
    max_waiting: int = MAX_WAITING,
    **options: Unpack[OneOptions],
) -> Description[SchemaT]:
    """`describe` for asyncio and trio; calls on one engine are batched as they come.

    max_waiting: products that may wait for the engine; with more, this raises
        `EngineBusyError` at once.

    When its task is cancelled, the product leaves the batch before the next forward.
    Raises what `describe` raises.
    """
    asked: ManyOptions = {**options, "schema": schema, "languages": None}
    call = Call.of(asked, batch_size=1, keep_drafts=False, needs=None)
    check_room(engine, max_waiting)
    async with _Desk(engine, call, asked) as desk:
        desk.enter(product, max_waiting)
        _, [outcome] = await desk.outcomes()
    if isinstance(outcome, Failed):
        raise outcome.error
    return cast("Description[SchemaT]", cast("Described", outcome).description)


@shows_options(ManyCallOptions, MANY_DEFAULTS)
async def adescribe_many(
    products: Iterable[ProductLike] | AsyncIterable[ProductLike],
    engine: Engine,
    *,
    batch_size: int = 16,
    ordered: bool = True,
    keep_drafts: bool = False,
    needs: LanguageNeeds | None = None,
    **options: Unpack[ManyOptions],
) -> AsyncIterator[Outcome]:
    """`describe_many` for asyncio and trio: one outcome per product.

    `products` may be an async iterable; another one is read in a thread, unless it is a
    list or tuple. batch_size: products of this call that are under way at a time; the
    engine may have others beside them. For the rest see `describe_many`.
    """
    call = Call.of(options, batch_size=batch_size, keep_drafts=keep_drafts, needs=needs)
    check_products(products)
    coming = _each(products)
    early: dict[int, Outcomes] = {}
    given = 0
    has_more = True
    error: Exception | None = None
    async with _Desk(engine, call, options) as desk, desk.run():
        while has_more or desk.inside:
            too_far = ordered and desk.entered - given >= MAX_BEGUN * batch_size
            is_full = too_far or len(desk.inside) >= batch_size
            if has_more and not desk.has_outcome and not is_full:
                try:
                    desk.enter(await anext(coming))
                except StopAsyncIteration:
                    has_more = False
                except Exception as e:
                    error, has_more = e, False
                continue
            number, outcomes = await desk.outcomes()
            has_more = has_more and not isinstance(desk.token.error, CancelError)
            early[number] = outcomes
            while early and (not ordered or given in early):
                for outcome in early.pop(given if ordered else number):
                    yield outcome
                given += 1
    if error:
        raise error


async def _each(products: Any) -> AsyncIterator[ProductLike]:
    if isinstance(products, AsyncIterable):
        async for product in products:
            yield product
    elif isinstance(products, list | tuple):
        for product in products:
            yield product
    else:
        iterator = iter(products)
        while (
            product := await anyio.to_thread.run_sync(next, iterator, _NONE)
        ) is not _NONE:
            yield product


_NONE: Any = object()


class _Desk:
    """What one call has in the engine's loop, and where the outcomes come back.

    Everything but `_put` runs in the call's own event loop.
    """

    def __init__(self, engine: Engine, call: Call, options: Mapping[str, Any]) -> None:
        self.token = CancelToken()
        self.entered = 0
        self.inside: dict[int, ProductTask] = {}
        self.log = RunLog()
        self._engine, self._call, self._options = engine, call, options
        self._ended: deque[tuple[int, Ended[Outcomes]]] = deque()
        self._stack = contextlib.ExitStack()

    async def __aenter__(self) -> _Desk:
        self._soon = _call_soon()
        self._changed = anyio.Event()
        # a server is asked for its model here, and templates are read
        self.job = await anyio.to_thread.run_sync(self._resolve, abandon_on_cancel=True)
        self._threads = self._stack.enter_context(_photo_threads)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.token.cancel(CancelError(cancel.CANCEL_MESSAGE))
        self._stack.close()

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Say in the log when a run of several products begins and ends."""
        self.log.begin(self._engine, self.job.shown)
        try:
            yield
        finally:
            self.log.end()

    def _resolve(self) -> Job:
        return ready_job(self._engine, self._call, self._options)

    @property
    def has_outcome(self) -> bool:
        return bool(self._ended)

    def enter(self, product: ProductLike, max_waiting: int | None = None) -> None:
        """Have a product described. Raises `EngineBusyError`, and what `needs` raises."""
        task = self.job.task(product)
        number = self.entered
        photos = None
        if task.needs_photos:
            photos = self._threads.load(task, self.token, self._call.http)
        enter(
            self._engine,
            task.conversation(photos),
            task.settings,
            self.token,
            partial(self._put, number),
            after=photos,
            max_waiting=max_waiting,
        )
        self.entered += 1
        self.log.enter(number)
        self.inside[number] = task

    def _put(self, number: int, ended: Ended[Outcomes]) -> None:
        with contextlib.suppress(RuntimeError):  # an event loop that has gone
            self._soon(self._arrive, number, ended)

    def _arrive(self, number: int, ended: Ended[Outcomes]) -> None:
        if number in self.inside:  # it was not given up at the deadline
            self._ended.append((number, ended))
            self._changed.set()

    async def outcomes(self) -> tuple[int, Outcomes]:
        """The next outcomes, and their product's number. Raises everybody's error."""
        while not self._ended:
            self._changed = anyio.Event()
            with anyio.move_on_after(self._patience()):
                await self._changed.wait()
            self._look_at_the_clock()
        number, ended = self._ended.popleft()
        task = self.inside.pop(number)
        outcomes = (
            task.failed(ended.error)
            if isinstance(ended.error, DeadlineError | CancelError)
            else ended.result()
        )
        for outcome in outcomes:
            self.log.outcome(number, outcome)
        return number, outcomes

    def _patience(self) -> float:
        call = self._call
        left = math.inf if call.end is None else call.end - time.monotonic()
        return min(left, math.inf if call.cancel is None else cancel.POLL_SECONDS)

    def _look_at_the_clock(self) -> None:
        call = self._call
        error: CancelError | DeadlineError | None = None
        if call.cancel is not None and call.cancel.is_set():
            error = CancelError(cancel.CANCEL_MESSAGE)
        elif call.end is not None and time.monotonic() >= call.end:
            error = DeadlineError(cancel.DEADLINE_MESSAGE)
        if error:
            self.token.cancel(error)
            known = {number for number, _ in self._ended}
            left = [number for number in self.inside if number not in known]
            self._ended += [(number, Ended(number, error=error)) for number in left]


def _call_soon() -> Callable[..., object]:
    """How another thread has something run in this event loop, without waiting for it."""
    native: Any = anyio.lowlevel.current_token().native_token
    soon: Callable[..., object] | None = getattr(native, "call_soon_threadsafe", None)
    return soon or native.run_sync_soon  # asyncio's, or trio's


class _PhotoThreads:
    """Threads that load photos for all calls of the process, while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0

    def __enter__(self) -> PhotoThreads:
        with self._lock:
            if not self._users:
                self._http = Http()
                self._threads = PhotoThreads(self._http)
            self._users += 1
            return self._threads

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._threads.let_go()
                self._http.close()


_photo_threads = _PhotoThreads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_photo_threads.__init__)  # type: ignore[misc]
