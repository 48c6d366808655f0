"""Sync: a whole catalogue described by a job that can be killed, resumed and reviewed.

    with sync.Journal("autumn.db") as journal:
        for outcome in sync.run(journal, source.products(), engine, channel="shopify"):
            ...

What was done stands in the journal, so that the same call goes on where it was.
"""

from __future__ import annotations

from .deciding.decision_log import Decision, decisions
from .deciding.decisions import Seen, approve, decide, look
from .describing.work import RunOptions
from .diff_page import diff
from .estimate import Estimate, Interval, estimate
from .job_status import (
    JobStatus,
    Reason,
    Twins,
    job_scopes,
    job_status,
    only_scope,
    status,
)
from .journal import Journal
from .near_duplicates import find_near_duplicates
from .previews import Previews, previews_path
from .publishing.publish import publish
from .publishing.undo import undo
from .publishing.write_log import PublishOutcome
from .reviewing.journal_desk import JournalDesk
from .run import answer, retry, run
from .searching.where_terms import rule_words
from .stored import Stored
from .versions import STATES

__all__ = [
    "STATES",
    "Decision",
    "Estimate",
    "Interval",
    "JobStatus",
    "Journal",
    "JournalDesk",
    "Previews",
    "PublishOutcome",
    "Reason",
    "RunOptions",
    "Seen",
    "Stored",
    "Twins",
    "answer",
    "approve",
    "decide",
    "decisions",
    "diff",
    "estimate",
    "find_near_duplicates",
    "job_scopes",
    "job_status",
    "look",
    "only_scope",
    "previews_path",
    "publish",
    "retry",
    "rule_words",
    "run",
    "status",
    "undo",
]
