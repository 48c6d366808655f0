"""Least-recently-used cache with a lock: what is costly to make is made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class LruCache(Generic[T]):
    """At most `size` values by key; the one not used for longest goes first.

    Safe to use from several threads: one makes a value while the others wait for it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of the key, made where it is not cached. What `make` raises passes."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)  # the last that was used comes last
            if len(self._values) > self._size:
                self._values.popitem(last=False)
            return self._values[key]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
