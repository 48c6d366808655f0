"""A large job in a process of its own: its memory, its times and its commits a second.

python large.py FOLDER ROWS      # prints one JSON object
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products

from productdesc import Product, sync
from productdesc.catalogs import JsonlSource
from productdesc.sync.stored import Cost, Scope

DESCRIBED = 500
"""Rows of each job that need anything, spread over all of them."""


class Memory:
    """Samples the memory of this process while the block runs."""

    def __init__(self) -> None:
        self.samples: list[float] = []
        self._over = threading.Event()
        self._process = psutil.Process()

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.samples.append(self._process.memory_info().rss / 1e6)


def write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for n in range(rows):
            attributes = {"number": str(n), "material": "cotton"}
            row = {"id": f"p{n}", "title": f"Thing {n}", "attributes": attributes}
            file.write(json.dumps(row) + "\n")


def few(rows: int) -> Any:
    """Every so many rows need a title; the others need nothing."""
    step = max(rows // DESCRIBED, 1)

    def needs(product: Product) -> frozenset[str]:
        is_one = int(product.id[1:]) % step == 0
        return frozenset({"title"} if is_one else ())

    return needs


def main(folder: Path, rows: int) -> dict[str, float]:
    source = folder / "in.jsonl"
    write(source, rows)
    warm = [product(n) for n in range(40)]
    with sync.Journal(folder / "warm.db") as journal:
        for _ in sync.run(journal, warm, CountingEngine(), **SHORT):
            pass
    found = memory(folder, rows)
    began = time.monotonic()
    with JsonlSource(source) as opened:
        read = sum(1 for _ in opened.products())
    found["reader_per_second"] = read / (time.monotonic() - began)
    began = time.monotonic()
    with (
        JsonlSource(source) as opened,
        sync.Journal(folder / "job.db") as journal,
    ):
        for _ in sync.run(
            journal, opened.products(), CountingEngine(), needs=few(rows), **SHORT
        ):
            pass
    found["job_per_second"] = rows / (time.monotonic() - began)
    return found | resumed(folder, rows) | commits(folder)


def memory(folder: Path, rows: int) -> dict[str, float]:
    """What a job takes whose source takes nothing."""
    path = folder / "memory.db"
    with Memory() as memory, sync.Journal(path) as journal:
        for _ in sync.run(
            journal, products(rows), CountingEngine(), needs=few(rows), **SHORT
        ):
            pass
    for one in folder.glob("memory.db*"):
        one.unlink()
    # the highest of the begin is what an engine and a warm cache take
    tenth = max(len(memory.samples) // 10, 1)
    return {
        "megabytes_at_first": max(memory.samples[:tenth]),
        "megabytes_at_most": max(memory.samples),
    }


def resumed(folder: Path, rows: int) -> dict[str, float]:
    """A job that was killed when all was read and nothing described, resumed."""
    path = folder / "killed.db"
    with (
        JsonlSource(folder / "in.jsonl") as opened,
        sync.Journal(path) as journal,
    ):
        next(iter(sync.run(journal, opened.products(), CountingEngine(), **SHORT)))
    fill(path, rows)
    engine = CountingEngine()
    with JsonlSource(folder / "in.jsonl") as opened:
        began = time.monotonic()
        with sync.Journal(path) as journal:
            stop = threading.Event()
            outcomes = sync.run(journal, opened.products(), engine, stop=stop, **SHORT)
            first = 0.0
            for _ in outcomes:
                first = first or time.monotonic() - began
                stop.set()
    began = time.monotonic()
    with sync.Journal(path, create=False) as journal:
        [job] = sync.status(journal)
    assert job.total == rows, job
    return {"first_row_seconds": first, "status_seconds": time.monotonic() - began}


def fill(path: Path, rows: int) -> None:
    """Have all rows wait in the journal, by copies of the first of them."""
    with sync.Journal(path) as journal, journal.database.transaction() as connection:
        connection.execute("DELETE FROM seen")
        connection.execute(
            """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
                                       WHERE i + 1 < ?)
               INSERT OR IGNORE INTO rows(product_id, channel, language, state, product,
                   product_digest, fields, key, run, updated)
               SELECT 'p' || i, channel, language, 'new',
                   replace(product, '"p0"', '"p' || i || '"'), product_digest || i, fields,
                   key || i, run, updated
               FROM n, (SELECT * FROM rows ORDER BY id LIMIT 1)""",
            (rows,),
        )


def commits(folder: Path, number: int = 2_000) -> dict[str, float]:
    """Drafts that are committed one by one, each durably."""
    with sync.Journal(folder / "warm.db") as journal:
        scope = Scope("plain", "en", 1, "digest")
        [stored, *_] = journal.rows("plain", "en")
        assert stored.description is not None
        row = journal.row(scope, 1)
        began = time.monotonic()
        for _ in range(number):
            journal.described(scope, row, stored.description, Cost(1.0, 1, 1))
    per_second = number / (time.monotonic() - began)
    return {"commits_per_second": per_second, "bare_per_second": bare(folder)}


def bare(folder: Path, number: int = 500) -> float:
    """Commits a second of SQLite itself there: what its disk allows."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE drafts(id INTEGER PRIMARY KEY, text TEXT)")
    began = time.monotonic()
    for _ in range(number):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO drafts(text) VALUES(?)", ("x" * 3_000,))
        connection.execute("COMMIT")
    seconds = time.monotonic() - began
    connection.close()
    return number / seconds


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
