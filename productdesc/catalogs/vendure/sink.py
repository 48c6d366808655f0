"""Sink of a Vendure shop, read right before and right after every write."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

from ...errors import CatalogError
from ...records import Description, Product
from ...text.printable import quoted
from ..http_outcome import Refused, Unanswered
from ..live import read_back, save_batches, settle
from ..merge_policy import Current, check_overwrite, missing_fields
from ..output.publishable import save_publishable
from ..protocol import Closing, Edit, Saved, SaveLog
from .client import VendureClient
from .documents import texts, update
from .edits import (
    TEXTS,
    Change,
    Rules,
    UnstorableError,
    change,
    custom_fields,
    stored,
    update_input,
)
from .item import Item, parse_item
from .replies import Answered
from .shop_settings import Seo
from .source import listed_items
from .stored_result import Write, result, saved

MAX_BATCH = 100
"""Products of one write, which the shop does one after the other."""
MAX_BODY_BYTES = 90_000
"""Of one write: express, in front of Vendure, takes 100 kB where nobody raised it."""
BYTES_OF_ONE = 80
"""Of the document, for each product."""
MAX_ID_CHARS = 100

Pair = tuple[Product, Description]
Body = tuple[str, Mapping[str, Any]]
"""A product's id, and what is sent of it."""
Outcome = Answered | Refused | Unanswered
DONE = Answered({}, {})


