"""Live shops: requests sent again, writes read back, pages that stay whole, batches.

What every shop with an API needs, and no shop's own words: each brings its requests and
says what it holds, and what follows from that is decided here. docs/add-a-shop.md has a
whole shop over it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from ..errors import CatalogError
from ..net import RetryPolicy
from .http_outcome import Closed, NotAnswered, Refused, Throttled, Unanswered
from .protocol import Saved, Status

T = TypeVar("T")
WriteT = TypeVar("WriteT")
AnsweredT = TypeVar("AnsweredT")

RETRY_POLICIES = {
    "shopify": RetryPolicy(),
    "woocommerce": RetryPolicy(first_wait_seconds=0.5, settle_seconds=10.0),
    "vendure": RetryPolicy(first_wait_seconds=0.5, settle_seconds=10.0),
}
"""Each shop's own policy; `RETRY_POLICIES["shopify"]._replace(attempts=8)` changes one."""


class Clock(NamedTuple):
    """Time as a shop's client sees it; tests give one whose waits take none."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


# --- Requests ----------------------------------------------------------------------------


class Backoff:
    """Waits between the attempts at one request: each twice the last, or as long as asked.

    All of them together stay below `longest_wait_seconds`.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._attempts = 0
        self._waited = 0.0

    def __call__(self, outcome: Throttled | Unanswered) -> float | Closed:
        """Seconds to wait before the next attempt; `Closed`: there is none."""
        policy = self._policy
        seconds = policy.first_wait_seconds * 2**self._attempts
        seconds = max(seconds, outcome.seconds or 0.0)
        self._attempts += 1
        self._waited += seconds
        if self._waited > policy.longest_wait_seconds:
            return Closed(
                f"{outcome.reason}; waiting {self._waited:.0f} s for it would be more than "
                f"the {policy.longest_wait_seconds:.0f} s of `longest_wait_seconds`"
            )
        return seconds if self._attempts < policy.attempts else Closed(outcome.reason)


def send(
    once: Callable[[], AnsweredT | NotAnswered],
    backoff: Callable[[Throttled | Unanswered], float | Closed],
    sleep: Callable[[float], None],
    *,
    repeatable: bool,
) -> AnsweredT | NotAnswered:
    """One request, sent again while that does no harm.

    repeatable: it may be done twice, as every question may. A change is sent again only
    where the shop did not do it, or where no byte of it left; one that got no answer is
    `Unanswered`, and it is the caller's to look whether it was done.
    """
    while True:
        outcome = once()
        match outcome:
            case Throttled():
                pass
            case Unanswered(sent=sent) if repeatable or not sent:
                pass
            case _:
                return outcome
        seconds = backoff(outcome)
        if isinstance(seconds, Closed):
            return seconds
        sleep(seconds)


def answer_of(outcome: AnsweredT | NotAnswered, request: str) -> AnsweredT:
    """The answer to a question; raises `CatalogError` for every other outcome.

    request: what was asked of whom, for the message.
    """
    if isinstance(outcome, Refused | Unanswered | Throttled | Closed):
        raise CatalogError(f"{request}: {outcome.reason}")
    return outcome


def change_of(
    outcome: AnsweredT | NotAnswered, request: str
) -> AnsweredT | Refused | Unanswered:
    """The outcome of a change; raises `CatalogError` where it was not done, nor will be."""
    if isinstance(outcome, Throttled | Closed):
        raise CatalogError(f"{request}: {outcome.reason}")
    return outcome


# --- After a write -----------------------------------------------------------------------


