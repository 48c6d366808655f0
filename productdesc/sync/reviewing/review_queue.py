"""Review queue: the rows of a job that a rule holds of, paged by key."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...text.printable import quoted
from ..searching.queue_order import PLACES
from ..searching.where_grammar import Where, parse_where
from ..stored import storable
from .read_pool import Rows

ALL = Where("", "1", ())
"""The rule "", which holds of every row."""

MOST_ROWS = 500
"""Of one page."""

_KEY = re.compile(r"(\d{1,2})\.(\d{1,12})\.(\d{1,18})", re.ASCII)

_FACETS = "LEFT JOIN facets ON facets.row = rows.id AND facets.draft = rows.draft"


def _from(where: Where) -> str:
    # SQLite does not leave out a join of a count by itself
    joined = _FACETS if "facets." in where.sql else ""
    return f"""FROM rows INDEXED BY rows_in_queue {joined}
               WHERE rows.channel = ? AND rows.language = ?"""


class QueueRow(NamedTuple):
    """One product of the queue; `review.desk.Row` says what is what."""

    product_id: str
    title: str
    state: str
    kind: str
    confidence: float | None
    removed: int
    warnings: int
    is_duplicate: bool
    is_changed: bool
    photo: str


class QueuePage(NamedTuple):
    """A page of the queue. `after`: the key of the next one, "" behind the last."""

    rows: tuple[QueueRow, ...]
    after: str
    number: int
    approvable: int


class Position(NamedTuple):
    """Where a row stands in the queue: its place of `PLACES`, its weight, its id."""

    place: int
    weight: int
    row: int

    @property
    def key(self) -> str:
        return f"{self.place}.{self.weight}.{self.row}"


HEAD = Position(0, 10**12, 0)
"""Before all rows."""


def rule_of(where: str) -> Where:
    """The rule of a text, "" for all; `ValueError` where it is none."""
    return parse_where(where) if where.strip() else ALL


def queue_page(
    rows: Rows, scope: tuple[str, str], where: Where, after: str, most: int
) -> QueuePage:
    """The rows behind a key, and how many the rule holds of in all."""
    if not 1 <= most <= MOST_ROWS:
        raise ValueError(f"a page has 1 to {MOST_ROWS} rows, not {most}")
    start = _position(after)
    number, approvable = _counted(rows, scope, where)
    found = walk(rows, scope, where, start, most + 1) if number else []
    key = found[most - 1].key if len(found) > most else ""
    shown = queue_rows(rows, [one.row for one in found[:most]])
    return QueuePage(shown, key, number, approvable)


def beside(
    rows: Rows, scope: tuple[str, str], where: Where, at: Position
) -> tuple[int | None, int | None]:
    """The rows before and after a position that the rule holds of."""
    before = walk(rows, scope, where, at, 1, is_back=True)
    after = walk(rows, scope, where, at, 1)
    return (before[0].row if before else None, after[0].row if after else None)


def position(rows: Rows, row: int) -> Position:
    """Where a row stands now."""
    [[state, is_changed, weight]] = rows(
        "SELECT state, is_changed, weight FROM rows WHERE id = ?", row
    )
    return Position(PLACES.index((state, is_changed)), weight, row)


def walk(
    rows: Rows,
    scope: tuple[str, str],
    where: Where,
    start: Position,
    most: int,
    *,
    is_back: bool = False,
) -> list[Position]:
    """The next positions behind `start` (or before it) that the rule holds of."""
    more, order = (">", "rows.weight, rows.id DESC") if is_back else (
        "<", "rows.weight DESC, rows.id")  # fmt: skip
    # of one weight there may be thousands: two conditions that the index answers, no OR
    steps = [
        (start.place, f"AND rows.weight = ? AND rows.id {'<' if is_back else '>'} ?",
         (start.weight, start.row)),
        (start.place, f"AND rows.weight {more} ?", (start.weight,)),
    ]  # fmt: skip
    others = range(start.place - 1, -1, -1) if is_back else (
        range(start.place + 1, len(PLACES)))  # fmt: skip
    steps += [(place, "", ()) for place in others]
    positions: list[Position] = []
    for place, behind, values in steps:
        found = rows(
            f"""SELECT rows.weight, rows.id {_from(where)}
                AND rows.state = ? AND rows.is_changed = ? {behind} AND {where.sql}
                ORDER BY {order} LIMIT ?""",
            *(*scope, *PLACES[place], *values, *where.values, most - len(positions)),
        )
        positions += [Position(place, weight, row) for weight, row in found]
        if len(positions) == most:
            break
    return positions


def queue_rows(rows: Rows, ids: Sequence[int]) -> tuple[QueueRow, ...]:
    """These rows, in this order; of a draft nothing is parsed."""
    found = rows(
        f"""SELECT rows.id, product_id, coalesce(heading, ''), state, kind, confidence,
                coalesce(removed, 0), coalesce(warnings, 0),
                EXISTS(SELECT 1 FROM twins WHERE twins.row = rows.id), is_changed,
                coalesce(photo, ''), CASE WHEN coalesce(heading, '') = '' THEN product END
            FROM rows LEFT JOIN facets ON facets.row = rows.id AND facets.draft = rows.draft
            WHERE rows.id IN ({", ".join("?" * len(ids))})""",
        *ids,
    )
    by_id = {number: _row(*columns) for number, *columns in found}
    return tuple(by_id[number] for number in ids)


def _row(*columns: Any) -> QueueRow:
    *known, product = columns
    row = QueueRow(*known)
    title = storable(json.loads(product)["title"]) if product else row.title
    return row._replace(
        title=title,  # of what is not described yet the shop's own
        is_duplicate=bool(row.is_duplicate),
        is_changed=bool(row.is_changed),
    )


def _counted(rows: Rows, scope: tuple[str, str], where: Where) -> tuple[int, int]:
    """How many rows the rule holds of, and how many of them wait for approval."""
    [[number, approvable]] = rows(
        f"""SELECT count(*), coalesce(sum(rows.state = 'generated'), 0) {_from(where)}
            AND {where.sql}""",
        *(*scope, *where.values),
    )
    return number, approvable


def _position(key: str) -> Position:
    if not key:
        return HEAD
    match = _KEY.fullmatch(key)
    place, weight, row = map(int, match.groups()) if match else (len(PLACES), 0, 0)
    if place >= len(PLACES):
        raise ValueError(f"{quoted(key, 'value')} is no key of a page")
    return Position(place, weight, row)
