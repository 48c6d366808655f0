"""Live sinks: what sinks of shops do alike, guarded and in batches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from ...net import RetryPolicy
from ...records import Description, Product
from ..live import Clock, save_batches
from ..protocol import Closing, Edit, Saved, SaveLog
from .guarded_writes import WriteGuard
from .publishable import save_publishable

Pair = tuple[Product, Description]


class LiveClient(Protocol):
    """A shop's client, which asks before each request that changes something."""

    retry: RetryPolicy
    clock: Clock
    before_change: Callable[[], None]


class LiveSink(Closing):
    """A sink of a live shop, which a guard may hold back."""

    _client: LiveClient
    _guard: WriteGuard | None = None

    @property
    def settle_seconds(self) -> float:
        """How long the shop may be at work on a request that nobody listens to."""
        return self._client.retry.in_doubt_seconds

    def settle(self, seconds: float) -> None:
        """Wait so long, until the shop is at work on nothing that nobody listens to."""
        self._client.clock.sleep(seconds)

    def guard(self, guard: WriteGuard) -> None:
        """Ask this guard before anything is written by `save_many` or `restore`."""
        self._guard = guard
        self._client.before_change = guard.check


class BatchedSink(LiveSink):
    """One that reads, writes and reads back products a batch at a time.

    batch: how many that are.
    """

    batch: int
    _saves: SaveLog

    def save(self, product: Product, description: Description) -> Saved:
        """Save one product. Raises `CatalogError` where no other could be saved either."""
        return next(self.save_many([(product, description)]))

    def save_many(self, pairs: Iterable[Pair]) -> Iterator[Saved]:
        """The same as `save` of each, in the same order, a batch in one request.

        Nothing happens before the first result is asked for. Raises `CatalogError` where
        nothing of a batch was written.
        """

        def save(pairs: Iterable[Pair]) -> Iterator[Saved]:
            return self._in_batches(pairs, self._key, self._plan)

        return map(self._saves.note, save_publishable(pairs, save))

    def restore(self, edits: Iterable[tuple[str, Sequence[Edit]]]) -> Iterator[Saved]:
        """Give products back the raw texts in `Edit.after`, letter by letter.

        What the shop would not store so is refused, and what was edited since stays.
        Raises `CatalogError`.
        """
        found = self._in_batches(edits, lambda one: one[0], self._plan_restoring)
        return map(self._saves.note, found)

    def _in_batches(self, given: Any, key: Any, plan: Any) -> Iterator[Saved]:
        return save_batches(
            *(given, self.batch, key, plan, self._write), held_back=self._held_back
        )

    def _key(self, pair: Pair) -> Any:
        """What tells that two products are one."""
        return pair[0].id

    @abstractmethod
    def _plan(self, batch: list[Pair]) -> Iterator[Any]: ...

    @abstractmethod
    def _plan_restoring(self, batch: list[tuple[str, Sequence[Edit]]]) -> Iterator[Any]: ...

    @abstractmethod
    def _write(self, writes: list[Any]) -> Iterable[Saved]: ...

    @abstractmethod
    def _held_back(self, writes: list[Any]) -> list[Saved | None]:
        """What is not written after all, since the guard or a dry run holds it back."""
        ...
