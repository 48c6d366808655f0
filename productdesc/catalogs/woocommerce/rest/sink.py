"""`WooCommerceSink`: copy into a shop, over its REST API, read back after every write."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ....errors import CatalogError
from ....net import Http
from ....records import Description, Product
from ....secret import Secret
from ...http_outcome import Refused, Unanswered
from ...merge_policy import check_overwrite
from ...protocol import Closing, Saved
from ..wp_text import Unstorable
from .client import Patience, WooCommerceClient
from .edits import Change, change, missing
from .item import FIELDS, Item, parse_item
from .replies import Answered
from .tags import Tags

BATCH = 100
"""Products of one write; WooCommerce takes no more (413)."""


class WooCommerceSink(Closing):
    """Takes copy for products that are in the shop; it makes and deletes none.

    Writes `title` (name), `description`, `bullets` (the short description, as a list),
    `alt_texts`, `tags`; with `seo` named also `seo_title` and `seo_description`; with
    attributes=True also attributes that a product has not, where it does not vary.
    apply=False: says what it would write, and writes nothing. create_tags=False: only
    tags that the shop knows are put on. The other arguments are those of `WooCommerce`;
    the key must be one that may read and write. Not to be shared by threads.
    """

    def __init__(
        self,
        url: str,
        key: str | Secret,
        secret: str | Secret,
        *,
        overwrite: Collection[str] = (),
        apply: bool = False,
        create_tags: bool = True,
        attributes: bool = False,
        seo: tuple[str, str] | None = None,
        http: Http | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._writes = (
            *("title", "bullets", "description", "alt_texts", "tags"),
            *(("seo_title", "seo_description") if seo else ()),
        )
        self._overwrite = check_overwrite(overwrite, self._writes)
        if attributes:  # never replaced, so never in `overwrite`
            self._writes = (*self._writes, "attributes")
        self._apply = apply
        self._seo = seo
        self._api = WooCommerceClient(
            url,
            key,
            secret,
            http=http,
            patience=patience,
            clock=clock,
            sleep=sleep,
            now=now,
        )
        self._tags = Tags(self._api, create=create_tags)

    def save(self, product: Product, description: Description) -> Saved:
        """One product. Raises `CatalogError` where no other could be saved either."""
        return self._save([(product, description)])[0]

    def save_many(self, pairs: Iterable[tuple[Product, Description]]) -> list[Saved]:
        """Up to 100 products in one request; what became of each, in order.

        Raises `CatalogError` before anything of these was written, `ValueError` for more.
        """
        together = list(pairs)
        if len(together) > BATCH:
            raise ValueError(f"{len(together)} products at once; {BATCH} is the limit")
        return self._save(together)

    def _save(self, pairs: Sequence[tuple[Product, Description]]) -> list[Saved]:
        keys = [product.id for product, _ in pairs]
        now = self._read([int(key) for key in keys if _is_id(key)])
        said: dict[int, Saved] = {}
        open_: dict[int, _Write] = {}
        for place, (product, description) in enumerate(pairs):
            outcome = self._planned(product, description, now, keys[:place])
            if isinstance(outcome, Saved):
                said[place] = outcome
            else:
                open_[place] = outcome
        if open_:
            said |= self._written(open_)
        return [said[place] for place in range(len(pairs))]

    def _planned(
        self,
        product: Product,
        description: Description,
        now: Mapping[int, Item | str],
        before: Sequence[str],
    ) -> Saved | _Write:
        """What to write of one product, or all that there is to say of it."""
        key = product.id
        if not _is_id(key):
            return Saved(
                key, "refused", reason=f"{key!a} is no id of a WooCommerce product"
            )
        if key in before:
            return Saved(key, "refused", reason=f"product {key} is in one batch twice")
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
            return Saved(key, "unchanged", kept=todo.kept)
        if not self._apply:
            return Saved(key, "planned", todo.edits, todo.kept)
        return self._with_tags(item, todo)

    def _with_tags(self, item: Item, todo: Change) -> Saved | _Write:
        ids: list[int] = [tag.id for tag in item.tags]
        skipped: list[str] = []
        for name in todo.tags:
            match self._tags.id_of(name):
                case Refused(reason):
                    return Saved(str(item.id), "refused", kept=todo.kept, reason=reason)
                case 0:
                    skipped.append(name)
                case int(found) if found not in ids:
                    ids.append(found)
        if ids == [tag.id for tag in item.tags]:
            edits = tuple(e for e in todo.edits if e.field != "tags")
            if not edits:
                return Saved(str(item.id), "unchanged", kept=todo.kept)
            return _Write(item, replace(todo, edits=edits), ())
        if skipped:
            edits = tuple(
                replace(e, after=_without(e.after, skipped)) if e.field == "tags" else e
                for e in todo.edits
            )
            todo = replace(todo, edits=edits)
        return _Write(item, todo, tuple(ids))

    def _written(self, writes: Mapping[int, _Write]) -> dict[int, Saved]:
        """Send, then read back; what is known of each."""
        answers = self._sent(list(writes.values()))
        unanswered = [a for a in answers.values() if isinstance(a, Unanswered)]
        if unanswered:
            # the shop goes on when nobody listens any more
            asked = min(
                max(a.seconds or 0.0 for a in unanswered),
                self._api.patience.longest_wait_seconds,
            )
            self._api.wait(max(self._api.patience.settle_seconds, asked))
        doubt = ""
        now: Mapping[int, Item | str] = {}
        try:
            now = self._read([i for i, a in answers.items() if not isinstance(a, Refused)])
        except CatalogError as e:
            doubt = f"it cannot be read back: {e}"
        return {
            place: self._judged(write, answers[write.item.id], now, doubt)
            for place, write in writes.items()
        }

    def _sent(self, writes: Sequence[_Write]) -> dict[int, Answered | Refused | Unanswered]:
        if len(writes) == 1:
            item = writes[0].item
            answer = self._api.change("PUT", f"products/{item.id}", writes[0].body())
            return {item.id: answer}
        rows = [{"id": w.item.id, **w.body()} for w in writes]
        answer = self._api.change("POST", "products/batch", {"update": rows})
        found: dict[int, Answered | Refused | Unanswered] = {
            w.item.id: answer for w in writes
        }
        if isinstance(answer, Answered) and isinstance(answer.value, dict):
            for row in answer.value.get("update") or []:
                error = row.get("error") if isinstance(row, dict) else None
                if isinstance(error, dict) and row.get("id") in found:
                    why = f"{error.get('code', '')}: {error.get('message', '')}"
                    found[row["id"]] = Refused(why)
        return found

    def _judged(
        self,
        write: _Write,
        answer: Answered | Refused | Unanswered,
        now: Mapping[int, Item | str],
        doubt: str,
    ) -> Saved:
        key, todo = str(write.item.id), write.change
        if isinstance(answer, Refused):
            reason = f"product {key}: {answer.reason}"
            return Saved(key, "refused", kept=todo.kept, reason=reason)
        item = now.get(write.item.id, "it is not there any more")
        other = doubt or (
            item
            if isinstance(item, str)
            else missing(write.item, todo, write.tag_ids, item)
        )
        if not other:
            return Saved(key, "written", todo.edits, todo.kept)
        self._tags.forget()
        if isinstance(answer, Unanswered):
            reason = f"product {key}: no answer ({answer.reason}); {other}"
            return Saved(key, "unknown", todo.edits, todo.kept, reason)
        if doubt:
            reason = f"product {key}: the shop said it is done; {other}"
            return Saved(key, "unknown", todo.edits, todo.kept, reason)
        reason = f"product {key}: the shop said it is done and holds another text: {other}"
        return Saved(key, "refused", todo.edits, todo.kept, reason)

    def _read(self, ids: Sequence[int]) -> dict[int, Item | str]:
        """These products as the shop holds them now; those it has not are left out."""
        if not ids:
            return {}
        answer = self._api.get(
            "products",
            context="edit",
            status="any",
            include=",".join(map(str, ids)),
            orderby="id",
            order="asc",
            per_page=BATCH,
            _fields=FIELDS,
        )
        values: list[Any] = answer.value if isinstance(answer.value, list) else []
        found: dict[int, Item | str] = {}
        for value in values:
            number = value.get("id") if isinstance(value, dict) else None
            if isinstance(number, int):
                found[number] = parse_item(value)
        return found

    def close(self) -> None:
        """Close the connections that this one opened."""
        self._api.close()


@dataclass(frozen=True, slots=True)
class _Write:
    """One product as it was right before, what changes, and all tags it is to have."""

    item: Item
    change: Change
    tag_ids: tuple[int, ...]

    def body(self) -> dict[str, Any]:
        tags = {"tags": [{"id": i} for i in self.tag_ids]} if self.tag_ids else {}
        return {**self.change.body, **tags}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**63


def _without(names: str, skipped: Collection[str]) -> str:
    return ", ".join(name for name in names.split(", ") if name not in skipped)
