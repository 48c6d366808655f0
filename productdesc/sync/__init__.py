"""Sync: a whole catalogue described by a job that can be killed, resumed and reviewed.

    with sync.Journal("autumn.db") as journal:
        for outcome in sync.run(journal, source.products(), engine, channel="shopify"):
            ...

What was done stands in the journal, so that the same call goes on where it was.
"""

from __future__ import annotations

from .estimate import Estimate, Interval, estimate
from .job_status import JobStatus, Reason, Twins, job_status, only_scope, status
from .journal import Journal
from .near_duplicates import find_near_duplicates
from .previews import Previews, previews_path
from .run import RunOptions, retry, run
from .stored import Stored
from .versions import STATES
from .word_diff import diff

__all__ = [
    "STATES",
    "Estimate",
    "Interval",
    "JobStatus",
    "Journal",
    "Previews",
    "Reason",
    "RunOptions",
    "Stored",
    "Twins",
    "diff",
    "estimate",
    "find_near_duplicates",
    "job_status",
    "only_scope",
    "previews_path",
    "retry",
    "run",
    "status",
]
