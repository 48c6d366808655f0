"""Load photos: a product's photos in, checked and measured, and ahead of the model.

The next products are read and their photos loaded by threads while the model has others.
They enter the engine as their photos arrive: one slow photo holds up its own product and
nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from typing import Any, Protocol

from .. import cancel
from ..cancel import NEVER, CancelToken
from ..checks.shorten_data import shorten_data
from ..engines import Arrival, Conversation, Settings
from ..engines.conversations import MAX_BEGUN, InOrder
from ..errors import CancelError, DeadlineError, PhotoError
from ..net import Http
from ..photos import load
from ..photos.measured_colour import measure_colours
from ..photos.quality import judge
from ..records import MAX_PHOTOS, Finding, Photo, Product
from ..records.variants import on_photos
from ..text.printable import quoted
from .draft import Draft, Failed, Outcomes, PhotoDigest
from .inputs.read_texts import read_texts

PHOTO_THREADS = 8
"""Products whose photos are fetched and judged at the same time: fetching is waiting."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A product whose photos can be used: as given, its first draft, and the pixels."""

    product: Product
    draft: Draft
    photos: tuple[Photo, ...]


def load_photos(product: Product, http: Http, *, ocr: bool = False) -> Loaded | Failed:
    """Load, judge, measure and (ocr) read photos; a bad one of several is a finding."""
    photos: list[Photo] = []
    used: list[int] = []
    findings: list[Finding] = []
    error: PhotoError | None = None
    for number, source in enumerate(product.photos[:MAX_PHOTOS], start=1):
        try:
            photo = load(source, http=http)
            verdict = judge(photo)
            if verdict.refuse:
                raise PhotoError(verdict.refuse)
        except PhotoError as e:
            error = e
            message = f"photo {number} was left out: {e}"
            findings.append(Finding(code="photo-unusable", field="photos", message=message))
            continue
        photos.append(photo)
        used.append(number)
        findings.extend(verdict.findings)
    if error and not photos:
        return Failed(product, error)
    if product.photo_error and not product.photos:
        return Failed(product, PhotoError(product.photo_error))
    if not photos and not product.title and not product.attributes:
        shown = quoted(product.id, "name")
        return Failed(product, PhotoError(f"product {shown} has no photo and no data"))
    if len(product.photos) > MAX_PHOTOS:
        message = f"{len(product.photos)} photos given, the first {MAX_PHOTOS} were used"
        findings.append(Finding(code="photos-many", field="photos", message=message))
    read, told = read_texts(photos) if ocr else ((), [])
    short, cut = shorten_data(product)
    if short.variants:
        here = on_photos(short.variants, used)
        short = short.model_copy(update={"variants": here})
    draft = Draft(
        short,
        photos=tuple(PhotoDigest(photo.name, photo.sha256) for photo in photos),
        measured=tuple(measure_colours(photo) for photo in photos),
        findings=(*findings, *told, *cut),
        read=read,
    )
    return Loaded(product, draft, tuple(photos))


class Task(Protocol):
    """One product, and what is asked of it."""

    @property
    def product(self) -> Product: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def needs_photos(self) -> bool:
        """Whether anything is asked: where nothing is, no photo is loaded."""
        ...

    @property
    def reads_text(self) -> bool:
        """Whether the text on its photos is read."""
        ...

    def conversation(
        self, photos: Future[Loaded | Failed] | None
    ) -> Conversation[Outcomes]: ...


Watch = Callable[[Sequence[Photo]], None]
"""Is shown photos as they are loaded."""


class PhotoThreads:
    """Threads that load photos, each for the call whose token it is given.

    watch: is shown each product's photos as a model will see them, in these threads.
    """

    def __init__(self, http: Http, watch: Watch | None = None) -> None:
        self._http = http
        self._watch = watch
        self._threads = ThreadPoolExecutor(PHOTO_THREADS, "productdesc-photos")

    def close(self) -> None:
        """Drop what waits, and wait for what is under way."""
        self._threads.shutdown(cancel_futures=True)

    def let_go(self) -> None:
        """Have the threads end by themselves, once nothing is under way."""
        self._threads.shutdown(wait=False)

    def load(
        self, task: Task, token: CancelToken, http: Http | None = None
    ) -> Future[Loaded | Failed]:
        """The product with its photos, some day; `Failed` at once where it is cancelled."""
        product = task.product
        future: Future[Loaded | Failed] = Future()

        def failed() -> None:
            if token.error:
                _settle(future, Failed(product, token.error))

        def work() -> None:
            with cancel.using(token):
                try:
                    token.check()
                    loaded = load_photos(product, http or self._http, ocr=task.reads_text)
                    if self._watch and isinstance(loaded, Loaded):
                        self._watch(loaded.photos)
                    _settle(future, loaded)
                except (CancelError, DeadlineError):
                    failed()
                except BaseException as e:
                    _settle(future, error=e)
                finally:
                    token.forget(number)

        try:
            number = token.on_cancel(failed)
        except (CancelError, DeadlineError):
            failed()
        else:
            self._threads.submit(work)
        return future


