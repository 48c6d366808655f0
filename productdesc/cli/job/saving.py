"""Saving: outcomes into a sink, and what became of each product, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from ...catalogs.protocol import FileSink, Saved, Sink, Status, save_all
from ...errors import CancelError
from ...records import Description, Product

if TYPE_CHECKING:
    from ...pipeline import Failed, Outcome, Skipped

T = TypeVar("T")

Ending = Status | Literal["failed", "dropped"]
"""What a product came to: failed before its saving, or dropped under way by a stop."""


class Taken(Generic[T]):
    """Things of an iterator, counted as they are taken."""

    def __init__(self, things: Iterator[T]) -> None:
        self.number = 0
        self._things = things

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        thing = next(self._things)
        self.number += 1
        return thing

    def has_more(self) -> bool:
        """Whether there are any that were not taken; the next one is lost."""
        return any(True for _ in self._things)


def endings(sink: Sink, outcomes: Iterator[Outcome]) -> Iterator[tuple[Ending, Saved]]:
    """What became of every product, in order.

    A sink may take many at once, so products without a description wait for the ones
    before them.
    """
    from ...pipeline import Described

    # None: a product that is being saved
    waiting: deque[Failed | Skipped | None] = deque()

    def described() -> Iterator[tuple[Product, Description]]:
        for outcome in outcomes:
            if isinstance(outcome, Described):
                waiting.append(None)
                yield outcome.product, outcome.description
            else:
                waiting.append(outcome)

    def without_description() -> Iterator[tuple[Ending, Saved]]:
        while waiting and (one := waiting.popleft()):
            yield _ending(sink, one)

    try:
        for saved in save_all(sink, described()):
            yield from without_description()
            yield saved.status, saved
    except Exception:
        waiting = deque(one for one in waiting if one)
        yield from without_description()
        raise
    yield from without_description()


def _ending(sink: Sink, outcome: Failed | Skipped) -> tuple[Ending, Saved]:
    from ...pipeline import Failed

    if isinstance(outcome, Failed):
        ending = failed_ending(outcome)
        return ending, Saved(outcome.product.id, "refused", reason=str(outcome.error))
    if isinstance(sink, FileSink):
        return "unchanged", sink.skip(outcome.product)
    return "unchanged", Saved(outcome.product.id, "unchanged")


def failed_ending(outcome: Failed) -> Literal["failed", "dropped"]:
    """Whether a product failed, or was dropped as it took longer than the grace."""
    return "dropped" if isinstance(outcome.error, CancelError) else "failed"
