"""Rate limit of the Admin API: its leaky bucket of points, followed from this side.

Every answer says how full the bucket is, how large, and how fast it fills; between two
answers it fills by itself. A request waits until its whole price is there, since Shopify
asks for that before it runs it and gives back afterwards what was not used.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .....net import RetryPolicy
from ....http_outcome import Closed, Throttled, Unanswered

_MAX_THROTTLED = 50


class PointsBackoff:
    """Backoff of one request: waits for points, and between attempts that fail.

    A throttled request was not carried out, so it counts as no failure.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._throttled = 0

    def __call__(self, outcome: Throttled | Unanswered) -> float | Closed:
        """Seconds to wait before the next attempt; `Closed`: there is none."""
        if isinstance(outcome, Throttled):
            return self._after_throttling(outcome)
        self._failures += 1
        if self._failures >= self._policy.attempts:
            return Closed(f"{outcome.reason}; given up after {self._failures} attempts")
        seconds = self._policy.first_wait_seconds * 2 ** (self._failures - 1)
        return random.uniform(seconds / 2, seconds)

    def _after_throttling(self, outcome: Throttled) -> float | Closed:
        self._throttled += 1
        seconds, limit = outcome.seconds, self._policy.longest_wait_seconds
        if seconds is not None and seconds > limit:
            return Closed(
                f"{outcome.reason}; it asks to wait {seconds:.0f} s, "
                f"{limit:.0f} s is the limit"
            )
        if self._throttled >= _MAX_THROTTLED:
            return Closed(f"{outcome.reason}; throttled {self._throttled} times in a row")
        if seconds is None:  # the bucket knows better; this is for one that is shared
            seconds = min(self._policy.first_wait_seconds * self._throttled, 10.0)
        return seconds + random.uniform(0, 0.5)


class CostBucket:
    """Leaky bucket of the points that one app may spend in one shop. Safe for threads.

    `clock` gives seconds that never go back; `sleep` waits. Until the first answer nothing
    is known, and nothing waits.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        longest_wait_seconds: float = RetryPolicy().longest_wait_seconds,
    ) -> None:
        self._longest = longest_wait_seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._reserved = 0.0  # of requests that are on their way
        self._available = 0.0
        self._at = 0.0
        self._maximum = 0.0
        self._rate = 0.0

    def take(self, points: float) -> None:
        """Wait until these points are there, at most as long as allowed; set them aside.

        A bucket that fills slower than that is left to the shop, which may throttle.
        """
        left = self._longest
        while (seconds := self._missing(points, may_wait=left > 0)) > 0:
            self._sleep(min(seconds, left))
            left -= seconds

    def settle(self, points: float, status: Mapping[str, Any] | None) -> None:
        """A request is over: `status` is the `throttleStatus` of its answer, if any."""
        with self._lock:
            self._reserved -= points
            if status is None:
                return
            self._available = float(status["currentlyAvailable"])
            self._maximum = float(status["maximumAvailable"])
            self._rate = float(status["restoreRate"])
            self._at = self._clock()

    def _missing(self, points: float, *, may_wait: bool) -> float:
        """Seconds until the points are there; 0: they were set aside, there or not."""
        with self._lock:
            if not (self._rate > 0 and may_wait):
                self._reserved += points
                return 0.0
            restored = (self._clock() - self._at) * self._rate
            there = min(self._maximum, self._available + restored) - self._reserved
            # one that is dearer than the bucket is large is the shop's to refuse
            missing = min(points, self._maximum) - there
            if missing <= 0:
                self._reserved += points
                return 0.0
            return missing / self._rate + 0.001  # past rounding, so that once is enough
