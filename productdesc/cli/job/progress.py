"""Progress: a bar on a terminal, and a line now and then where there is none."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from ...errors import ProductDescError
from ..terminal import show
from .tally import Tally, so_far

T = TypeVar("T")

LINE_SECONDS = 30.0
"""Between two lines where there is no terminal, as under cron."""


class Total:
    """How many products there are to come, found out meanwhile. `value` 0: not known."""

    def __init__(self, count: int | Callable[[], int]) -> None:
        self.value = count if isinstance(count, int) else 0
        self._thread: threading.Thread | None = None
        if not isinstance(count, int):
            self._thread = threading.Thread(target=self._find, args=(count,), daemon=True)
            self._thread.start()

    def _find(self, count: Callable[[], int]) -> None:
        with suppress(ProductDescError):  # which the run itself tells
            self.value = count()

    def wait(self, seconds: float) -> int:
        """The number, for which it waits so long at most."""
        if self._thread:
            self._thread.join(seconds)
        return self.value


def bar(outcomes: Iterator[T], total: Total, what: str = "describing") -> Iterator[T]:
    """The outcomes, with a bar on a terminal."""
    from tqdm import tqdm

    shown = tqdm(outcomes, total=total.value or None, desc=what, unit="product",
                 file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)  # fmt: skip
    for outcome in shown:
        yield outcome
        shown.total = total.value or None


def lines(
    tally: Tally, total: Total, *, seconds: float = LINE_SECONDS, screen: Any = None
) -> contextlib.AbstractContextManager[None]:
    """Within the block a line says every so often how far it is; none on a terminal."""
    return lines_of(lambda: line(tally, total.value), seconds=seconds, screen=screen)


@contextlib.contextmanager
def lines_of(
    text: Callable[[], str], *, seconds: float = LINE_SECONDS, screen: Any = None
) -> Iterator[None]:
    """The same with a line of any text."""
    place = screen or sys.stderr
    over = threading.Event()

    def tell() -> None:
        while not over.wait(seconds):
            show(f"productdesc: {text()}", place, flush=True)

    if place.isatty():
        yield
        return
    thread = threading.Thread(target=tell, name="productdesc-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def line(tally: Tally, total: int) -> str:
    """How far a job is: done, failed, rate, and the time left where it can be told."""
    parts = [so_far(tally, total), f"{tally.failed} failed"]
    seconds = time.monotonic() - tally.began
    parts.append(rate(tally.ended, seconds))
    if total and tally.ended:
        left = max(total - tally.ended, 0) * seconds / tally.ended
        parts.append(f"about {duration(left)} left")
    return ", ".join(parts)


def rate(number: int, seconds: float) -> str:
    """Products a second, or a minute or an hour where that is a number to read."""
    each = number / max(seconds, 0.001)
    units = {"second": 1, "minute": 60, "hour": 3600}
    large = (unit for unit, length in units.items() if each * length >= 1 or not number)
    unit = next(large, "hour")
    length = units[unit]
    return f"{each * length:.3g} {'an' if unit == 'hour' else 'a'} {unit}"


def duration(seconds: float) -> str:
    """A time in one or two units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
