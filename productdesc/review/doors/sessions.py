"""Sessions: who a browser is, for how long, at which address; and the first link."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ..limits import LIMITS, Limits


@dataclass(slots=True)
class Session:
    """One browser that came in. `host`: the Host header, with its port, that it is bound
    to; `csrf`: what each of its forms holds."""

    who: str
    host: str
    csrf: str
    until: float

    def is_form_of(self, token: str) -> bool:
        """Whether a form with this token was made for this session."""
        return hmac.compare_digest(self.csrf.encode(), token.encode("utf-8", "replace"))


class Sessions:
    """All sessions of a server, in memory: a restart ends them. Safe to use from threads.

    clock: for tests.
    """

    def __init__(
        self, limits: Limits = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._links: dict[str, tuple[str, float]] = {}

    def link(self, who: str) -> str:
        """A token for one first visit, which is then `who`."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._links[token] = (who, self._clock() + self._limits.link_seconds)
        return token

    def enter(self, token: str, host: str) -> str | None:
        """The key of a new session; None where the link was used, or is too old."""
        with self._lock:
            who, until = self._links.pop(token, ("", 0.0))
        return self.open(who, host) if self._clock() < until else None

    def open(self, who: str, host: str) -> str:
        """The key of a new session; a key that a browser brings along is never taken."""
        key = secrets.token_urlsafe(32)
        until = self._clock() + self._limits.session_seconds
        with self._lock:
            self._sessions[key] = Session(who, host, secrets.token_urlsafe(32), until)
            while len(self._sessions) > self._limits.most_sessions:
                self._sessions.popitem(last=False)
        return key

    def find(self, key: str, host: str) -> Session | None:
        """The session with this key at this address, which lasts on from now."""
        now = self._clock()
        with self._lock:
            found = self._sessions.get(key)
            if found is None or found.host != host:
                return None
            if found.until < now:
                del self._sessions[key]
                return None
            found.until = now + self._limits.session_seconds
            self._sessions.move_to_end(key)
            return found

    def close(self, key: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(key, None)
