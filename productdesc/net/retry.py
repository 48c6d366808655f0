"""Retries: when a request is sent again, and after how long (tenacity, and a policy)."""

from __future__ import annotations

import email.utils
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import tenacity

from ..errors import FetchError
from .wire import Policy

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class HttpReply:
    """HTTP reply, read to its end. Header names are in lower case; `url` is scrubbed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str


class RetryPolicy(NamedTuple):
    """Retry policy of a live shop: how long it is waited for, and how fast it is asked.

    `policy._replace(...)` gives a changed copy. Each shop's own is in
    `productdesc.catalogs.RETRY_POLICIES`.
    """

    attempts: int = 5  # at one request
    first_wait_seconds: float = 1.0  # between two attempts; doubles
    longest_wait_seconds: float = 120.0  # that a shop may ask for
    settle_seconds: float = 5.0  # before looking whether an unanswered change was made
    in_doubt_seconds: float = 30.0  # before a change of a run that died is looked at
    poll_seconds: float = 5.0  # between two looks at a job that the shop runs
    bulk_seconds: float = 24 * 3600.0  # for all of such a job
    per_second: float | None = None  # requests; None: as fast as the shop answers


def retrying(
    policy: Policy,
    deadline: float,
    budget: RetryBudget,
    sleep: Callable[[float], None],
) -> tenacity.Retrying:
    """Retries of a function that gives an `HttpReply`: the last reply or error counts.

    Never goes on beyond `deadline` (`time.monotonic`), nor begins a wait that would.
    """

    def give_up(state: tenacity.RetryCallState) -> bool:
        overdue = time.monotonic() + state.upcoming_sleep >= deadline
        last = state.attempt_number >= policy.attempts
        return last or overdue or not budget.spend()

    return tenacity.Retrying(
        stop=give_up,
        wait=lambda state: _pause(state, policy.first_wait_seconds),
        retry=_may_pass,
        sleep=sleep,
        retry_error_callback=_last_outcome,
    )


class RetryBudget:
    """Retry budget: retries are a share of requests, so that no broken host is hammered."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._tokens = 10.0
        self._lock = threading.Lock()

    def earn(self) -> None:
        with self._lock:
            self._tokens = min(10.0, self._tokens + self._share)

    def spend(self) -> bool:
        with self._lock:
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in either form; None if neither."""
    if value is None:
        return None
    value = value.strip()
    if value.isdecimal() and value.isascii():
        return float(value[:12])
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def _pause(state: tenacity.RetryCallState, first_wait: float) -> float:
    jitter = random.uniform(0, first_wait * 2 ** (state.attempt_number - 1))
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return jitter
    asked = retry_after(outcome.result().headers.get("retry-after"), datetime.now(UTC))
    return jitter if asked is None else asked + jitter  # never earlier than asked


def _may_pass(state: tenacity.RetryCallState) -> bool:
    outcome = state.outcome
    if outcome is None:
        return False
    if outcome.failed:
        error = outcome.exception()
        return isinstance(error, FetchError) and error.retryable
    return outcome.result().status in RETRIED_STATUSES


def _last_outcome(state: tenacity.RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None
