"""Trail record: a decision as rows of a table and as JSON, wherever it is exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .desk import Decided

COLUMNS = (
    "number", "product_id", "at", "who", "verb", "digest", "reason", "rule", "bulk",
    "takes_back", "field", "place", "former_text", "new_text",
)  # fmt: skip
"""Of the table: a line a decision, of an edit a line a text."""


def trail_rows(one: Decided) -> Iterator[tuple[str, ...]]:
    """The lines of the table for a decision."""
    links = (str(one.batch or ""), str(one.undoes or ""))
    head = (str(one.number), one.product_id, one.at, one.who, one.verb, one.digest)
    known = (*head, one.reason, one.rule, *links)
    if not one.edits:
        yield (*known, "", "", "", "")
    for field, place, former, new in one.edits:
        yield (*known, field, "" if place < 0 else str(place), former, new)


def trail_json(one: Decided) -> dict[str, Any]:
    """A decision as a JSON object."""
    edits = [
        {"field": field, "place": place, "former_text": former, "new_text": new}
        for field, place, former, new in one.edits
    ]
    return {
        "number": one.number,
        "product_id": one.product_id,
        "at": one.at,
        "who": one.who,
        "verb": one.verb,
        "digest": one.digest,
        "reason": one.reason,
        "rule": one.rule,
        "bulk": one.batch,
        "takes_back": one.undoes,
        "edits": edits,
    }
