"""What is costly to make is made once, and the last used is kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from productdesc.engines.lru_cache import LruCache


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept: LruCache[str] = LruCache(2)
    made: list[str] = []

    def get(name: str) -> str:
        return kept.get(name, lambda: made.append(name) or name.upper())  # type: ignore[func-returns-value]

    assert [get(name) for name in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]
    assert len(kept) == 2


def test_what_cannot_be_made_is_not_kept() -> None:
    kept: LruCache[int] = LruCache(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 0) == 0
    assert kept.get("a", lambda: 1) == 0  # a value that is false is kept like any other


def test_threads_that_ask_at_once_get_one_value() -> None:
    kept: LruCache[object] = LruCache(2)
    together = threading.Barrier(8)

    def ask(_: int) -> object:
        together.wait()
        return kept.get("a", object)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
