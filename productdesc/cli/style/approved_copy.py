"""Approved copy of a journal, for the commands that learn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ... import sync
from ...records import Description, Product

APPROVED = ("approved", "intent", "written", "done")
"""States of a journal's rows whose draft a person, or a rule of theirs, wanted."""


class ApprovedDraft(NamedTuple):
    """A product, its approved draft, and the attributes that were seen on its photos."""

    product: Product
    draft: Description
    seen: Mapping[str, str]


def is_journal(path: Path) -> bool:
    """Whether a file is one of SQLite, as a journal is."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def approved_drafts(
    journal: sync.Journal, channel: str, language: str
) -> Iterator[ApprovedDraft]:
    """What of a journal is approved, in its order."""
    for product, state, _, draft in journal.rows(channel, language):
        if draft is None or state not in APPROVED:
            continue
        seen = {
            one.name: one.value
            for one in draft.evidence.get("attributes", ())
            if one.source == "photo" and one.name
        }
        yield ApprovedDraft(product, draft, seen)
