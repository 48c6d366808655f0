"""Jobs that are killed: a process that forks one job after another, and kills some.

The jobs run in children of a process that has imported everything, so that two hundred of
them take less than a minute. A child is killed by SIGKILL, by itself at a named point or
by its parent at a random time; nothing of it runs after that.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from productdesc import Product, ScriptedEngine, sync
from productdesc.engines import Answer, Request, Settings
from productdesc.engines.scripted import shortest
from productdesc.pipeline import Described
from productdesc.sync.database import Database
from productdesc.sync.rows.row_end import RowEnd
from productdesc.sync.stored import Row

BATCH = 4
"""Products under way at a time: so many may be described again after a kill."""
POINTS = ("begin", "inside", "committed", "asked", "answered", "given")
"""Where a job may be killed: before a transaction, in it before its commit, right after
its commit; before the engine answers and after it; after an outcome was given."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Kill the job the `count`-th time that it comes by `point`."""

    point: str
    count: int


@dataclass(slots=True)
class Killer:
    """Counts points of one job, and kills it at the one asked for."""

    fault: Fault | None
    counts: dict[str, int] = field(default_factory=dict)

    def at(self, point: str) -> None:
        self.counts[point] = self.counts.get(point, 0) + 1
        if self.fault and self.fault == Fault(point, self.counts[point]):
            os.kill(os.getpid(), signal.SIGKILL)


def killable_database(killer: Killer) -> type[Database]:
    """A database whose transactions are points."""

    class KillableDatabase(Database):
        @contextlib.contextmanager
        def transaction(self) -> Iterator[sqlite3.Connection]:
            killer.at("begin")
            with super().transaction() as connection:
                yield connection
                killer.at("inside")
            killer.at("committed")

    return KillableDatabase


class LoggedEngine(ScriptedEngine):
    """Notes every product that it writes for in a file of its own, as a bill would."""

    def __init__(self, log: Path, killer: Killer) -> None:
        super().__init__(_answer)
        self._log = log
        self._killer = killer

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        self._killer.at("asked")
        answers = super().generate(requests, settings)
        written = [r.prompt.text for r in requests if "Write the copy" in r.prompt.text]
        ids = "".join(f"{found[1]}\n" for text in written if (found := _ID.search(text)))
        with self._log.open("ab", buffering=0) as file:
            file.write(ids.encode())
        self.requests.clear()
        self._killer.at("answered")
        return answers


_ID = re.compile(r'"number": ?"(\d+)"')


def _answer(request: Request) -> Any:
    value = shortest(request.schema)
    if "title" in value:
        value["title"] = "Plain thing"
    return value


