"""Sink of a WooCommerce shop over its REST API, read back after every write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ....records import Description, Product
from ...http_outcome import Refused, Unanswered
from ...live import Unread, read_back, save_batches, settle, status_of
from ...merge_policy import check_overwrite
from ...protocol import Closing, Saved
from ..wp_text import Unstorable
from .client import WooCommerceClient
from .edits import Change, change, missing
from .item import FIELDS, Item, parse_item
from .replies import Answered
from .tags import Tags

MAX_BATCH = 100
"""Products of one write; WooCommerce takes no more (413)."""

Pair = tuple[Product, Description]


class WooCommerceSink(Closing):
    """Sink for copy of products that are in the shop; it creates and deletes none.

    Writes `title` (name), `description`, `bullets` (the short description, as a list),
    `alt_texts`, `tags`; with `seo` named also `seo_title` and `seo_description`; with
    attributes=True also attributes that a product has not, where it does not vary.
    apply=False: says what it would write, and writes nothing. create_tags=False: only
    tags that the shop knows are put on. own: leaving this closes the client too. batch:
    how many products `save_many` writes in one request. The client's key must be one that
    may read and write. Not to be shared by threads.
    """

    def __init__(
        self,
        client: WooCommerceClient,
        *,
        overwrite: Collection[str] = (),
        apply: bool = False,
        create_tags: bool = True,
        attributes: bool = False,
        seo: tuple[str, str] | None = None,
        own: bool = False,
        batch: int = MAX_BATCH,
    ) -> None:
        if not 1 <= batch <= MAX_BATCH:
            raise ValueError(f"batch is {batch}; it must be from 1 to {MAX_BATCH}")
        self._writes = (
            *("title", "bullets", "description", "alt_texts", "tags"),
            *(("seo_title", "seo_description") if seo else ()),
        )
        self._overwrite = check_overwrite(overwrite, self._writes)
        if attributes:  # never replaced, so never in `overwrite`
            self._writes = (*self._writes, "attributes")
        self._client = client
        self._own = own
        self._apply = apply
        self._seo = seo
        self._batch = batch
        self._tags = Tags(client, create=create_tags)

    def close(self) -> None:
        """Close the client, where it is this sink's own."""
        if self._own:
            self._client.close()

    def save(self, product: Product, description: Description) -> Saved:
        """Save one product. Raises `CatalogError` where no other could be saved either."""
        return next(self.save_many([(product, description)]))

    def save_many(self, pairs: Iterable[Pair]) -> Iterator[Saved]:
        """The same as `save` of each, in the same order, a batch in one request.

        Nothing happens before the first result is asked for. Raises `CatalogError` where
        nothing of a batch was written.
        """
        return save_batches(pairs, self._batch, _key, self._plan, self._write)

    def _plan(self, batch: list[Pair]) -> Iterator[Saved | _Write]:
        keys = (product.id for product, _ in batch)
        now = self._read([int(key) for key in keys if _is_id(key)])
        for product, description in batch:
            yield self._planned(product, description, now)

    def _planned(
        self, product: Product, description: Description, now: Mapping[int, Item | str]
    ) -> Saved | _Write:
        """What to write of one product, or all that there is to say of it."""
        key = product.id
        if not _is_id(key):
            return Saved(
                key, "refused", reason=f"{key!a} is no id of a WooCommerce product"
            )
        item = now.get(int(key), "the shop has no such product, or it is in the trash")
        if isinstance(item, str):
            return Saved(key, "refused", reason=f"product {key}: {item}")
        try:
            todo = change(
                item,
                description,
                writes=self._writes,
                overwrite=self._overwrite,
                seo=self._seo,
            )
        except Unstorable as e:
            return Saved(key, "refused", reason=f"product {key}: {e}")
        if not todo.edits:
            return Saved(key, "unchanged", untouched=todo.untouched)
        if not self._apply:
            return Saved(key, "planned", todo.edits, todo.untouched)
        return self._with_tags(item, todo)

    def _with_tags(self, item: Item, todo: Change) -> Saved | _Write:
        ids: list[int] = [tag.id for tag in item.tags]
        skipped: list[str] = []
        for name in todo.tags:
            match self._tags.id_of(name):
                case Refused(reason):
                    return Saved(
                        str(item.id), "refused", untouched=todo.untouched, reason=reason
                    )
                case 0:
                    skipped.append(name)
                case int(found) if found not in ids:
                    ids.append(found)
        if ids == [tag.id for tag in item.tags]:
            edits = tuple(e for e in todo.edits if e.field != "tags")
            if not edits:
                return Saved(str(item.id), "unchanged", untouched=todo.untouched)
            return _Write(item, replace(todo, edits=edits), ())
        if skipped:
            edits = tuple(
                replace(e, after=_without(e.after, skipped)) if e.field == "tags" else e
                for e in todo.edits
            )
            todo = replace(todo, edits=edits)
        return _Write(item, todo, tuple(ids))

    def _write(self, writes: list[_Write]) -> list[Saved]:
        """Send, then read back; what is known of each."""
        outcomes = self._send(writes)
        unanswered = [o for o in outcomes.values() if isinstance(o, Unanswered)]
        if unanswered:
            settle(self._client.retry, self._client.clock.sleep, unanswered)
        ids = [i for i, o in outcomes.items() if not isinstance(o, Refused)]
        now = read_back(lambda: self._read(ids))
        return [self._result(write, outcomes[write.item.id], now) for write in writes]

    def _send(self, writes: Sequence[_Write]) -> dict[int, Answered | Refused | Unanswered]:
        if len(writes) == 1:
            item = writes[0].item
            outcome = self._client.change("PUT", f"products/{item.id}", writes[0].body())
            return {item.id: outcome}
        rows = [{"id": w.item.id, **w.body()} for w in writes]
        outcome = self._client.change("POST", "products/batch", {"update": rows})
        outcomes: dict[int, Answered | Refused | Unanswered] = {
            w.item.id: outcome for w in writes
        }
        if isinstance(outcome, Answered) and isinstance(outcome.value, dict):
            for row in outcome.value.get("update") or []:
                error = row.get("error") if isinstance(row, dict) else None
                if isinstance(error, dict) and row.get("id") in outcomes:
                    why = f"{error.get('code', '')}: {error.get('message', '')}"
                    outcomes[row["id"]] = Refused(why)
        return outcomes

    def _result(
        self,
        write: _Write,
        outcome: Answered | Refused | Unanswered,
        now: Mapping[int, Item | str] | Unread,
    ) -> Saved:
        """What is known of one product, by the outcome and what the shop holds now."""
        key, todo = str(write.item.id), write.change
        if isinstance(outcome, Refused):
            reason = f"product {key}: {outcome.reason}"
            return Saved(key, "refused", untouched=todo.untouched, reason=reason)
        if isinstance(now, Unread):
            other = f"it cannot be read back: {now.reason}"
            status = status_of(outcome, stored=None)
        else:
            other = write.missing(now)
            status = status_of(outcome, stored=not other)
        if status == "written":
            return Saved(key, status, todo.edits, todo.untouched)
        self._tags.forget()
        if isinstance(outcome, Unanswered):
            other = f"no answer ({outcome.reason}); {other}"
        elif status == "unknown":
            other = f"the shop said it is done; {other}"
        else:
            other = f"the shop said it is done and holds another text: {other}"
        return Saved(key, status, todo.edits, todo.untouched, f"product {key}: {other}")

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


@dataclass(frozen=True, slots=True)
class _Write:
    """One product as it was right before, what changes, and all tags it is to have."""

    item: Item
    change: Change
    tag_ids: tuple[int, ...]

    def missing(self, now: Mapping[int, Item | str]) -> str:
        """What of it the shop does not hold now; "": it holds all of it."""
        item = now.get(self.item.id, "it is not there any more")
        if isinstance(item, str):
            return item
        return missing(self.item, self.change, self.tag_ids, item)

    def body(self) -> dict[str, Any]:
        tags = {"tags": [{"id": i} for i in self.tag_ids]} if self.tag_ids else {}
        return {**self.change.body, **tags}


def _key(pair: Pair) -> int:
    """The id of a pair's product; 0: it names none."""
    text = pair[0].id
    return int(text) if _is_id(text) else 0


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**63


def _without(names: str, skipped: Collection[str]) -> str:
    return ", ".join(name for name in names.split(", ") if name not in skipped)
