"""Shared loop: one running loop of conversations for everybody who uses an engine.

Conversations enter from any thread and leave as they end, so that calls that know nothing
of each other are batched. The loop has a thread of its own while anybody is in it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ..cancel import CancelToken
from ..errors import CancelError, DeadlineError, EngineBusyError
from .conversations import Arrival, Conversation, Ended
from .protocol import Engine, Settings
from .serving import serve

AT_ONCE = 16
"""Conversations under way at a time; the others wait."""

Done = Callable[[Ended[Any]], None]
"""Told of a conversation's end, in the loop's thread or in who enters; must not wait."""


@dataclass(slots=True, eq=False)
class _Guest:
    arrival: Arrival[Any]
    done: Done
    on_cancel: int = 0
    has_begun: bool = False


def check_room(engine: Engine, max_waiting: int | None) -> None:
    """Raises `EngineBusyError` where so many wait for the engine already."""
    with _lock:
        loop = _loops.get(id(engine))
        if loop:
            loop.check_room(max_waiting)


def enter(
    engine: Engine,
    conversation: Conversation[Any],
    settings: Settings,
    token: CancelToken,
    done: Done,
    *,
    after: Future[Any] | None = None,
    max_waiting: int | None = None,
) -> None:
    """Have a conversation begin in the engine's loop, once `after` is done.

    Raises `EngineBusyError` where more than `max_waiting` wait already.
    """
    with _lock:
        loop = _loops.get(id(engine))
        if loop is None:
            loop = _SharedLoop(engine)
            threading.Thread(target=loop.work, name="productdesc-engine").start()
            _loops[id(engine)] = loop
        loop.check_room(max_waiting)
        guest = loop.invite(conversation, settings, token, done)
    try:
        guest.on_cancel = token.on_cancel(lambda: loop.cancelled(guest))
    except (CancelError, DeadlineError):
        loop.cancelled(guest)
    if after is None:
        loop.ready(guest)
    else:
        after.add_done_callback(lambda _: loop.ready(guest))


_lock = threading.Lock()
_loops: dict[int, _SharedLoop] = {}  # by the id of their engine, while they run


def _forget_the_parents() -> None:
    """In a forked child: the threads of the parent's loops are not there."""
    global _lock
    _lock = threading.Lock()
    _loops.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents)


class _SharedLoop:
    """Arrivals of one engine, from its first guest to its last; `_lock` guards them."""

    def __init__(self, engine: Engine) -> None:
        self.changed = threading.Event()
        self._engine = engine
        self._guests: dict[int, _Guest] = {}
        self._number = 0
        self._ready: deque[_Guest] = deque()
        self._is_over = False

    def check_room(self, max_waiting: int | None) -> None:
        if max_waiting is not None and len(self._guests) - AT_ONCE >= max_waiting:
            raise EngineBusyError(
                f"{self._engine.info.model}: {len(self._guests)} products are under way or "
                f"wait for it, and at most {max_waiting} may wait; try again later"
            )

    def invite(
        self,
        conversation: Conversation[Any],
        settings: Settings,
        token: CancelToken,
        done: Done,
    ) -> _Guest:
        self._number += 1
        guest = _Guest(Arrival(self._number, conversation, settings, token), done)
        self._guests[self._number] = guest
        return guest

    @property
    def is_over(self) -> bool:
        """Whether the last guest has left; who comes later gets another loop."""
        with _lock:
            if not self._is_over and not self._guests:
                self._is_over = True
                _loops.pop(id(self._engine), None)
            return self._is_over

    def take(self) -> Arrival[Any] | None:
        with _lock:
            while self._ready:
                guest = self._ready.popleft()
                if guest.arrival.key in self._guests:
                    guest.has_begun = True
                    return guest.arrival
        return None

    def ready(self, guest: _Guest) -> None:
        """It may begin."""
        with _lock:
            self._ready.append(guest)
        self.changed.set()

    def cancelled(self, guest: _Guest) -> None:
        """Its token was cancelled: the engine drops it, or it never begins."""
        if not guest.has_begun:
            self._end(Ended(guest.arrival.key, error=guest.arrival.token.error))
        self.changed.set()

    def work(self) -> None:
        """Serve until the last guest has left."""
        while not self.is_over:
            try:
                for ended in serve(self._engine, self, at_once=AT_ONCE):
                    self._end(ended)
            except Exception as e:  # the engine's own: whatever was under way is lost
                with _lock:
                    guests = list(self._guests.values())
                # where it could not even begin, it would not with the next one either
                for guest in [g for g in guests if g.has_begun] or guests:
                    self._end(Ended(guest.arrival.key, error=e))

    def _end(self, ended: Ended[Any]) -> None:
        with _lock:
            guest = self._guests.pop(ended.key, None)  # type: ignore[call-overload]
        if guest:
            guest.arrival.token.forget(guest.on_cancel)
            guest.done(ended)
