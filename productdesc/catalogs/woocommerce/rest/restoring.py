"""Restoring former texts as the shop stored them; what a guard asks of a shop.

WordPress keeps what it is sent in its own way: a text that would come back otherwise is
not sent, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ....net.network_access import NO_ACCESS, NetworkAccess
from ...output.guarded_writes import Held, verdicts
from ...output.live_sink import BatchedSink
from ...protocol import Edit, Problems, Saved
from ..built_in import Role
from ..survives import FIELDS as TEXT_FIELDS
from ..survives import doubled, fate
from ..wp_text import canonical
from .client import WooCommerceClient
from .edits import KEYS, Change
from .item import FIELDS, Item, parse_item, to_product
from .read_back import Write, saved
from .side_effects import with_side_effects

MAX_BATCH = 100
"""Products of one write; WooCommerce takes no more (413)."""


class RestoringSink(BatchedSink):
    """A sink that a guard may hold back, and that gives former texts back."""

    apply: bool
    role: Role
    seo: tuple[str, str] | None
    _client: WooCommerceClient

    @property
    def place(self) -> str:
        """The shop's address."""
        return self._client.url

    def look(self, ids: Sequence[str]) -> dict[str, Held]:
        """What the shop holds of these products now; raises `CatalogError`."""
        numbers = [int(one) for one in ids if is_id(one)]
        found: dict[int, Item | str] = {}
        for start in range(0, len(numbers), MAX_BATCH):
            found |= self._read(numbers[start : start + MAX_BATCH])
        return {
            str(number): held(item, self.seo, self._client.network)
            for number, item in found.items()
            if isinstance(item, Item)
        }

    def is_same(self, field: str, one: str, other: str) -> bool:
        """Whether two raw values of a field are the same to the shop's readers."""
        return same_value(field, one, other)

    def _plan_restoring(
        self, batch: list[tuple[str, Sequence[Edit]]]
    ) -> Iterator[Saved | Write]:
        now = self._read([int(key) for key, _ in batch if is_id(key)])
        for key, edits in batch:
            item = now.get(int(key)) if is_id(key) else None
            if not isinstance(item, Item):
                why = f"product {key}: {item or 'the shop has it no more'}"
                yield Saved(key, "refused", reason=why)
                continue
            yield restoring(item, edits, self.role, self.seo)

    def _held_back(self, writes: list[Write]) -> list[Saved | None]:
        """What is not written after all, since the guard or a dry run holds it back."""
        network = self._client.network
        planned = [w.planned(held(w.item, self.seo, network)) for w in writes]
        results: list[Saved | None] = []
        for write, why in zip(writes, verdicts(self._guard, planned), strict=True):
            is_written = self.apply and not why
            key = str(write.item.id)
            planned_only = saved(key, "planned", write.change).with_reason(why)
            results.append(None if is_written else planned_only)
        return results

    def _read(self, ids: Sequence[int]) -> dict[int, Item | str]:
        """These products as the shop holds them now; those it has not are left out."""
        if not ids:
            return {}
        answer = self._client.get(
            "products",
            context="edit",
            status="any",
            include=",".join(map(str, ids)),
            orderby="id",
            order="asc",
            per_page=MAX_BATCH,
            _fields=FIELDS,
        )
        values: list[Any] = answer.value if isinstance(answer.value, list) else []
        items: dict[int, Item | str] = {}
        for value in values:
            number = value.get("id") if isinstance(value, dict) else None
            if isinstance(number, int):
                items[number] = parse_item(value)
        return items


def is_id(text: str) -> bool:
    """Whether a text is an id of a product of WooCommerce's."""
    return text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**63


