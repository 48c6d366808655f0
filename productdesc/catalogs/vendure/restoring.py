"""Restoring former texts as the shop stored them; what a guard asks of a shop."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from ...net.network_access import NO_ACCESS, NetworkAccess
from ..output.guarded_writes import Held, verdicts
from ..output.live_sink import BatchedSink
from ..protocol import Edit, Problems, Saved
from ..shop_text.shop_html import to_text
from .client import VendureClient
from .documents import Document, products, texts
from .edits import NAMES, Change, Rules, custom_fields, stored
from .item import Item, parse_item, to_product
from .source import listed_items
from .stored_result import Write, saved

MAX_BATCH = 100
"""Products of one write, which the shop does one after the other."""
MAX_ID_CHARS = 100
_TAG = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)


class RestoringSink(BatchedSink):
    """A sink that a guard may hold back, and that gives former texts back."""

    apply: bool
    language: str
    _client: VendureClient

    @property
    def place(self) -> str:
        """The address of its Admin API."""
        return self._client.url

    def look(self, ids: Sequence[str]) -> dict[str, Held]:
        """What the shop holds of these products in `language`; raises `CatalogError`."""
        found: dict[str, Item | str] = {}
        for start in range(0, len(ids), MAX_BATCH):
            found |= self._read(ids[start : start + MAX_BATCH], whole=True)
        language = self._client.settings().language(self.language)
        return {
            key: self._held(item, language)
            for key, item in found.items()
            if isinstance(item, Item)
        }

    def is_same(self, field: str, one: str, other: str) -> bool:
        """Whether two raw values of a field are the same to the shop's readers."""
        return same_value(field, one, other)

    def _plan_restoring(
        self, batch: list[tuple[str, Sequence[Edit]]]
    ) -> Iterator[Saved | Write]:
        now = self._read([key for key, _ in batch])
        language = self._client.settings().language(self.language)
        for key, edits in batch:
            item = existing(key, now)
            if isinstance(item, Item):
                yield decided(item, restoring(item, edits, self._limits()), language)
            else:
                yield item

    def _held_back(self, writes: list[Write]) -> list[Saved | None]:
        """What is not written after all, since the guard or a dry run holds it back."""
        planned = [w.planned(self._held(w.item, w.language)) for w in writes]
        results: list[Saved | None] = []
        for write, why in zip(writes, verdicts(self._guard, planned), strict=True):
            planned_only = saved(write.item.id, "planned", write.change).with_reason(why)
            results.append(None if self.apply and not why else planned_only)
        return results

    def _held(self, item: Item, language: str) -> Held:
        client = self._client
        return held(item, language, self._limits(), client.url, client.network)

    @abstractmethod
    def _limits(self) -> Rules: ...

    def _read(self, ids: Sequence[str], *, whole: bool = False) -> dict[str, Item | str]:
        """These products as the shop holds them now; those it has not are left out.

        whole: with all that the source reads of them, not only their texts.
        """
        ids = [key for key in ids if is_id(key)]
        if not ids:
            return {}
        language = self._client.settings().language(self.language) if whole else ""
        options = {"filter": {"id": {"in": ids}}, "take": len(ids), "sort": {"id": "ASC"}}
        document = self._document(whole)
        answer = self._client.query(document, language=language, options=options)
        values, _ = listed_items(answer.data, self._client.url)
        found: dict[str, Item | str] = {}
        for value in values:
            key = value.get("id") if isinstance(value, dict) else None
            if isinstance(key, str | int):
                found[str(key)] = parse_item(value)
        return found

    def _document(self, whole: bool) -> Document:
        seo = self._limits().seo
        localized = seo.names(localized=True) if seo else ()
        plain = seo.names(localized=False) if seo else ()
        if whole:
            return products(localized, plain, variants=True)
        return texts(localized, plain)


def is_id(text: str) -> bool:
    """Whether a text may be an id of a product of Vendure's."""
    return 0 < len(text) <= MAX_ID_CHARS and text.isascii() and text.isprintable()


def existing(key: str, now: Mapping[str, Item | str]) -> Item | Saved:
    """The product as it was read, or why it is none."""
    item = now.get(key, "the shop's channel has no such product")
    if isinstance(item, str):
        return Saved(key, "refused", reason=f"product {key}: {item}")
    return item


def decided(item: Item, todo: Change, language: str) -> Saved | Write:
    """What is to be written of a product, or that nothing is."""
    if todo.edits:
        return Write(item, todo, language)
    is_refused = todo.notes and not todo.untouched
    return saved(item.id, "refused" if is_refused else "unchanged", todo)


def held(
    item: Item, language: str, rules: Rules, url: str, network: NetworkAccess = NO_ACCESS
) -> Held:
    """What the shop holds of a product, as its source reads it and raw."""
    values: dict[tuple[str, str], str] = {}
    for one in item.translations:
        for field, name in NAMES.items():
            values[field, one.language_code] = getattr(one, name)
    for field, custom in custom_fields(rules.seo).items():
        if custom.localized:
            for one in item.translations:
                values[field, one.language_code] = item.custom(custom, one.language_code)
        else:
            values[field, ""] = item.custom(custom, "")
    how = (language, rules.default, rules.seo, Problems())
    shared = rules.seo.shared if rules.seo else frozenset()
    return Held(to_product(item, *how, url=url, network=network), values, shared)


def same_value(field: str, one: str, other: str) -> bool:
    """Whether two raw values are the same to the shop's readers: a plugin may tidy HTML."""
    if one == other:
        return True
    if field != "description" or to_text(one) != to_text(other):
        return False
    return _tags(one) == _tags(other)


def _tags(markup: str) -> list[str]:
    return [name.lower() for name in _TAG.findall(markup)]


def restoring(item: Item, edits: Sequence[Edit], rules: Rules) -> Change:
    """The change that gives a product the raw values in `Edit.after`."""
    known = {*NAMES, *custom_fields(rules.seo)}
    possible: list[Edit] = []
    drifted: list[str] = []
    notes: list[str] = []
    for edit in edits:
        if edit.field not in known:
            notes.append(f"left alone: {edit.field}, which is never written here")
            continue
        present = stored(item, edit, rules)
        if present == edit.after:
            continue
        if present == edit.before:
            possible.append(edit)
        else:
            drifted.append(edit.field)
            notes.append(f"left alone: {edit.field}, edited in the shop since")
    return Change(tuple(possible), tuple(drifted), tuple(notes))