def settle(
    policy: RetryPolicy, sleep: Callable[[float], None], unanswered: Iterable[Unanswered]
) -> None:
    """Wait before looking whether changes were made that got no answer.

    A shop goes on when nobody listens any more.
    """
    asked = max((one.seconds or 0.0 for one in unanswered), default=0.0)
    sleep(max(policy.settle_seconds, min(asked, policy.longest_wait_seconds)))


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read back, and why."""

    reason: str


def read_back(read: Callable[[], T]) -> T | Unread:
    """What a shop holds after a write; no error, since the write has been made."""
    try:
        return read()
    except CatalogError as e:
        return Unread(str(e))


def status_of(outcome: object, *, stored: bool | None) -> Status:
    """What is known of a write, by its outcome and by what the shop holds afterwards.

    stored: whether the shop was seen to hold what was sent; None: it could not be read.
    """
    if stored:
        return "written"
    if isinstance(outcome, Refused):
        return "refused"
    if stored is None or isinstance(outcome, Unanswered):
        return "unknown"
    return "refused"  # the shop took it and holds something else


# --- Pages -------------------------------------------------------------------------------


class _Seen:
    """Ids that were given: the last of those that rise, all of those that are text."""

    def __init__(self) -> None:
        self._last = 0
        self._texts: set[str] = set()

    def __contains__(self, key: int | str) -> bool:
        return key in self._texts if isinstance(key, str) else key <= self._last

    def add(self, key: int | str) -> None:
        if isinstance(key, str):
            self._texts.add(key)
        else:
            self._last = key


def offset_pages(
    page: Callable[[int], tuple[Sequence[T], int]],
    id_of: Callable[[T], int | str],
    *,
    size: int,
    overlap: int,
) -> Iterator[T]:
    """Each thing of a list in pages once, by rising id, while things come and go.

    page: the things from an offset on, by rising id, and how many there are in all. id_of:
    a number, or a text where nobody knows which is greater, so that all are remembered; 0
    or "": it has none. A page begins `overlap` things within the page before. One that is
    deleted meanwhile moves all later ones up: if a page begins behind the last id known,
    what may lie between is read first, backwards.
    """
    seen, offset, total = _Seen(), 0, 1
    while offset < total:
        things, total = page(offset)
        start, pages = offset, [things]
        while start and (not pages[-1] or id_of(pages[-1][0]) not in seen):
            start = max(0, start - size)
            pages.append(page(start)[0])
        for thing in (thing for things in reversed(pages) for thing in things):
            key = id_of(thing)
            if not key or key not in seen:
                if key:
                    seen.add(key)
                yield thing
        offset += size - overlap if offset + size < total else size


def cursor_pages(
    page: Callable[[str | None], tuple[Sequence[T], str | None]], shop: str
) -> Iterator[tuple[Sequence[T], bool]]:
    """The pages of a list that goes by cursors, and of each whether there is a next one.

    page: the things after a cursor (None: the first), and the next cursor; None: none.
    Raises `CatalogError` where a cursor leads to itself.
    """
    cursor: str | None = None
    while True:
        things, following = page(cursor)
        yield things, following is not None
        if following is None:
            return
        if not following or following == cursor:
            raise CatalogError(f"{shop}: the shop gives the same page again and again")
        cursor = following


# --- Batches -----------------------------------------------------------------------------


def save_batches(
    pairs: Iterable[T],
    size: int,
    key: Callable[[T], Hashable],
    plan: Callable[[list[T]], Iterable[Saved | WriteT]],
    write: Callable[[list[WriteT]], Iterable[Saved]],
    *,
    held_back: Callable[[list[WriteT]], Sequence[Saved | None]] | None = None,
) -> Iterator[Saved]:
    """One `Saved` for each pair, in their order, planned and written `size` at a time.

    key: which product of the shop a pair is for; "" or None: none. plan: for each pair of
    a batch its result, or what is to be written of it. write: the results of those; it
    raises `CatalogError` only where it wrote nothing. held_back: of those that are to be
    written the result of each that is not after all; None: it is written. Results that
    are known before an error come before it.
    """
    for batch in _batches(pairs, size, key):
        planned: list[Saved | WriteT] = []
        try:
            for one in plan(batch):
                planned.append(one)  # one by one: those before an error count
            todo = [one for one in planned if not isinstance(one, Saved)]
            if held_back and todo:
                results = iter(held_back(todo))
                planned = [
                    one if isinstance(one, Saved) else next(results) or one
                    for one in planned
                ]
                todo = [one for one in planned if not isinstance(one, Saved)]
            written = iter(list(write(todo)) if todo else ())
        except CatalogError:
            for one in planned:
                if not isinstance(one, Saved):
                    break
                yield one
            raise
        for one in planned:
            yield one if isinstance(one, Saved) else next(written)


def _batches(
    pairs: Iterable[T], size: int, key: Callable[[T], Hashable]
) -> Iterator[list[T]]:
    """Pairs in lists, no product twice in one: the second must see what the first wrote.

    Where `pairs` raises, those that came before are given first.
    """
    batch: list[T] = []
    keys: set[Hashable] = set()
    try:
        for pair in pairs:
            name = key(pair)
            if name and name in keys:
                yield batch
                batch, keys = [], set()
            batch.append(pair)
            keys.add(name)
            if len(batch) == size:
                yield batch
                batch, keys = [], set()
    except (Exception, KeyboardInterrupt):  # minutes of a model's work are in a batch
        if batch:
            yield batch
        raise
    if batch:
        yield batch