def products(count: int) -> Iterator[Product]:
    for number in range(count):
        yield Product(
            id=f"p{number}", title=f"Thing {number}", attributes={"number": str(number)}
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `folder` holds its journal, the engine's log and what was given out."""

    folder: Path
    count: int
    journal: Callable[..., sync.Journal] = sync.Journal
    languages: tuple[str, ...] = ("en",)

    @property
    def path(self) -> Path:
        return self.folder / "job.db"

    def run(self, fault: Fault | None) -> None:
        """Describe all that is left, noting every outcome that is given."""
        killer = Killer(fault)
        engine = LoggedEngine(self.folder / "engine.log", killer)
        with (
            self.journal(self.path, database=killable_database(killer)) as journal,
            (self.folder / "given.log").open("ab", buffering=0) as given,
        ):
            for outcome in sync.run(
                journal,
                products(self.count),
                engine,
                channel="plain",
                fields=["title"],
                batch_size=BATCH,
                languages=[*self.languages],
            ):
                assert isinstance(outcome, Described)
                language = outcome.description.language
                given.write(f"{outcome.product.id}:{language}\n".encode())
                killer.at("given")

    def forked(self, fault: Fault | None, seconds: float | None = None) -> bool:
        """Run in a child that is killed by the fault, or after so many seconds.

        Whether it came to its end by itself.
        """
        child = os.fork()
        if not child:
            code = 1
            try:
                self.run(fault)
                code = 0
            except BaseException as e:  # its parent must not go on in it
                print(f"job: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
            os._exit(code)
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise RuntimeError("a job failed; see above")
        return os.WIFEXITED(status)


@dataclass(slots=True)
class Report:
    """What was seen over all kills of one job."""

    kills: int = 0
    lost: list[str] = field(default_factory=list)
    corrupt: int = 0
    paid_twice: int = -1_000_000


def kill_and_resume(job: Job, seed: int, kills: int) -> Report:
    """Kill a job so often, resume it each time, and end it; what was lost or paid twice."""
    chance = random.Random(seed)
    report = Report()
    is_over = False
    while report.kills < kills and not is_over:
        if chance.random() < 0.6:
            is_over = job.forked(Fault(chance.choice(POINTS), chance.randrange(1, 12)))
        else:
            is_over = job.forked(None, chance.uniform(0.002, 0.15))
        report.kills += not is_over
        _audit(job, report)
    while not is_over:
        is_over = job.forked(None)
    _audit(job, report)
    rows = job.count * len(job.languages)
    report.paid_twice = len(_lines(job.folder / "engine.log")) - rows
    return report


def _audit(job: Job, report: Report) -> None:
    """What was given out must stand in the journal, which must open."""
    if not job.path.exists():
        report.lost += _lines(job.folder / "given.log")
        return
    connection = sqlite3.connect(job.path)
    try:
        [[verdict]] = connection.execute("PRAGMA integrity_check").fetchall()
        report.corrupt += verdict != "ok"
        found = {
            row[0]
            for row in connection.execute(
                """SELECT product_id || ':' || language
                   FROM rows JOIN drafts ON drafts.id = rows.draft
                   WHERE state = 'generated'"""
            )
        }
    except sqlite3.Error:
        found = set()
        report.corrupt += (job.folder / "given.log").exists()
    finally:
        connection.close()
    report.lost += sorted({*_lines(job.folder / "given.log")} - found - {*report.lost})


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


class AllAtOnce(sync.Journal):
    """A control: what is described is committed in one piece when the job ends."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._held: list[RowEnd] = []

    def waiting(
        self, scope: Any, after: int = 0, most: int = 1_000, *, which: str = "new"
    ) -> list[Row]:
        held = {end.row.id for end in self._held}
        found = super().waiting(scope, after, 1_000, which=which)
        return [row for row in found if row.id not in held]

    def end_rows(self, ends: Iterable[RowEnd]) -> None:
        self._held += ends

    def close(self) -> None:
        super().end_rows(self._held)
        super().close()


def main(
    folder: str, journal: str, seed: str, kills: str, count: str, languages: str = "en"
) -> None:
    """Run in a process of its own, without threads: it forks.

    Job after job is killed until there were so many kills in all.
    """
    codes = tuple(languages.split(","))
    opens: dict[str, Callable[..., sync.Journal]] = {
        "as it is": sync.Journal,
        "control": AllAtOnce,
    }
    whole = Report()
    Job(_folder(folder, "warm"), 1).run(None)  # word tables are read once, in the parent
    for number in range(int(kills)):
        if whole.kills >= int(kills):
            break
        job = Job(_folder(folder, str(number)), int(count), opens[journal], codes)
        report = kill_and_resume(job, int(seed) + number, int(kills) - whole.kills)
        whole.kills += report.kills
        whole.lost += report.lost
        whole.corrupt += report.corrupt
        under_way = report.kills * BATCH * len(codes)
        whole.paid_twice = max(whole.paid_twice, report.paid_twice - under_way)
    print(
        f"kills {whole.kills} lost {len(whole.lost)} corrupt {whole.corrupt} "
        f"beyond {whole.paid_twice}"
    )


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main(*sys.argv[1:])
