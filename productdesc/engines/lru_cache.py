"""What is costly to make and often asked for again: the last used is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class LruCache(Generic[T]):
    """At most so many values by name; which was not used for longest goes first.

    Safe to use from several threads: one makes a value while the others wait for it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, name: Hashable, make: Callable[[], T]) -> T:
        """The value of that name, made where it is not kept. What `make` raises passes."""
        with self._lock:
            if name not in self._values:
                self._values[name] = make()
            self._values.move_to_end(name)  # the last that was used comes last
            if len(self._values) > self._most:
                self._values.popitem(last=False)
            return self._values[name]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
