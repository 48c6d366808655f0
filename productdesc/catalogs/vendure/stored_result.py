"""Results of a write: what became of it, by its outcome and what the shop holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...text.printable import listed
from ..http_outcome import Refused, Unanswered
from ..live import Unread, status_of
from ..output.guarded_writes import Held, Planned
from ..protocol import Edit, Saved, Status
from ..shop_text.shop_html import to_text
from .edits import NAMES, Change, Rules, stored
from .item import Item
from .replies import Answered


@dataclass(frozen=True, slots=True)
class Write:
    """One product as it was right before, and what changes. language: of the copy."""

    item: Item
    change: Change
    language: str

    def planned(self, held: Held) -> Planned:
        """The same as a guard is asked about it."""
        return Planned(self.item.id, self.change.edits, self.change.untouched, held)


def result(
    write: Write,
    outcome: Answered | Refused | Unanswered,
    now: Mapping[str, Item | str] | Unread,
    rules: Rules,
) -> Saved:
    """What is known of one product."""
    key, todo = write.item.id, write.change
    if isinstance(outcome, Refused):
        return saved(key, "refused", replace(todo, edits=()), outcome.reason)
    if isinstance(now, Unread):
        why = f"it cannot be read back: {now.reason}"
        return _lost(write, outcome, status_of(outcome, stored=None), why)
    item = now.get(key, "it is not there any more")
    if isinstance(item, str):
        return _lost(write, outcome, status_of(outcome, stored=False), item)
    edits = tuple(replace(e, after=stored(item, e, rules)) for e in todo.edits)
    pairs = zip(todo.edits, edits, strict=True)
    lacking = [wanted for wanted, there in pairs if not _is_same(wanted, there)]
    if lacking:
        others = listed([e.field for e in lacking])
        return _lost(write, outcome, status_of(outcome, stored=False), others)
    if changed := collateral(write, item):
        whys = [f"{_named(e)} was to stay and is another text now" for e in changed]
        whole = replace(todo, edits=(*changed, *edits))
        return saved(key, "collateral", whole, "; ".join(whys))
    return saved(key, "written", replace(todo, edits=edits))


def collateral(write: Write, now: Item) -> tuple[Edit, ...]:
    """Texts and slugs that were to stay and are others now, with what stood there."""
    ours = {(edit.field, edit.target) for edit in write.change.edits}
    return tuple(
        Edit(field, getattr(before, name), after, before.language_code)
        for before in write.item.translations
        for field, name in NAMES.items()
        if (field, before.language_code) not in ours
        and (after := _text_of(now, before.language_code, name)) != getattr(before, name)
    )


def saved(key: str, status: Status, change: Change, why: str = "") -> Saved:
    """What became of a change, with all that is to be said of it."""
    whole = "; ".join(filter(None, (why, change.reason)))
    reason = f"product {key}: {whole}" if whole else ""
    return Saved(key, status, change.edits, change.untouched, reason)


def _is_same(wanted: Edit, there: Edit) -> bool:
    """Whether a reader sees what was written: a shop's plugin may tidy up HTML."""
    if wanted.after == there.after:
        return True
    return wanted.field == "description" and to_text(wanted.after) == to_text(there.after)


def _text_of(item: Item, language: str, name: str) -> str:
    texts = item.translation(language)
    return str(getattr(texts, name)) if texts else ""


def _named(edit: Edit) -> str:
    return f"{edit.field} ({edit.target})" if edit.target else edit.field


def _lost(
    write: Write, outcome: Answered | Unanswered, status: Status, other: str
) -> Saved:
    if isinstance(outcome, Unanswered):
        other = f"no answer ({outcome.reason}); not there: {other}"
    elif status == "unknown":
        other = f"the shop said it is done; {other}"
    else:
        other = f"the shop said it is done and holds another text: {other}"
    return saved(write.item.id, status, write.change, other)
