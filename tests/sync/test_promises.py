"""Promises of a job that need no kill: P8, P10, P11, P14; one photo holds up nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products, run, states
from doubles.pictures import jpeg

from productdesc import Described, Failed, Product, sync
from productdesc.errors import CancelError, DeadlineError, JournalError
from productdesc.net import HttpReply
from productdesc.pipeline import Outcome

PHOTO = jpeg()


class PhotoHost:
    """In place of `net.Http`: gives one photo for every URL, and counts.

    seconds: by URL, how long it takes; `opened` ends all waiting.
    """

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self.fetched = 0
        self.opened = threading.Event()
        self._seconds = seconds or {}

    def get(self, url: str, **_: Any) -> HttpReply:
        self.opened.wait(self._seconds.get(url, self._seconds.get("*", 0.0)))
        self.fetched += 1
        return HttpReply(200, {}, PHOTO, url)


def with_photos(count: int) -> Iterator[Product]:
    for n in range(count):
        yield product(n, photos=[f"https://shop.example.com/{n}.jpg"])


def committed(path: Path) -> set[str]:
    """What another process would find described now."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT product_id FROM rows WHERE state = 'generated'")
    ids = {row[0] for row in found}
    connection.close()
    return ids


def test_one_slow_photo_of_24_holds_up_no_commit(tmp_path: Path) -> None:
    host = PhotoHost({"https://shop.example.com/5.jpg": 60.0})
    with sync.Journal(tmp_path / "job.db") as journal:
        outcomes = sync.run(
            journal, with_photos(24), CountingEngine(), http=host, batch_size=8, **SHORT
        )
        first = {next(outcomes).product.id for _ in range(23)}
        assert "p5" not in first
        assert committed(tmp_path / "job.db") == first, "the 23 others are committed"
        host.opened.set()
        assert next(outcomes).product.id == "p5"
        assert [*outcomes] == []


# --- P8 ----------------------------------------------------------------------------------


def poison(folder: Path) -> list[Product]:
    """Fifteen kinds of rows that cannot be described, or only with care."""
    (folder / "text.jpg").write_bytes(b"this is a text")
    (folder / "cut.jpg").write_bytes(PHOTO[:200])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "sub.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")

    def of(name: str) -> dict[str, Any]:
        return {"photos": [folder / name]}

    return [
        product(100, **of("text.jpg")),
        product(101, **of("cut.jpg")),
        product(102, **of("empty.jpg")),
        product(103, **of("sub.jpg")),
        product(104, **of("pipe.jpg")),
        product(105, **of("missing.jpg")),
        product(106, photos=[Path("a\0b.jpg")]),
        product(107, photos=["https://user:secret@10.0.0.1/a.jpg"]),
        product(108, photos=["javascript:alert(1)"]),
        product(109, photos=[PHOTO]),
        Product(id="p110"),
        Product(id="p111", photo_error="none of its photos can be used"),
        product(112, title="\ud800 lone", attributes={"size\udfff": "\ud83d"}),
        product(113, title="x" * 2_000_000),
        product(114, id="'; DROP TABLE rows; --\0\ud800"),
    ]


def test_p8_bad_rows_stop_nothing_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    bad = poison(tmp_path)
    listed = [*products(20), *bad, *(product(n) for n in range(200, 220))]
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        for _ in range(2):
            run(journal, listed, engine, batch_size=4)
            job = sync.job_status(journal)
            assert job.total + job.repeated == len(listed)
            assert job.states["new"] == 0
            assert sum(one.rows for one in job.failures) == job.states["dead"]
        rows = {row.product.id: row for row in journal.rows("plain", "en")}
        good = [*range(20), *range(200, 220)]
        assert all(rows[f"p{n}"].state == "generated" for n in good)
        dead = [row for row in rows.values() if row.state == "dead"]
        assert len(dead) >= 11
        assert all(row.reason for row in dead), "each says why"
        assert not [row.reason for row in dead if "secret" in row.reason]
        attempts = journal.database.rows("SELECT attempts FROM rows WHERE state = 'dead'")
        assert {n for (n,) in attempts} <= {0, 1}
        tried = [o.product.id for o in sync.retry(journal, engine, **SHORT)]
        # all but the one whose photo no journal can hold
        assert sorted(tried) == sorted(r.product.id for r in dead if r.product.id != "p109")
        assert all(count == 1 for count in engine.written.values())


# --- P10 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slow", ["photos", "model", "reader"])
def test_p10_no_queue_grows_whichever_stage_is_slow(slow: str, tmp_path: Path) -> None:
    host = PhotoHost({"*": 0.02} if slow == "photos" else {})
    engine = CountingEngine(seconds=0.02 if slow == "model" else 0)
    most = ended = 0
    batch = 4
    with sync.Journal(tmp_path / "job.db") as journal:
        for _ in sync.run(
            journal, with_photos(40), engine, http=host, batch_size=batch, **SHORT
        ):
            ended += 1
            time.sleep(0.02 if slow == "reader" else 0)
            most = max(most, host.fetched - ended)
    assert ended == 40
    # those with the engine, those read ahead, and one that has just ended
    assert most <= 2 * batch + 2


