"""Status of a job: counts by state, rate, time left, cost, and why rows failed or wait.

    for job in sync.status(journal):
        print(job.channel, job.states, job.seconds_left)

Read from indexes and running sums, so that a journal of a million rows answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ..errors import JournalError
from .journal import Journal
from .versions import STATES


class Reason(NamedTuple):
    """Why rows are in a state, such as "dead"; `example` is one reason in full."""

    kind: str
    rows: int
    example: str


class Twins(NamedTuple):
    """Two products whose drafts are nearly the same."""

    product_id: str
    twin_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The copy of one channel in one language, as it stands in a journal.

    states: rows by state, all states of `STATES`. gone: rows that the source has no more;
    None where its last pass did not come to its end. repeated: products of the last pass
    with the id of an earlier one, which have no row of their own. failures, stale, drifted,
    refused: rows by reason. described, failed, reused, seconds: of the last run; `reused`
    drafts stood already. per_second: products that ended in the last run. seconds_left:
    None where nothing is known. read_tokens, written_tokens: of all runs.
    near_duplicates: drafts that are nearly the same as another product's, as far as they
    were compared, and twins: the most alike of them.
    """

    channel: str
    language: str
    states: Mapping[str, int]
    gone: int | None
    repeated: int
    failures: tuple[Reason, ...]
    stale: tuple[Reason, ...]
    described: int
    failed: int
    reused: int
    seconds: float
    read_tokens: int
    written_tokens: int
    near_duplicates: int = 0
    twins: tuple[Twins, ...] = ()
    drifted: tuple[Reason, ...] = ()
    refused: tuple[Reason, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """Rows that are still to be described."""
        return sum(n for state, n in self.states.items() if STATES[state].is_work)

    @property
    def drafts(self) -> int:
        """Rows whose draft is exported."""
        return sum(n for state, n in self.states.items() if STATES[state].is_offered)

    @property
    def per_second(self) -> float:
        ended = self.described + self.failed
        return ended / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        if not self.waiting:
            return 0.0
        return self.waiting / self.per_second if self.per_second else None

    def money(self, price_in: float, price_out: float) -> float:
        """What all tokens so far cost, at prices per million."""
        return (self.read_tokens * price_in + self.written_tokens * price_out) / 1e6


def status(journal: Journal) -> list[JobStatus]:
    """Every job in the journal, by channel and language."""
    return [_job(journal, *scope) for scope in journal.scopes()]


def job_status(
    journal: Journal, channel: str | None = None, language: str | None = None
) -> JobStatus:
    """The one job that is meant; `JournalError` where there is none, or several."""
    return _job(journal, *only_scope(journal, channel, language))


def only_scope(
    journal: Journal, channel: str | None = None, language: str | None = None
) -> tuple[str, str]:
    """The channel and language that are meant; `JournalError` where that is not one."""
    scopes = _meant(journal, channel, language)
    if len(scopes) != 1:
        raise _unclear(journal, is_none=not scopes)
    return scopes[0]


def job_scopes(
    journal: Journal, channel: str | None = None, language: str | None = None
) -> list[tuple[str, str]]:
    """The channel that is meant with each of its languages, or with the one named.

    Raises `JournalError` where there is none, or jobs of several channels.
    """
    scopes = _meant(journal, channel, language)
    if len({one for one, _ in scopes}) != 1:
        raise _unclear(journal, is_none=not scopes)
    return scopes


def _meant(
    journal: Journal, channel: str | None, language: str | None
) -> list[tuple[str, str]]:
    asked = (channel, language)
    return [
        scope
        for scope in journal.scopes()
        if all(a in (None, s) for a, s in zip(asked, scope, strict=True))
    ]


def _unclear(journal: Journal, *, is_none: bool) -> JournalError:
    there = ", ".join(f"{c} in {lang}" for c, lang in journal.scopes())
    if not there:
        return JournalError(f"{journal.path}: nothing was described into it yet")
    what = "has no such job" if is_none else "holds several jobs; name channel and language"
    return JournalError(f"{journal.path}: {what}; there are: {there}")


def _job(journal: Journal, channel: str, language: str) -> JobStatus:
    rows, scope = journal.database.rows, (channel, language)
    found = rows(
        """SELECT state, count(*) FROM rows WHERE channel = ? AND language = ?
           GROUP BY state""",
        *scope,
    )
    counts = {str(state): _whole(n) for state, n in found}
    states = {name: counts.get(name, 0) for name in STATES}
    [[described, failed, reused, begun, last]] = rows(
        """SELECT described, failed, reused, begun, last FROM runs
           WHERE channel = ? AND language = ? ORDER BY id DESC LIMIT 1""",
        *scope,
    )
    [[read_tokens, written_tokens]] = rows(
        """SELECT sum(read_tokens), sum(written_tokens) FROM runs
           WHERE channel = ? AND language = ?""",
        *scope,
    )
    gone, repeated = _last_pass(journal, channel, language, sum(states.values()))
    return JobStatus(
        channel,
        language,
        states,
        gone,
        repeated,
        _reasons(journal, channel, language, "dead"),
        _reasons(journal, channel, language, "new"),
        _whole(described),
        _whole(failed),
        _whole(reused),
        _seconds(begun, last),
        _whole(read_tokens),
        _whole(written_tokens),
        *_near_duplicates(journal, channel, language),
        _reasons(journal, channel, language, "drift"),
        _reasons(journal, channel, language, "refused"),
    )


SHOWN_TWINS = 10


def _near_duplicates(
    journal: Journal, channel: str, language: str
) -> tuple[int, tuple[Twins, ...]]:
    """How many drafts have a twin, and the most alike of these pairs."""
    join = """FROM twins CROSS JOIN rows ON rows.id = twins.row
              WHERE channel = ? AND language = ?"""
    [[number]] = journal.database.rows(f"SELECT count(*) {join}", channel, language)
    found = journal.database.rows(
        f"""SELECT product_id, (SELECT product_id FROM rows WHERE id = twin), similarity
            {join} AND twins.row > twins.twin
            ORDER BY similarity DESC, twins.row LIMIT ?""",
        *(channel, language, SHOWN_TWINS),
    )
    pairs = (Twins(str(a), str(b), round(float(str(s)), 3)) for a, b, s in found)
    return _whole(number), tuple(pairs)


def _last_pass(
    journal: Journal, channel: str, language: str, total: int
) -> tuple[int | None, int]:
    """Rows that the source has no more, and its products with a repeated id.

    Of a job that the last pass was not about, nothing is known.
    """
    rows = journal.database.rows
    found = rows(
        """SELECT id, is_whole, products_read, repeated FROM runs
           WHERE channel = ? AND language = ? AND products_read > 0
           ORDER BY id DESC LIMIT 1""",
        *(channel, language),
    )
    if not found:
        return None, 0
    [[last]] = rows("SELECT max(id) FROM runs WHERE products_read > 0")
    [[number, is_whole, read, repeated]] = found
    if number != last and not _was_seen(journal, channel, language):
        return None, 0
    if not is_whole:
        return None, _whole(repeated)
    return total - _whole(read) + _whole(repeated), _whole(repeated)


def _was_seen(journal: Journal, channel: str, language: str) -> bool:
    """Whether the last pass came by rows of a job, one of several languages maybe."""
    return bool(
        journal.database.rows(
            """SELECT 1 FROM rows WHERE channel = ? AND language = ?
               AND id IN (SELECT row FROM seen) LIMIT 1""",
            *(channel, language),
        )
    )


def _reasons(
    journal: Journal, channel: str, language: str, state: str
) -> tuple[Reason, ...]:
    scope = channel, language, state
    found = journal.database.rows(
        """SELECT kind, count(*) FROM rows
           WHERE channel = ? AND language = ? AND state = ? AND kind <> ''
           GROUP BY kind ORDER BY 2 DESC, 1""",
        *scope,
    )
    reasons = []
    for kind, number in found:
        [[example]] = journal.database.rows(
            """SELECT reason FROM rows
               WHERE channel = ? AND language = ? AND state = ? AND kind = ?
               AND kind <> '' LIMIT 1""",
            *(*scope, kind),
        )
        reasons.append(Reason(str(kind), _whole(number), str(example)))
    return tuple(reasons)


def _seconds(begun: Any, last: Any) -> float:
    times = datetime.fromisoformat(str(begun)), datetime.fromisoformat(str(last))
    return max((times[1] - times[0]).total_seconds(), 0.0)


def _whole(value: Any) -> int:
    return int(value or 0)
