"""Rows of a job that a rule holds of, in their order, a page at a time."""

from __future__ import annotations

from typing import NamedTuple

from ..journal import Journal
from ..searching.facets import fill_facets
from ..searching.where_grammar import Where

_FROM = """FROM rows LEFT JOIN facets ON facets.row = rows.id AND facets.draft = rows.draft
           WHERE rows.channel = ? AND rows.language = ?"""


class Match(NamedTuple):
    """One row that a rule holds of; `digest`: of what there is to see, "" where none is."""

    row: int
    product_id: str
    state: str
    digest: str


def matching_rows(
    journal: Journal,
    scope: tuple[str, str],
    where: Where,
    *,
    after: int = 0,
    most: int = -1,
) -> list[Match]:
    """The rows behind `after` that the rule holds of; -1: all of them."""
    fill_facets(journal.database)
    found = journal.database.rows(
        f"""SELECT rows.id, rows.product_id, rows.state, coalesce(facets.digest, '') {_FROM}
            AND rows.id > ? AND {where.sql} ORDER BY rows.id LIMIT ?""",
        *(*scope, after, *where.values, most),
    )
    return [Match(int(str(row)), *map(str, rest)) for row, *rest in found]


def count_rows(journal: Journal, scope: tuple[str, str], where: Where) -> int:
    """How many rows the rule holds of."""
    fill_facets(journal.database)
    statement = f"SELECT count(*) {_FROM} AND {where.sql}"
    [[number]] = journal.database.rows(statement, *scope, *where.values)
    return int(str(number))
