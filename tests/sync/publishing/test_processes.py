"""P3 and P13 with real processes: killed by SIGKILL, stopped by SIGSTOP and let go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from doubles.publishing import processes
from doubles.publishing.small_shops import WooShop, described, states

COUNT = 40


def command(path: Path, shop: WooShop, *more: object) -> list[str]:
    script = str(processes.__file__)
    port = shop.server.port
    return [sys.executable, script, str(path), str(port), *map(str, more)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def slow(shop: WooShop, seconds: float = 0.05) -> None:
    """Each request takes a while, also after its client is gone."""
    shop.state.before = lambda _: time.sleep(seconds)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("kills", [6, pytest.param(30, marks=pytest.mark.heavy)])
def test_p3_killed_again_and_again_each_product_changes_once(
    kills: int, tmp_path: Path
) -> None:
    path = tmp_path / "job.db"
    with WooShop(COUNT) as shop:
        described(path, shop)
        slow(shop)
        done = subprocess.run(
            command(path, shop, "kills", 20261129, kills),
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        wanted = {(str(number), "change"): 1 for number in range(1, COUNT + 1)}
        assert Counter(shop.audit()) == wanted, done.stdout
    assert states(path) == {"done": COUNT}


class Stopped:
    """A publisher that stands still in the middle of its work, while another takes over."""

    def __init__(self, path: Path, shop: WooShop, control: str, lease: float = 1.0) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.shop = shop
        self._count = 0
        shop.state.before = self._count_writes
        self.process = subprocess.Popen(
            command(path, shop, "once", lease, control),
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )

    def _count_writes(self, state: object) -> None:
        """The second batch has left: its process is stopped before it hears of it."""
        self._count += self.shop.state.requests[-1][0] != "GET"
        if self._count == 2 and not self.reached.is_set():
            os.kill(self.process.pid, signal.SIGSTOP)
            self.reached.set()

    def end(self) -> str:
        os.kill(self.process.pid, signal.SIGCONT)
        out, _ = self.process.communicate(timeout=120)
        return str(out)


def taken_over(path: Path, shop: WooShop, control: str) -> tuple[str, str, int]:
    """What the stopped one and the other say, and how much the first one wrote late."""
    first = Stopped(path, shop, control)
    try:
        assert first.reached.wait(120)
        time.sleep(1.5)  # its lease is over
        other = subprocess.run(
            command(path, shop, "once", 1.0, control),
            env=environment(),
            capture_output=True,
            text=True,
        )
        before = shop.writes()
        return first.end(), other.stdout, shop.writes() - before
    finally:
        if first.process.poll() is None:
            first.process.kill()


def test_p13_a_writer_that_stood_still_is_fenced_and_writes_nothing_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "job.db"
    with WooShop(COUNT) as shop:
        described(path, shop)
        first, other, late = taken_over(path, shop, "")
        assert "another process took over" in first
        assert "done" in other
        assert late == 0
        assert Counter(kind for _, kind in shop.audit()) == {"change": COUNT}
    assert states(path) == {"done": COUNT}


def test_p13_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    with WooShop(COUNT) as shop:
        described(path, shop)
        first, _, _ = taken_over(path, shop, "control")
        assert "took over" not in first, "the control goes on as if nothing had been"


def test_p13_a_second_writer_is_refused_while_the_first_has_its_lease(
    tmp_path: Path,
) -> None:
    path = tmp_path / "job.db"
    with WooShop(COUNT) as shop:
        described(path, shop)
        first = Stopped(path, shop, "", lease=600.0)
        assert first.reached.wait(120)
        other = subprocess.run(
            command(path, shop, "once", 600.0, ""),
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert "refused: " in other.stdout
        assert "another process publishes to it" in other.stdout
        assert "done" in first.end()
    assert states(path) == {"done": COUNT}
