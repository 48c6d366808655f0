"""Publishers in processes of their own that are killed or stopped, for the real thing.

A process that has imported everything forks one child a publish, so that thirty kills take
seconds. The shop is a WooCommerce stand-in in the test's own process, on a port.

    python processes.py JOURNAL PORT kills SEED COUNT     # killed so often, then it ends
    python processes.py JOURNAL PORT once LEASE CONTROL   # one publish; says how it ended
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from doubles.publishing.controls import WithoutFencing
from doubles.publishing.small_shops import KEY, SECRET
from doubles.shops.live.woocommerce import http

from productdesc import sync
from productdesc.catalogs.live import RETRY_POLICIES
from productdesc.catalogs.output.guarded_writes import Planned
from productdesc.catalogs.woocommerce.rest import WooCommerceClient, WooCommerceSink
from productdesc.errors import JournalError
from productdesc.sync.database import Database
from productdesc.sync.publishing.leases import Lease
from productdesc.sync.publishing.writer import Writer

SETTLE = 0.4
"""Seconds; longer than the stand-in takes for a request."""
POINTS = ("begin", "inside", "committed", "check", "admitted", "answered")


class Killer:
    """Kills this process the `count`-th time that it comes by a point."""

    def __init__(self, point: str = "", count: int = 0) -> None:
        self._point, self._left = point, count

    def at(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


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


def publish(
    path: str, port: int, killer: Killer, base: type[Writer] = Writer, **options: Any
) -> int:
    """One publish to its end; how many products were not done."""
    database, writer = killable(killer, base)
    client = WooCommerceClient(
        f"http://127.0.0.1:{port}",
        KEY,
        SECRET,
        http=http(port, idle_seconds=20.0),
        retry=RETRY_POLICIES["woocommerce"]._replace(settle_seconds=SETTLE),
    )
    with (
        sync.Journal(path, database=database) as journal,
        WooCommerceSink(client, apply=True, batch=10) as sink,
    ):
        options = {"settle_seconds": SETTLE, "writer": writer, **options}
        outcomes = [*sync.publish(journal, sink, **options)]
    return sum(one.state not in ("done", "drift") for one in outcomes)


def forked(
    path: str, port: int, killer: Killer, seconds: float | None, base: type[Writer]
) -> bool:
    """Publish in a child that may be killed; whether it came to its end."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 2 * bool(publish(path, port, killer, base))
        except BaseException as e:
            print(f"publish: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
        os._exit(code)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a publish failed; see above")
    return os.WIFEXITED(status)


def kills(path: str, port: int, seed: int, count: int, base: type[Writer]) -> int:
    """Kill a publish so often, going on each time; how often it was killed."""
    chance = random.Random(seed)
    done = 0
    while done < count:
        if chance.random() < 0.5:
            killer = Killer(chance.choice(POINTS), chance.randrange(1, 6))
            is_over = forked(path, port, killer, None, base)
        else:
            is_over = forked(path, port, Killer(), chance.uniform(0.02, 0.5), base)
        done += not is_over
        if is_over:
            break
    while not forked(path, port, Killer(), None, base):
        pass
    return done


def main(path: str, port: str, verb: str, first: str, second: str) -> None:
    if verb == "kills":
        print(f"kills {kills(path, int(port), int(first), int(second), Writer)}")
        return
    lease: type[Lease] = WithoutFencing if second == "control" else Lease
    print("ready", flush=True)
    try:
        publish(path, int(port), Killer(), lease=lease, lease_seconds=float(first))
        print("done", flush=True)
    except JournalError as e:
        print(f"refused: {e}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
