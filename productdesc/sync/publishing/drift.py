"""Drift: whether a person changed the shop's text since it was read. Pure but for a look
at the journal, which knows the texts that it wrote itself."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from ...catalogs.merge_policy import Current
from ...catalogs.output.guarded_writes import Held, Planned
from ...records import Product
from ...words.attribute_key import attribute_key
from ..journal import Journal


def drifted_fields(
    journal: Journal, shop: str, row: int, product: Product, planned: Planned
) -> list[str]:
    """Fields that would be written, or were to be, and that somebody else changed.

    product: as it was read when its draft was made.
    """
    then, now = Current.of(product), Current.of(planned.held.product)
    fields = dict.fromkeys((*(e.field for e in planned.edits), *planned.untouched))
    own = _own(journal, shop, row, planned.held)
    return [
        name
        for name in fields
        if name not in own and not _is_same(name, then, now, planned, own)
    ]


def why_drifted(
    journal: Journal, shop: str, row: int, product: Product, planned: Planned
) -> str:
    """The reason that says which fields drifted; "": none did."""
    fields = drifted_fields(journal, shop, row, product, planned)
    if not fields:
        return ""
    return f"somebody changed {', '.join(fields)} in the shop since it was read"


def _is_same(
    name: str, then: Current, now: Current, planned: Planned, own: set[str]
) -> bool:
    before, present = getattr(then, name), getattr(now, name)
    match name:
        case "attributes":
            wanted = {attribute_key(e.target) for e in planned.edits if e.field == name}
            old, new = _by_key(before), _by_key(present)
            return all(old.get(key, "") == new.get(key, "") for key in wanted)
        case "tags":
            return set(map(str.casefold, before)) == set(map(str.casefold, present))
        case "alt_texts":
            pairs = zip_longest(before, present, fillvalue="")
            return all(
                _flat(a) == _flat(b) or f"alt_texts:{_flat(b)}" in own for a, b in pairs
            )
        case "bullets":
            return [*map(_flat, before)] == [*map(_flat, present)]
        case _:
            return _flat(before) == _flat(present)


def _own(journal: Journal, shop: str, row: int, held: Held) -> set[str]:
    """Fields whose present text this journal wrote, in another language too where all share
    it; alt texts one by one, since a photo may be several products'."""
    own: set[str] = set()
    for (field, target), value in held.values.items():
        is_alt = field == "alt_texts"
        found = value and journal.database.rows(
            """SELECT 1 FROM write_edits JOIN writes ON writes.id = write_edits.write
               WHERE field = ? AND target = ? AND stored = ? AND shop = ? AND undone = 0
               AND (row = ? OR ? OR ? AND row IN (
                   SELECT others.id FROM rows JOIN rows AS others
                   USING(product_id, channel) WHERE rows.id = ?)) LIMIT 1""",
            *(field, target, value, shop, row, is_alt, field in held.shared, row),
        )
        if found:
            own.add(f"alt_texts:{_flat(value)}" if is_alt else field)
    return own


def _by_key(attributes: Mapping[str, str]) -> dict[str, str]:
    return {attribute_key(name): _flat(value) for name, value in attributes.items()}


def _flat(text: str) -> str:
    return " ".join(text.split())
