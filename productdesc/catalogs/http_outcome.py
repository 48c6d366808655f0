"""Outcomes of an HTTP request to a live shop other than an answer, for all shops alike.

An answer is a class of each shop's own (`Answered` in its `replies.py`), since it holds
what that shop sends. There, `judge` says which outcome a reply is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that the shop refused; `reason` holds the shop's own words.

    code, data: what it adds for programs, where it does.
    """

    reason: str
    code: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request without an answer of use: nobody knows whether the shop did it.

    seconds: how long the shop asks to wait. sent: whether any byte of the request left;
    one that never left can be sent again without harm.
    """

    reason: str
    seconds: float | None = None
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Throttled:
    """A request that came too fast, and was not done: it may be sent again.

    seconds: how long the shop asks to wait; None: it does not say.
    """

    reason: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A request that was not done, and no other would be: wrong key, rights or address."""

    reason: str


NotAnswered = Refused | Unanswered | Throttled | Closed
"""Every outcome but an answer."""