def _settle(
    future: Future[Loaded | Failed],
    loaded: Loaded | Failed | None = None,
    error: BaseException | None = None,
) -> None:
    """Give a future what it waits for, unless it was cancelled meanwhile."""
    try:
        if error:
            future.set_exception(error)
        else:
            assert loaded
            future.set_result(loaded)
    except InvalidStateError:
        return


@dataclass(frozen=True, slots=True, eq=False)
class _Coming:
    """A product that has yet to enter, and its photos, where it needs any."""

    key: int
    task: Task
    photos: Future[Loaded | Failed] | None

    @property
    def is_ready(self) -> bool:
        return self.photos is None or self.photos.done()


class LoadAhead:
    """Arrivals of one call: its products, as soon as their photos are there.

    `tasks` are read in the thread that takes, `ahead` more than have entered. ordered: none
    enters long before the first that has not ended. in_turn: none enters before another
    that came before it. stop: once it is cancelled, none enters any more.
    """

    def __init__(
        self,
        tasks: Iterator[Task],
        threads: PhotoThreads,
        token: CancelToken,
        *,
        stop: CancelToken = NEVER,
        ahead: int,
        ordered: bool,
        in_turn: bool,
    ) -> None:
        self.changed = threading.Event()
        self.order: InOrder[Outcomes] = InOrder()
        self.error: Exception | None = None
        self._tasks = tasks
        self._threads = threads
        self._token = token
        self._stop = stop
        self._ahead = ahead
        self._most = MAX_BEGUN * ahead if ordered else 0
        self._in_turn = in_turn
        self._coming: list[_Coming] = []
        self._read = 0
        self._has_more = True
        self._stopped: Future[None] = Future()
        for one, wake in ((token, self.changed.set), (stop, self._wake)):
            try:
                one.on_cancel(wake)
            except (CancelError, DeadlineError):  # before anything began
                wake()

    @property
    def is_over(self) -> bool:
        has_more = (self._has_more or self._coming) and not self._stop.error
        return not has_more or self.order.has_failed

    def take(self) -> Arrival[Outcomes] | None:
        """The next product that may enter; see `engines.conversations.Arrivals`."""
        if self.is_over:
            return None
        self._read_ahead()
        coming = self._next()
        if coming is None:
            return None
        self._coming.remove(coming)
        conversation = coming.task.conversation(coming.photos)
        return Arrival(coming.key, conversation, coming.task.settings, self._token)

    def _read_ahead(self) -> None:
        while self._has_more and len(self._coming) <= self._ahead:
            if isinstance(self._token.error, CancelError) or self._stop.error:
                self._has_more = False  # who cancels wants no more; a deadline only passes
                return
            try:
                task = next(self._tasks)
            except StopIteration:
                self._has_more = False
                return
            except Exception as e:
                self._has_more, self.error = False, e
                return
            photos = None
            if task.needs_photos:
                photos = self._threads.load(task, self._token)
                photos.add_done_callback(lambda _: self.changed.set())
            self._coming.append(_Coming(self._read, task, photos))
            self._read += 1

    def _wake(self) -> None:
        self._stopped.set_result(None)
        self.changed.set()

    def _next(self) -> _Coming | None:
        for coming in self._coming:
            if self._most and coming.key - self.order.given >= self._most:
                return None
            if self._in_turn and coming.photos:
                either: list[Future[Any]] = [coming.photos, self._stopped]
                wait(either, return_when=FIRST_COMPLETED)
                if not coming.is_ready:
                    return None
            if coming.is_ready:
                return coming
        return None
