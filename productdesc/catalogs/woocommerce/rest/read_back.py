"""Read-back of a write: what became of it, by its outcome and what the shop holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...http_outcome import Refused, Unanswered
from ...live import Unread, status_of
from ...output.guarded_writes import Held, Planned
from ...protocol import Edit, Saved, Status
from .edits import KEYS, Change, missing
from .item import Item
from .replies import Answered
from .side_effects import collateral, stored_edits


@dataclass(frozen=True, slots=True)
class Write:
    """One product as it was right before, what changes, and all tags it is to have."""

    item: Item
    change: Change
    tag_ids: tuple[int, ...]

    @property
    def body(self) -> dict[str, Any]:
        tags = {"tags": [{"id": i} for i in self.tag_ids]} if self.tag_ids else {}
        return {**self.change.body, **tags}

    def planned(self, held: Held) -> Planned:
        """The same as a guard is asked about it."""
        key, change = str(self.item.id), self.change
        return Planned(key, change.edits, change.untouched, held)


def result(
    write: Write,
    outcome: Answered | Refused | Unanswered,
    now: Mapping[int, Item | str] | Unread,
) -> Saved:
    """What is known of one product."""
    key, todo = str(write.item.id), write.change
    if isinstance(outcome, Refused):
        return saved(key, "refused", replace(todo, edits=()), outcome.reason)
    if isinstance(now, Unread):
        status = status_of(outcome, stored=None)
        return _lost(write, outcome, status, f"it cannot be read back: {now.reason}")
    item = now.get(write.item.id, "it is not there any more")
    if isinstance(item, str):
        return _lost(write, outcome, status_of(outcome, stored=False), item)
    lacking = missing(write.item, todo, write.tag_ids, item)
    edits = stored_edits(todo, write.item, item)
    stored = replace(todo, edits=tuple(edit for edit in edits if edit not in lacking))
    changed = collateral(todo, write.item, item)
    if whys := _side_effects(write, changed, item):
        whole = replace(stored, edits=(*changed, *stored.edits))
        return saved(key, "collateral", whole, "; ".join((*whys, *lacking.values())))
    if not lacking:
        return saved(key, "written", stored)
    other = "; ".join(lacking.values())
    texts = any(edit.field in KEYS for edit in lacking)
    if isinstance(outcome, Answered) and stored.edits and not texts:
        return saved(key, "written", stored, f"not all of it is there: {other}")
    return _lost(write, outcome, status_of(outcome, stored=False), other)


def _side_effects(write: Write, changed: tuple[Edit, ...], now: Item) -> list[str]:
    whys = [f"{edit.field} was to stay and is another text now" for edit in changed]
    images = [image.id for image in write.item.images]
    if "images" in write.change.body and [image.id for image in now.images] != images:
        whys.append("its images are others than before")
    return whys


def _lost(
    write: Write, outcome: Answered | Unanswered, status: Status, other: str
) -> Saved:
    if isinstance(outcome, Unanswered):
        other = f"no answer ({outcome.reason}); {other}"
    elif status == "unknown":
        other = f"the shop said it is done; {other}"
    else:
        other = f"the shop said it is done and holds another text: {other}"
    return saved(str(write.item.id), status, write.change, other)


def saved(key: str, status: Status, change: Change, why: str = "") -> Saved:
    """What became of a change, with all that is to be said of it."""
    whole = "; ".join(filter(None, (why, change.reason)))
    reason = f"product {key}: {whole}" if whole else ""
    return Saved(key, status, change.edits, change.untouched, reason)
