"""Pages of many products: the queue, a bulk approval, the trail and its files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from starlette.responses import RedirectResponse, Response, StreamingResponse

from ..catalogs.delimited.table import Dialect
from ..catalogs.shop_text.sanitize import defused
from .desk import Decided
from .forms import Form, number, one
from .limits import LIMITS
from .trail_record import COLUMNS, trail_json, trail_rows
from .visits import Pages, Visit

QUICK: Mapping[str, str] = {
    "open": "state:generated",
    "findings": "state:generated and finding",
    "unsure": "state:generated and confidence < 0.7",
    "duplicates": "state:generated and duplicate",
    "changed": "changed",
    "approved": "state:approved",
    "refused": "state:refused",
    "all": "",
}
"""Filters that stand as links above the queue, by their label."""
FIRST = QUICK["open"]
"""What the queue shows at first."""

CSV = Dialect("utf-8", b"\xef\xbb\xbf", ",", "\r\n", quotes_all=False)


def queue(pages: Pages, visit: Visit) -> Response:
    """The queue of one filter, from `after` on."""
    where = visit.asked("where", FIRST)
    status, wrong, page = 200, "", None
    try:
        page = visit.desk.page(where, visit.asked("after"), LIMITS.rows)
    except ValueError as e:
        status, wrong = 400, str(e)
    return pages.response(
        "queue.html",
        visit,
        status=status,
        where=where,
        wrong=wrong,
        page=page,
        after=visit.asked("after"),
        counts=visit.desk.counts(),
        codes=visit.desk.codes(),
        words=visit.desk.words(),
        quick=QUICK,
        bulk=whole(visit.asked("bulk")),
        approved=whole(visit.asked("approved")),
        back=visit.asked("back"),
    )


def approve_all(visit: Visit, form: Form) -> Response:
    """Approve all that the filter holds of, where these are as many as the button said."""
    where = one(form, "where")
    bulk = visit.desk.approve_all(where, number(form, "count"), who=visit.session.who)
    address = visit.address("", where=where, bulk=bulk.number, approved=bulk.count)
    return RedirectResponse(address, 303)


def trail(pages: Pages, visit: Visit) -> Response:
    """The decisions behind `after`, of one product or all."""
    product_id = visit.asked("id")
    found = visit.desk.trail(product_id, whole(visit.asked("after")))
    rows = list(islice(found, LIMITS.trail_rows + 1))
    more = rows[LIMITS.trail_rows - 1].number if len(rows) > LIMITS.trail_rows else 0
    shown = rows[: LIMITS.trail_rows]
    return pages.response("trail.html", visit, rows=shown, more=more, product_id=product_id)


def trail_csv(visit: Visit) -> Response:
    """All decisions as CSV, a row for each edited text; cells are no formulas."""
    return _file(_csv(visit.desk.trail(visit.asked("id"))), "text/csv", "decisions.csv")


def trail_jsonl(visit: Visit) -> Response:
    """All decisions as JSON lines."""
    lines = (_line(one) for one in visit.desk.trail(visit.asked("id")))
    return _file(lines, "application/jsonl", "decisions.jsonl")


def _csv(found: Iterable[Decided]) -> Iterator[bytes]:
    yield CSV.bom + CSV.row([*COLUMNS])
    for decided in found:
        for row in trail_rows(decided):
            yield CSV.row([*map(_cell, row)])


def _cell(text: str) -> str:
    """For a spreadsheet: no cell is a formula."""
    return defused(text.encode("utf-8", "replace").decode())


def _line(one: Decided) -> bytes:
    text = json.dumps(trail_json(one), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _file(pieces: Iterable[bytes], kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=f"{kind}; charset=utf-8", headers=headers)


def whole(text: str) -> int:
    """A number in an address; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