def held(
    item: Item, seo: tuple[str, str] | None, network: NetworkAccess = NO_ACCESS
) -> Held:
    """What the shop holds of a product, as its source reads it and raw."""
    values = {(TEXT_FIELDS[text], ""): getattr(item, text) for text in TEXT_FIELDS}
    for name, key in zip(("seo_title", "seo_description"), seo or (), strict=False):
        values[name, key] = item.meta(key)
    values |= {("alt_texts", str(image.id)): image.alt for image in item.images}
    values |= {("attributes", a.label): ", ".join(a.values) for a in item.attributes}
    values["tags", ""] = ", ".join(tag.text for tag in item.tags)
    return Held(to_product(item, seo, Problems(), network=network), values)


def same_value(field: str, one: str, other: str) -> bool:
    """Whether two raw values are the same to the shop's readers."""
    if field in KEYS:
        return canonical(one) == canonical(other)
    if field in ("tags", "attributes"):
        return _names(one) == _names(other)
    return one == other


def restoring(
    item: Item, edits: Sequence[Edit], role: Role, seo: tuple[str, str] | None
) -> Write | Saved:
    """What to send so that the shop holds `Edit.after`, raw; or why it cannot."""
    body: dict[str, Any] = {}
    possible: list[Edit] = []
    notes: list[str] = []
    for edit in edits:
        if edit.field in KEYS:
            why = _text(item, edit, role, body)
        else:
            why = _OTHERS[edit.field](item, edit, body)
        if why:
            notes.append(f"left alone: {edit.field}, since {why}")
        else:
            possible.append(edit)
    body.pop("gone", None)  # of attributes, gathered above
    change = Change(body, edits=tuple(possible), notes=tuple(notes))
    change = with_side_effects(item, change, role, accept_cleaning=False)
    if not change.edits:
        return saved(str(item.id), "refused", change)
    return Write(item, replace(change, tags=()), ())


def _text(item: Item, edit: Edit, role: Role, body: dict[str, Any]) -> str:
    key = KEYS[edit.field]
    survival, cause = fate(edit.after, role, key)
    if survival == "no":
        return f"a user of the role {role} cannot write it as it stood: {cause}"
    body[key] = doubled(edit.after)
    return ""


def _seo(item: Item, edit: Edit, body: dict[str, Any]) -> str:
    present = [m.id for m in item.meta_data if m.key == edit.target and m.id]
    row = {"key": edit.target, "value": edit.after}
    rows = body.setdefault("meta_data", [])
    rows.append(row | ({"id": present[0]} if present else {}))
    return ""


def _alt(item: Item, edit: Edit, body: dict[str, Any]) -> str:
    if not edit.after:
        return "WooCommerce keeps an alt text where an empty one is sent"
    if not any(str(image.id) == edit.target for image in item.images):
        return "the product has the image no more"
    rows = body.setdefault("images", [{"id": image.id} for image in item.images])
    for row in rows:
        if str(row["id"]) == edit.target:
            row["alt"] = edit.after
    return ""


def _tags(item: Item, edit: Edit, body: dict[str, Any]) -> str:
    wanted = _names(edit.after)
    ids = {tag.text.casefold(): tag.id for tag in item.tags}
    if lost := sorted(wanted - ids.keys()):
        return f"the product has {', '.join(lost)} no more"
    body["tags"] = [{"id": ids[name]} for name in ids if name in wanted]
    return ""


def _attribute(item: Item, edit: Edit, body: dict[str, Any]) -> str:
    if edit.after:
        return "attributes are never replaced"
    gone = {*body.get("gone", ()), edit.target}
    body["gone"] = gone
    body["attributes"] = [
        ({"id": a.id} if a.id else {"name": a.name})
        | {"position": a.position, "visible": a.visible, "variation": a.variation}
        | {"options": list(a.options)}
        for a in item.attributes
        if a.label not in gone
    ]
    return ""


_OTHERS: dict[str, Callable[[Item, Edit, dict[str, Any]], str]] = {
    "seo_title": _seo,
    "seo_description": _seo,
    "alt_texts": _alt,
    "tags": _tags,
    "attributes": _attribute,
}
"""How each field that is none of the three texts is given back."""


def _names(text: str) -> set[str]:
    return {name.strip().casefold() for name in text.split(",") if name.strip()}
