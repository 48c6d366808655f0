"""Log of one call: a line as it begins and ends, and one for each product."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from ...text.log_lines import package_logger
from ..draft import Described, Failed, Outcome, Skipped

_log = package_logger("pipeline")

T = TypeVar("T")


class RunLog:
    """The log of one call: INFO has a line for each product as its outcome is given."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._begun: dict[object, float] = {}
        self._counts: Counter[str] = Counter()

    def begin(self, engine: object, what: str) -> None:
        """One line before the first product."""
        _log.info("run begins: %s with %s", what, engine)

    def each(self, coming: Iterable[T]) -> Iterator[T]:
        """The same things; the time of each counts from here. They are numbered from 0."""
        for number, one in enumerate(coming):
            self.enter(number)
            yield one

    def enter(self, number: int) -> None:
        """Product `number` was read."""
        self._begun[number] = time.perf_counter()

    def outcome(self, number: object, outcome: Outcome) -> None:
        """Product `number` has ended."""
        seconds = time.perf_counter() - self._begun.pop(number, self._began)
        key = outcome.product.id or "(no id)"
        match outcome:
            case Described(_, description):
                findings = len(description.findings)
                line = "product %s described in %.1f s, %d findings"
                _log.info(line, key, seconds, findings)
            case Failed(_, error):
                line = "product %s failed after %.1f s: %s: %s"
                _log.info(line, key, seconds, type(error).__name__, error)
            case Skipped():
                _log.info("product %s skipped after %.1f s: needs nothing", key, seconds)
        self._counts[type(outcome).__name__.lower()] += 1

    def end(self) -> None:
        """One line after the last product, also where the run was left before that."""
        counts = ", ".join(f"{n} {name}" for name, n in sorted(self._counts.items()))
        seconds = time.perf_counter() - self._began
        _log.info("run ended: %s in %.1f s", counts or "no product", seconds)