# --- P11 ---------------------------------------------------------------------------------

STEP = 0.2
"""Seconds that one request to the engine takes."""


def test_p11_a_deadline_ends_a_run_in_time_and_the_next_goes_on(tmp_path: Path) -> None:
    slow = CountingEngine(seconds=STEP)
    with sync.Journal(tmp_path / "job.db") as journal:
        began = time.monotonic()
        outcomes = run(journal, products(200), slow, deadline=1.0, batch_size=4)
        assert time.monotonic() - began < 1.0 + 1.0 + 10 * STEP
        done = [o for o in outcomes if isinstance(o, Described)]
        dropped = [o for o in outcomes if isinstance(o, Failed)]
        assert done
        assert all(isinstance(o.error, DeadlineError) for o in dropped)
        assert states(journal) == {"generated": len(done), "new": 200 - len(done)}
        rest = run(journal, products(200), CountingEngine(), batch_size=16)
        assert len(rest) == 200 - len(done)
        assert states(journal) == {"generated": 200}


@pytest.mark.parametrize("after", [0.0, 0.5])
@pytest.mark.parametrize("event", ["cancel", "stop"])
def test_p11_a_cancelled_run_ends_in_time_and_the_next_goes_on(
    event: str, after: float, tmp_path: Path
) -> None:
    slow, asked = CountingEngine(seconds=STEP), threading.Event()
    timer = threading.Timer(after, asked.set)
    timer.start()
    options: dict[str, Any] = {event: asked, "batch_size": 4}
    with sync.Journal(tmp_path / "job.db") as journal:
        outcomes = run(journal, products(60), slow, **options)
        timer.join()
        dropped = [o for o in outcomes if isinstance(o, Failed)]
        assert all(isinstance(o.error, CancelError) for o in dropped)
        job = sync.job_status(journal)
        assert job.states["dead"] == 0
        assert job.states["generated"] == len(outcomes) - len(dropped) < 60
        run(journal, products(60), CountingEngine())
        assert states(journal) == {"generated": 60}


def test_p11_a_run_that_is_left_in_the_middle_goes_on(tmp_path: Path) -> None:
    """As by `KeyboardInterrupt` in the caller's loop."""
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        outcomes: Iterator[Outcome] = sync.run(journal, products(50), engine, **SHORT)
        with pytest.raises(KeyboardInterrupt):
            for number, _ in enumerate(outcomes):
                if number == 10:
                    raise KeyboardInterrupt
        outcomes.close()  # type: ignore[attr-defined]
        run(journal, products(50), engine)
        assert states(journal) == {"generated": 50}


def test_p11_a_source_that_hangs_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    stop, opened = threading.Event(), threading.Event()

    def hanging() -> Iterator[Product]:
        yield from products(300)
        opened.wait(30)

    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, hanging(), CountingEngine(), stop=stop)
        assert time.monotonic() - began < 10
        opened.set()


# --- P14 ---------------------------------------------------------------------------------

FULL = """
import resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from doubles.jobs.small_jobs import CountingEngine, products, run
from productdesc import sync
from productdesc.errors import JournalError
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    with sync.Journal(Path(sys.argv[1])) as journal:
        given = 0
        for outcome in sync.run(journal, products(200), CountingEngine(), channel="plain",
                                fields=["title"]):
            given += 1
            print(outcome.product.id, flush=True)
except JournalError as e:
    print("stopped:", e, file=sys.stderr)
    sys.exit(3)
"""


def job(path: Path, most_bytes: int) -> tuple[int, list[str], str]:
    """In a process of its own that may write no larger file."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(most_bytes), *sys.path],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.split(), done.stderr


@pytest.mark.parametrize("kilobytes", [150, 400])
def test_p14_a_full_disk_stops_the_job_and_loses_nothing(
    kilobytes: int, tmp_path: Path
) -> None:
    path = tmp_path / "job.db"
    code, given, told = job(path, kilobytes * 1024)
    assert code == 3, told
    assert "stopped:" in told
    assert "Traceback" not in told
    if given:
        assert set(given) <= committed(path)
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
    with sync.Journal(path) as journal:
        rest = {o.product.id for o in run(journal, products(200), CountingEngine())}
    assert not set(given) & rest, "nothing is described twice"
    assert len(committed(path)) == 200


def test_p14_a_journal_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    with sync.Journal(path) as journal:
        [[pages]] = journal.database.rows("PRAGMA page_count")
        journal.database.rows(f"PRAGMA max_page_count = {int(str(pages)) + 40}")
        with pytest.raises(JournalError, match="full"):
            run(journal, products(600), CountingEngine())
    with sync.Journal(path) as journal:
        run(journal, products(50), CountingEngine())
        assert sync.job_status(journal).states["generated"] >= 50
