"""Publishers in processes of their own that are killed or stopped, for the real thing.

A process that has imported everything forks one child a publish, so that thirty kills take
seconds. SHOP is the port of a WooCommerce stand-in in the test's own process, or the
address of a real Vendure, whose token is in the environment.

    python processes.py JOURNAL SHOP kills SEED COUNT     # killed so often, then it ends
    python processes.py JOURNAL SHOP kills SEED COUNT gaps    # waits for a line after each
    python processes.py JOURNAL SHOP once LEASE CONTROL   # one publish; says how it ended
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from doubles.publishing.controls import WithoutFencing
from doubles.publishing.small_shops import KEY, SECRET
from doubles.shop_servers.vendure_server import loopback
from doubles.shops.live.woocommerce import http

from productdesc import sync
from productdesc.catalogs.live import RETRY_POLICIES
from productdesc.catalogs.output.guarded_writes import GuardedSink, Planned
from productdesc.catalogs.vendure import VendureClient, VendureSink
from productdesc.catalogs.woocommerce.rest import WooCommerceClient, WooCommerceSink
from productdesc.errors import JournalError
from productdesc.sync.database import Database
from productdesc.sync.publishing.leases import Lease
from productdesc.sync.publishing.writer import Writer

SETTLE = 0.4
"""Seconds; longer than the stand-in takes for a request."""
VENDURE_LIMIT = 2.0
"""Seconds that a request to a real Vendure may take."""
VENDURE_STOPPED = 3.5
"""Seconds that a real Vendure stands still; longer than that limit."""
VENDURE_SETTLE = 5.5
"""Seconds; longer than it stands still, and than its work takes after that."""
POINTS = ("begin", "inside", "committed", "check", "admitted", "answered")


MAX_BATCHES = 5
"""Batches that a process that is to be killed sends at most."""


class Killer:
    """Kills this process the `count`-th time that it comes by a point.

    Where that does not come, it dies in the middle of its fifth batch, after `seconds`.
    """

    def __init__(self, point: str = "", count: int = 0, seconds: float = 0.0) -> None:
        self._point, self._left, self._seconds = point, count, seconds
        self._batches = 0

    def at(self, point: str) -> None:
        if not self._point:
            return
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
        self._batches += point == "admitted"
        if self._batches == MAX_BATCHES:
            how = (os.getpid(), signal.SIGKILL)
            threading.Timer(self._seconds, os.kill, how).start()


def killable(killer: Killer, base: type[Writer]) -> tuple[type[Database], type[Writer]]:
    class KillableDatabase(Database):
        @contextlib.contextmanager
        def transaction(self) -> Iterator[sqlite3.Connection]:
            killer.at("begin")
            with super().transaction() as connection:
                yield connection
                killer.at("inside")
            killer.at("committed")

    class KillableWriter(base):  # type: ignore[valid-type, misc]
        def check(self) -> None:
            killer.at("check")
            super().check()

        def admit(self, planned: Sequence[Planned]) -> list[str]:
            whys: list[str] = super().admit(planned)
            killer.at("admitted")
            return whys

        def read_back(self, ids: Sequence[str]) -> Any:
            killer.at("answered")
            return super().read_back(ids)

    return KillableDatabase, KillableWriter


def woocommerce(port: int) -> WooCommerceSink:
    client = WooCommerceClient(
        f"http://127.0.0.1:{port}",
        KEY,
        SECRET,
        http=http(port, idle_seconds=20.0),
        retry=RETRY_POLICIES["woocommerce"]._replace(settle_seconds=SETTLE),
    )
    return WooCommerceSink(client, apply=True, batch=10)


def vendure(url: str) -> VendureSink:
    limits = {"idle_seconds": VENDURE_LIMIT, "deadline_seconds": VENDURE_LIMIT}
    client = VendureClient(
        url,
        os.environ["PRODUCTDESC_VENDURE_TOKEN"],
        http=loopback(urlsplit(url).port or 80, **limits),
        retry=RETRY_POLICIES["vendure"]._replace(settle_seconds=2.0, attempts=6),
    )
    return VendureSink(client, apply=True, batch=3, seo="custom-fields")


def publish(
    path: str, shop: str, killer: Killer, base: type[Writer] = Writer, **options: Any
) -> int:
    """One publish to its end; how many products were not done."""
    database, writer = killable(killer, base)
    is_real = not shop.isdecimal()
    opened: GuardedSink = vendure(shop) if is_real else woocommerce(int(shop))
    with sync.Journal(path, database=database) as journal, opened as sink:
        settle = VENDURE_SETTLE if is_real else SETTLE
        options = {"settle_seconds": settle, "writer": writer, **options}
        outcomes = [*sync.publish(journal, sink, **options)]
    return sum(one.state not in ("done", "drift") for one in outcomes)


def forked(
    path: str, shop: str, killer: Killer, seconds: float | None, base: type[Writer]
) -> bool:
    """Publish in a child that may be killed; whether it came to its end."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 2 * bool(publish(path, shop, killer, base))
        except BaseException as e:
            print(f"publish: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
        os._exit(code)
    ended, status = 0, 0
    if seconds is not None:
        until = time.monotonic() + seconds
        while not ended and time.monotonic() < until:
            time.sleep(0.01)
            ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
    if not ended:
        _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a publish failed; see above")
    return os.WIFEXITED(status)


def kills(path: str, shop: str, seed: int, count: int, gap: Callable[[], object]) -> int:
    """Kill a publish so often, going on each time; how often it was killed."""
    chance = random.Random(seed)
    longest = 0.5 if shop.isdecimal() else VENDURE_SETTLE + 1.0
    done = 0
    while done < count:
        if chance.random() < 0.5:
            point, how_often = chance.choice(POINTS), chance.randrange(1, 6)
            killer = Killer(point, how_often, chance.uniform(0.0, 0.2))
            is_over = forked(path, shop, killer, None, Writer)
        else:
            killer = Killer("never", 0, chance.uniform(0.0, 0.2))
            seconds = chance.uniform(longest / 25, longest)
            is_over = forked(path, shop, killer, seconds, Writer)
        done += not is_over
        if is_over:
            break
        gap()
    while not forked(path, shop, Killer(), None, Writer):
        pass
    return done


def wait_for_a_line() -> None:
    print("gap", flush=True)
    sys.stdin.readline()


def main(path: str, shop: str, verb: str, first: str, second: str, gaps: str = "") -> None:
    if verb == "kills":
        gap = wait_for_a_line if gaps else int
        print(f"kills {kills(path, shop, int(first), int(second), gap)}")
        return
    lease: type[Lease] = WithoutFencing if second == "control" else Lease
    print("ready", flush=True)
    try:
        publish(path, shop, Killer(), lease=lease, lease_seconds=float(first))
        print("done", flush=True)
    except JournalError as e:
        print(f"refused: {e}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