@dataclass(kw_only=True, eq=False, repr=False)
class VendureSink(Closing):
    """Sink for copy of products that are in the shop; it creates and deletes none.

    Writes `title` (name) and `description` (with `bullets` as a list below it) of the
    description's own language; texts of other languages stay. With `seo` also `seo_title`
    and `seo_description`, into two custom fields. apply=False: says what it would write,
    and writes nothing. own: leaving this closes the client too. batch: how many products
    `save_many` writes in one request. Not to be shared by threads.
    """

    client: InitVar[VendureClient] = field(kw_only=False)
    overwrite: Collection[str] = ()
    apply: bool = False
    seo: Seo = None
    own: bool = False
    batch: int = MAX_BATCH

    def __post_init__(self, client: VendureClient) -> None:
        self._client = client
        self._saves = SaveLog(lambda: client.url)
        if not 1 <= self.batch <= MAX_BATCH:
            raise ValueError(f"batch is {self.batch}; it must be from 1 to {MAX_BATCH}")
        seo = ("seo_title", "seo_description") if self.seo else ()
        self._writes = (*TEXTS, *seo)
        self._overwrite = check_overwrite(self.overwrite, self._writes)
        self._rules: Rules | None = None

    def close(self) -> None:
        """Close the client, where it is this sink's own."""
        self._saves.end()
        if self.own:
            self._client.close()

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read."""
        missing = missing_fields(
            Current.of(product), writes=self._writes, overwrite=self._overwrite
        )
        below = {"bullets"} if "description" in missing else set()
        return missing | below

    def save(self, product: Product, description: Description) -> Saved:
        """Save one product. Raises `CatalogError` where no other could be saved either."""
        return next(self.save_many([(product, description)]))

    def save_many(self, pairs: Iterable[Pair]) -> Iterator[Saved]:
        """The same as `save` of each, in the same order, a batch in one request.

        Nothing happens before the first result is asked for. Raises `CatalogError` where
        nothing of a batch was written.
        """

        def save(pairs: Iterable[Pair]) -> Iterator[Saved]:
            return save_batches(pairs, self.batch, _key, self._plan, self._write)

        return map(self._saves.note, save_publishable(pairs, save))

    def restore(self, product_id: str, edits: Iterable[Edit]) -> Saved:
        """Put back what stood before these edits of the product, letter by letter."""
        return next(self.restore_many([(product_id, tuple(edits))]))

    def restore_many(self, pairs: Iterable[tuple[str, Sequence[Edit]]]) -> Iterator[Saved]:
        """The same as `restore` of each, in the same order, a batch in one request.

        A text that is another one by now stays, is among `untouched`, and is named.
        """
        return map(
            self._saves.note,
            save_batches(
                pairs, self.batch, lambda pair: pair[0], self._plan_back, self._write
            ),
        )

    def _plan(self, batch: list[Pair]) -> Iterator[Saved | Write]:
        now = self._read([product.id for product, _ in batch])
        for product, description in batch:
            yield self._planned(product, description, now)

    def _planned(
        self, product: Product, description: Description, now: Mapping[str, Item | str]
    ) -> Saved | Write:
        """What to write of one product, or all that there is to say of it."""
        item = self._item(product.id, now)
        if isinstance(item, Saved):
            return item
        try:
            language = self._client.settings().language(description.language)
            todo = change(item, product, description, language, self._limits())
        except (UnstorableError, CatalogError) as e:
            return Saved(product.id, "refused", reason=f"product {item.id}: {e}")
        return self._decided(item, todo)

    def _plan_back(
        self, batch: list[tuple[str, Sequence[Edit]]]
    ) -> Iterator[Saved | Write]:
        now = self._read([key for key, _ in batch])
        for key, edits in batch:
            item = self._item(key, now)
            if isinstance(item, Saved):
                yield item
                continue
            try:
                yield self._decided(item, self._back(item, edits))
            except UnstorableError as e:
                yield Saved(key, "refused", reason=f"product {key}: {e}")

    def _back(self, item: Item, edits: Sequence[Edit]) -> Change:
        """The change that takes edits back, where they stand as they were made."""
        rules = self._limits()
        known = {*TEXTS, *custom_fields(rules.seo)}
        back: list[Edit] = []
        drifted: list[str] = []
        for edit in edits:
            if edit.field not in known:
                raise UnstorableError(f"{quoted(edit.field, 'name')} is never written here")
            held = stored(item, edit, rules)
            if held == edit.after != edit.before:
                back.append(replace(edit, before=held, after=edit.before))
            elif held != edit.before:
                drifted.append(edit.field)
        notes = [f"left alone: {name}, edited in the shop since" for name in drifted]
        return Change(tuple(back), tuple(drifted), tuple(notes))

    def _decided(self, item: Item, todo: Change) -> Saved | Write:
        if not todo.edits:
            return saved(item.id, "unchanged", todo)
        return Write(item, todo) if self.apply else saved(item.id, "planned", todo)

    def _item(self, key: str, now: Mapping[str, Item | str]) -> Item | Saved:
        if not _is_id(key):
            shown = quoted(key, "name")
            return Saved(key, "refused", reason=f"{shown} is no id of a Vendure product")
        item = now.get(key, "the shop's channel has no such product")
        if isinstance(item, str):
            return Saved(key, "refused", reason=f"product {key}: {item}")
        return item

    def _limits(self) -> Rules:
        if self._rules is None:
            settings = self._client.settings()
            seo = settings.seo(self.seo)
            default = settings.languages[0]
            self._rules = Rules(default, seo, self._writes, self._overwrite)
        return self._rules

    def _write(self, writes: list[Write]) -> list[Saved]:
        """Send, then read back; what is known of each."""
        rules = self._limits()
        outcomes = self._send(writes, rules)
        unanswered = [o for o in outcomes.values() if isinstance(o, Unanswered)]
        if unanswered:
            settle(self._client.retry, self._client.clock.sleep, unanswered)
        ids = [i for i, o in outcomes.items() if not isinstance(o, Refused)]
        now = read_back(lambda: self._read(ids))
        return [result(one, outcomes[one.item.id], now, rules) for one in writes]

    def _send(self, writes: Sequence[Write], rules: Rules) -> dict[str, Outcome]:
        """The outcome of each product."""
        outcomes: dict[str, Outcome] = {}
        rest = [(w.item.id, update_input(w.item, w.change.edits, rules)) for w in writes]
        room = MAX_BODY_BYTES
        while rest:
            part = _part(rest, room)
            bodies = {f"p{n}": body for n, (_, body) in enumerate(part)}
            try:
                outcome: Outcome = self._client.mutate(update(len(part)), **bodies)
            except CatalogError as e:
                if not outcomes:
                    raise
                outcomes |= dict.fromkeys((key for key, _ in rest), Refused(str(e)))
                break
            if isinstance(outcome, Refused) and outcome.code == "413" and len(part) > 1:
                room //= 2
                continue
            if isinstance(outcome, Refused) and len(part) > 1:
                part = part[: _refused_one(outcome, part) + 1]
                # those before it are done, and those behind it have not been begun
                outcomes |= dict.fromkeys((key for key, _ in part[:-1]), DONE)
            else:
                outcomes |= dict.fromkeys((key for key, _ in part), outcome)
            outcomes[part[-1][0]] = outcome
            rest = rest[len(part) :]
        return outcomes

    def _read(self, ids: Sequence[str]) -> dict[str, Item | str]:
        """These products as the shop holds them now; those it has not are left out."""
        ids = [key for key in ids if _is_id(key)]
        if not ids:
            return {}
        seo = self._limits().seo
        document = texts(
            seo.names(localized=True) if seo else (),
            seo.names(localized=False) if seo else (),
        )
        options = {"filter": {"id": {"in": ids}}, "take": len(ids), "sort": {"id": "ASC"}}
        answer = self._client.query(document, options=options)
        values, _ = listed_items(answer.data, self._client.url)
        found: dict[str, Item | str] = {}
        for value in values:
            key = value.get("id") if isinstance(value, dict) else None
            if isinstance(key, str | int):
                found[str(key)] = parse_item(value)
        return found


def _part(writes: Sequence[Body], room: int) -> Sequence[Body]:
    """As many as a request of so many bytes can carry; at least one."""
    size = count = 0
    for _, body in writes:
        size += len(json.dumps(body, ensure_ascii=False).encode()) + BYTES_OF_ONE
        if count and size > room:
            break
        count += 1
    return writes[:count]


def _refused_one(outcome: Refused, part: Sequence[Body]) -> int:
    """Which of several was refused; the first where the shop took none of them."""
    places = {f"p{n}": n for n in range(len(part))}
    return places.get(outcome.data.get("place", ""), 0)


def _key(pair: Pair) -> str:
    return pair[0].id


def _is_id(text: str) -> bool:
    return 0 < len(text) <= MAX_ID_CHARS and text.isascii() and text.isprintable()
