"""Order of the review queue: what needs eyes comes first.

A queue is its places one after another; within a place the heavier row comes first, and of
two alike the one that came first. Weights stand beside the rows, in an index, so that a
page of any size of job is read without a sort. To change the order: the two tables here;
`fill_facets` has to weigh the rows of former jobs again.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """Rows of one state that follow one another. `is_changed`: since their approval."""

    state: str
    is_changed: int


_REST = (
    "drift", "refused", "approved", "intent", "written", "done", "dead", "new",
    "unchanged", "ignored",
)  # fmt: skip
"""States in which nothing waits for a reviewer, those with a draft first."""

PLACES: Sequence[Place] = (
    Place("generated", 0),  # nobody has looked at it yet
    Place("generated", 1),  # somebody approved another text of it
    *(Place(state, changed) for state in _REST for changed in (1, 0)),
)
"""The queue from its head to its end."""


class Part(NamedTuple):
    """One part of a weight: SQL over `facets`, from 0 to below `values`."""

    sql: str
    values: int


WEIGHT: Mapping[str, Part] = {
    "severest finding": Part("CASE WHEN removed THEN 2 ELSE warnings > 0 END", 3),
    "near-duplicate": Part("EXISTS(SELECT 1 FROM twins WHERE twins.row = facets.row)", 2),
    "number of findings": Part("min(findings, 99)", 100),
    # where nothing is known, as much as where it is as likely as not
    "doubt": Part("coalesce(100 - CAST(round(confidence * 100) AS INTEGER), 50)", 101),
}
"""What makes a row heavy, the most important first."""


def _weight_sql() -> str:
    parts = [*WEIGHT.values()]
    units = [math.prod(p.values for p in parts[n + 1 :]) for n in range(len(parts))]
    return " + ".join(f"({p.sql}) * {unit}" for p, unit in zip(parts, units, strict=True))


_WEIGH = f"""
    UPDATE rows SET
        weight = coalesce(
            (SELECT {_weight_sql()} FROM facets WHERE facets.row = rows.id), 0),
        is_changed = approved_digest <> '' AND approved_digest <> coalesce(
            (SELECT digest FROM facets WHERE facets.row = rows.id), '')
    WHERE id = ?
"""


def weigh(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Note the weights of rows, once their facets, twins or approvals are noted."""
    connection.executemany(_WEIGH, [(row,) for row in rows])
