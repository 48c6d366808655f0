"""Estimates: the interval holds the real time, whatever it is that a job waits for."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products, run, states
from doubles.model_servers.chat_server import Body, ChatServer, fitting

from productdesc import Product, ServerEngine, load_engine, sync
from productdesc.errors import JournalError
from productdesc.sync.estimate import Interval, _allocated, _Stratum


class Delays:
    """A script of `ChatServer`: each answer after a time of its own.

    slots: so many are answered at a time, as a server does whose machine is busy.
    """

    def __init__(self, mean: float, slots: int, seed: int) -> None:
        self._mean = mean
        self._free = threading.Semaphore(slots)
        self._chance = random.Random(seed)

    def __call__(self, body: Body) -> bytes:
        with self._free:
            time.sleep(self._chance.uniform(0.5, 1.5) * self._mean)
        return fitting(body)


def holds(
    path: Path, listed: list[Product], engine: Any, **options: Any
) -> tuple[bool, str]:
    """Whether the interval of an estimate holds what the rest then takes."""
    options = {**SHORT, "batch_size": 8, **options}
    with sync.Journal(path) as journal:
        found = sync.estimate(journal, iter(listed), engine, **options)
        began = time.monotonic()
        outcomes = run(journal, iter(listed), engine, **options)
        took = time.monotonic() - began
    assert len(outcomes) == found.left
    assert found.seconds.high <= 2 * found.seconds.low
    low, high = found.seconds
    return low <= took <= high, f"{took:.2f} s in {low:.2f} to {high:.2f}"


def test_a_sample_is_kept_and_nothing_of_it_is_described_again(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        found = sync.estimate(journal, products(100), engine, batch_size=8, **SHORT)
        assert (found.sampled, found.left, found.failed) == (20, 80, 0)
        assert states(journal) == {"generated": 20, "new": 80}
        run(journal, products(100), engine)
    assert set(engine.written.values()) == {1}


def test_a_sample_that_is_all_there_is_leaves_nothing(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        found = sync.estimate(journal, products(7), CountingEngine(), **SHORT)
        assert (found.left, found.seconds) == (0, Interval(0, 0))


def test_a_sample_of_which_all_fail_says_so(tmp_path: Path) -> None:
    listed = [product(n, photos=[tmp_path / "none.jpg"]) for n in range(40)]
    with (
        sync.Journal(tmp_path / "job.db") as journal,
        pytest.raises(JournalError, match="none of the 20 products"),
    ):
        sync.estimate(journal, listed, CountingEngine(), batch_size=4, **SHORT)


def test_every_kind_of_product_is_in_the_sample() -> None:
    chance = random.Random(1)
    strata = {(0, 0): _Stratum(), (2, 1): _Stratum(), (4, 3): _Stratum()}
    for number in range(10_000):
        kind = (0, 0) if number % 100 else [(2, 1), (4, 3)][number % 200 == 0]
        strata[kind].add(number, 20, chance)
    chosen = _allocated(strata, 20)
    assert len(chosen) == 20
    assert set(chosen.values()) == set(strata)
    spread = [row for row, kind in chosen.items() if kind == (0, 0)]
    assert max(spread) > 5_000, "from the whole file, not from its begin"


def test_tokens_become_money() -> None:
    zero = Interval(0, 0)
    found = sync.Estimate(10, 20, 0, zero, Interval(1e6, 2e6), Interval(1e5, 2e5), 3)
    assert found.money(0.15, 0.60) == pytest.approx((0.21, 0.42))
    assert found.preview_bytes == 120_000


@pytest.mark.heavy
@pytest.mark.parametrize(("slots", "mean"), [(1_000, 0.3), (4, 0.15)])
def test_the_interval_holds_the_time_of_a_server_in_4_of_5_runs(
    slots: int, mean: float, tmp_path: Path
) -> None:
    listed = [product(n) for n in range(520)]
    runs = []
    for seed in range(5):
        with ChatServer(Delays(mean, slots, seed)) as server:
            engine = ServerEngine(server.url)
            runs.append(holds(tmp_path / f"{seed}.db", listed, engine))
        print(slots, runs[-1])
    assert sum(is_in for is_in, _ in runs) >= 4, runs


@pytest.mark.heavy
def test_the_interval_holds_the_time_of_the_demo_engine_in_4_of_5_runs(
    tmp_path: Path,
) -> None:
    engine = load_engine()
    runs = []
    for seed in range(5):
        chance = random.Random(seed)
        texts = ["a word " * chance.randrange(90) for _ in range(520)]
        listed = [
            product(n, title=f"Red shirt {n}", description=text)
            for n, text in enumerate(texts)
        ]
        runs.append(holds(tmp_path / f"{seed}.db", listed, engine))
        print("demo", runs[-1])
    assert sum(is_in for is_in, _ in runs) >= 4, runs
