"""Sink of a WooCommerce shop over its REST API, read back after every write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ....records import Description, Product
from ....text.printable import printable, quoted, words_of
from ...http_outcome import Refused, Unanswered
from ...live import read_back, settle
from ...merge_policy import Current, check_overwrite, missing_fields
from ...protocol import Saved, SaveLog
from ..built_in import Role, check_role
from ..terms import is_variation
from ..wp_text import Unstorable
from .client import WooCommerceClient
from .edits import Change, change
from .item import Item, ShopAttribute
from .read_back import Write, result, saved
from .replies import Answered
from .restoring import MAX_BATCH, RestoringSink, is_id
from .side_effects import with_side_effects
from .tags import Tags

Pair = tuple[Product, Description]


@dataclass(kw_only=True, eq=False, repr=False)
class WooCommerceSink(RestoringSink):
    """Sink for copy of products that are in the shop; it creates and deletes none.

    Writes `title` (name), `description`, `bullets` (the short description, as a list),
    `alt_texts`, `tags`; with `seo` named also `seo_title` and `seo_description`; with
    attributes=True also attributes that a product has not, where it does not vary.
    apply=False: says what it would write, and writes nothing. create_tags=False: only
    tags that the shop knows are put on. own: leaving this closes the client too. batch:
    how many products `save_many` writes in one request. role: of the key's user,
    "shop_manager" or "administrator"; it decides what WordPress does to the texts that are
    left alone. accept_cleaning=True: texts are written also where another text of the
    product loses something by it. The client's key must be one that may read and write.
    Not to be shared by threads.
    """

    client: InitVar[WooCommerceClient] = field(kw_only=False)
    overwrite: Collection[str] = ()
    apply: bool = False
    create_tags: bool = True
    attributes: bool = False
    seo: tuple[str, str] | None = None
    own: bool = False
    batch: int = MAX_BATCH
    role: Role = "shop_manager"
    accept_cleaning: bool = False

    def __post_init__(self, client: WooCommerceClient) -> None:
        self._client = client
        self._saves = SaveLog(lambda: client.url)
        if not 1 <= self.batch <= MAX_BATCH:
            raise ValueError(f"batch is {self.batch}; it must be from 1 to {MAX_BATCH}")
        check_role(self.role)
        self._writes = (
            *("title", "bullets", "description", "alt_texts", "tags"),
            *(("seo_title", "seo_description") if self.seo else ()),
        )
        self._overwrite = check_overwrite(self.overwrite, self._writes)
        if self.attributes:  # never replaced, so never in `overwrite`
            self._writes = (*self._writes, "attributes")
        self._tags = Tags(client, create=self.create_tags)
        self._named_by: dict[int, str] = {}  # image -> the first product that named it
        self._shop_attributes: Sequence[ShopAttribute] | None = None

    def close(self) -> None:
        """Close the client, where it is this sink's own."""
        self._saves.end()
        if self.own:
            self._client.close()

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read.

        Tags alone are no need where none is created: the shop may know none of ours.
        """
        missing = missing_fields(
            Current.of(product),
            writes=self._writes,
            overwrite=self._overwrite,
            photos=len(product.photos),
        )
        is_tagless = not self.create_tags and "tags" not in self._overwrite
        return frozenset() if is_tagless and missing == {"tags"} else missing

    def _key(self, pair: Pair) -> int:
        """The id of a pair's product; 0: it names none."""
        text = pair[0].id
        return int(text) if is_id(text) else 0

    def _plan(self, batch: list[Pair]) -> Iterator[Saved | Write]:
        keys = (product.id for product, _ in batch)
        now = self._read([int(key) for key in keys if is_id(key)])
        for product, description in batch:
            yield self._planned(product, description, now)

    def _planned(
        self, product: Product, description: Description, now: Mapping[int, Item | str]
    ) -> Saved | Write:
        """What to write of one product, or all that there is to say of it."""
        key = product.id
        if not is_id(key):
            shown = quoted(key, "name")
            why = f"{shown} is no id of a WooCommerce product"
            return Saved(key, "refused", reason=why)
        item = now.get(int(key), "the shop has no such product, or it is in the trash")
        if isinstance(item, str):
            return Saved(key, "refused", reason=f"product {key}: {item}")
        if is_variation(item.type):
            reason = f"product {key}: is a variation ({item.type}), no product of its own"
            return Saved(key, "refused", reason=reason)
        try:
            todo = change(
                item,
                description,
                writes=self._writes,
                overwrite=self._overwrite,
                seo=self.seo,
                shared=self._shared(item, description),
                shop_attributes=self._attributes_of_shop(description),
            )
        except Unstorable as e:
            return Saved(key, "refused", reason=f"product {key}: {e}")
        todo = with_side_effects(
            item, todo, self.role, accept_cleaning=self.accept_cleaning
        )
        if not todo.edits:
            return _nothing_to_write(key, todo)
        if not self.apply and not self._guard:
            return saved(key, "planned", todo)
        return Write(item, todo, ())

    def _shared(self, item: Item, description: Description) -> dict[int, str]:
        """The product's images whose alt text another product names: the first one does."""
        for image, alt in zip(item.images, description.alt_texts, strict=False):
            if alt and image.id:
                self._named_by.setdefault(image.id, str(item.id))
        named_by = {image.id: self._named_by.get(image.id, "") for image in item.images}
        return {
            i: other for i, other in named_by.items() if other not in ("", str(item.id))
        }

    def _attributes_of_shop(self, description: Description) -> Sequence[ShopAttribute]:
        """Those that the shop has for all products; asked for once, where they matter."""
        if "attributes" not in self._writes or not description.attributes:
            return ()
        if self._shop_attributes is None:
            answer = self._client.get("products/attributes", _fields="id,name,slug")
            values = answer.value if isinstance(answer.value, list) else []
            self._shop_attributes = list(_readable(values))
        return self._shop_attributes

    def _with_tags(self, write: Write) -> Saved | Write:
        item, todo = write.item, write.change
        ids: list[int] = [tag.id for tag in item.tags]
        skipped: list[str] = []
        for name in todo.tags:
            match self._tags.id_of(name):
                case Refused(reason):
                    return saved(str(item.id), "refused", replace(todo, edits=()), reason)
                case 0:
                    skipped.append(name)
                case int(found) if found not in ids:
                    ids.append(found)
        if ids == [tag.id for tag in item.tags]:
            edits = tuple(e for e in todo.edits if e.field != "tags")
            todo = replace(todo, edits=edits)
            return Write(item, todo, ()) if edits else _nothing_to_write(str(item.id), todo)
        if skipped:
            edits = tuple(
                replace(e, after=_without(e.after, skipped)) if e.field == "tags" else e
                for e in todo.edits
            )
            todo = replace(todo, edits=edits)
        return Write(item, todo, tuple(ids))

    def _write(self, writes: list[Write]) -> list[Saved]:
        """Name the tags by their ids, send, read back; what is known of each."""
        ready = [self._with_tags(w) if w.change.tags else w for w in writes]
        todo = [one for one in ready if isinstance(one, Write)]
        results = iter(self._written(todo) if todo else ())
        return [one if isinstance(one, Saved) else next(results) for one in ready]

    def _written(self, writes: list[Write]) -> list[Saved]:
        outcomes = self._send(writes)
        unanswered = [o for o in outcomes.values() if isinstance(o, Unanswered)]
        if unanswered:
            settle(self._client.retry, self._client.clock.sleep, unanswered)
        ids = [i for i, o in outcomes.items() if not isinstance(o, Refused)]
        now = read_back(lambda: self._read(ids))
        results = [result(write, outcomes[write.item.id], now) for write in writes]
        if any(one.status != "written" for one in results):
            self._tags.forget()  # somebody may have deleted one
        return results

    def _send(self, writes: Sequence[Write]) -> dict[int, Answered | Refused | Unanswered]:
        if len(writes) == 1:
            item = writes[0].item
            outcome = self._client.change("PUT", f"products/{item.id}", writes[0].body)
            return {item.id: outcome}
        rows = [{"id": w.item.id, **w.body} for w in writes]
        outcome = self._client.change("POST", "products/batch", {"update": rows})
        outcomes: dict[int, Answered | Refused | Unanswered] = {
            w.item.id: outcome for w in writes
        }
        if isinstance(outcome, Answered) and isinstance(outcome.value, dict):
            for row in outcome.value.get("update") or []:
                error = row.get("error") if isinstance(row, dict) else None
                if isinstance(error, dict) and row.get("id") in outcomes:
                    code = printable(error.get("code", ""), "code")
                    why = f"{code}: {words_of(error.get('message', ''))}"
                    outcomes[row["id"]] = Refused(why)
        return outcomes


def _readable(values: Sequence[Any]) -> Iterator[ShopAttribute]:
    for value in values:
        with suppress(ValidationError):
            yield ShopAttribute.model_validate(value)


def _nothing_to_write(key: str, change: Change) -> Saved:
    return saved(key, "refused" if change.refusal else "unchanged", change)


def _without(names: str, skipped: Collection[str]) -> str:
    return ", ".join(name for name in names.split(", ") if name not in skipped)
