"""Leases: one writer a journal and shop, and none that comes back late.

A writer holds a lock of the operating system, which goes with its process, and a lease in
the journal with a number that only rises. Where the lock's holder stands still for longer
than its lease, another takes over with a higher number; the first finds that out before
its next request, and writes nothing more.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import JournalError
from ...text.printable import printable
from ..journal import Journal
from ..stored import digest

LEASE_SECONDS = 60.0
"""How long a writer may stand still before another may take over."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Which start of this machine it is, as far as that is known."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return "unknown"


class MachineClock(NamedTuple):
    """Seconds since the machine was started, the same for all of its processes."""

    boot: str = boot_id()
    seconds: Callable[[], float] = time.monotonic


class Lease:
    """The right to write to one shop; `check` raises once another process has it.

    token: the fencing number.
    """

    def __init__(
        self, journal: Journal, shop: str, token: int, clock: MachineClock
    ) -> None:
        self.journal = journal
        self.shop = shop
        self.token = token
        self.clock = clock

    def check(self) -> None:
        """Raises `JournalError` where another process has taken over."""
        found = self.journal.database.rows(_TOKEN, self.shop)
        self._must_be_ours(found)

    def fence(self, connection: sqlite3.Connection) -> None:
        """The same within a transaction, which then commits nothing."""
        self._must_be_ours(connection.execute(_TOKEN, (self.shop,)).fetchall())

    def renew(self) -> None:
        """Begin its time anew, if it is ours still."""
        with self.journal.database.transaction() as connection:
            connection.execute(
                "UPDATE leases SET beat = ? WHERE shop = ? AND token = ?",
                (self.clock.seconds(), self.shop, self.token),
            )

    def _must_be_ours(self, found: list[tuple[object, ...]]) -> None:
        if found != [(self.token,)]:
            raise JournalError(
                f"{printable(self.shop, 'name')}: another process took over while this one "
                "stood still; it goes on, and this one writes nothing more"
            )


_TOKEN = "SELECT token FROM leases WHERE shop = ?"

MakeLease = Callable[[Journal, str, int, MachineClock], Lease]


@contextlib.contextmanager
def leased(
    journal: Journal,
    shop: str,
    *,
    seconds: float = LEASE_SECONDS,
    clock: MachineClock | None = None,
    make: MakeLease = Lease,
) -> Iterator[Lease]:
    """Within the block this process is the only writer; `JournalError` where one is."""
    clock = clock or MachineClock()
    with contextlib.ExitStack() as stack:
        has_lock = _locked(journal.path, shop, stack)
        token = _take(journal, shop, seconds, clock, has_lock)
        lease = make(journal, shop, token, clock)
        stack.callback(_give_back, journal, shop, token)
        stack.enter_context(_beating(lease, seconds / 3))
        yield lease


def _locked(path: Path, shop: str, stack: contextlib.ExitStack) -> bool:
    lock = sqlite3.connect(
        f"{path}.{digest(shop)[:12]}.lock",
        isolation_level=None,
        timeout=0,
        check_same_thread=False,
    )
    try:
        lock.execute("PRAGMA journal_mode = MEMORY")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        lock.close()
        return False
    stack.callback(lock.close)
    return True


def _take(
    journal: Journal, shop: str, seconds: float, clock: MachineClock, has_lock: bool
) -> int:
    with journal.database.transaction() as connection:
        now = clock.seconds()
        found = connection.execute(
            "SELECT token, has_lock, boot, beat, seconds FROM leases WHERE shop = ?",
            (shop,),
        ).fetchone()
        token = 1
        if found:
            token, had_lock, boot, beat, most = found
            is_fresh = boot == clock.boot and now - beat < most
            is_alive = not (had_lock and has_lock)  # else it has let go of its lock
            if is_fresh and is_alive:
                raise JournalError(
                    f"{printable(shop, 'name')}: another process publishes to it from this "
                    f"journal; stop it, or wait {most:.0f} s after it "
                    "stands still"
                )
            token += 1
        connection.execute(
            "INSERT OR REPLACE INTO leases(shop, token, holder, has_lock, boot, beat, "
            "seconds) VALUES(?, ?, ?, ?, ?, ?, ?)",
            (shop, token, f"process {os.getpid()}", has_lock, clock.boot, now, seconds),
        )
    return int(token)


def _give_back(journal: Journal, shop: str, token: int) -> None:
    with contextlib.suppress(JournalError), journal.database.transaction() as connection:
        connection.execute(
            "UPDATE leases SET seconds = 0 WHERE shop = ? AND token = ?", (shop, token)
        )


@contextlib.contextmanager
def _beating(lease: Lease, every: float) -> Iterator[None]:
    """Renew the lease from a thread: a request may take longer than it lasts."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(every):
            with contextlib.suppress(JournalError):  # the next one may pass
                lease.renew()

    thread = threading.Thread(target=beat, name="productdesc-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
