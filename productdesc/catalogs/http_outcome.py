"""What became of one request to a live shop, whichever shop it is; beside `Answered`.

Each shop has an `Answered` of its own, and a `judge` that says which of these a reply is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The shop did not do it, in its own words.

    code, data: what it adds for programs, where it does.
    """

    reason: str
    code: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows whether the shop did it. `seconds`: how long it asks to wait."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """The shop did not do it now. `seconds`: how long it asks to wait, if it says so."""

    reason: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The shop did not do it and will do nothing else either: key, rights, address."""

    reason: str
