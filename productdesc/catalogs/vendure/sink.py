"""Sink of a Vendure shop, read right before and right after every write."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any

from ...errors import CatalogError
from ...records import Description, Product
from ...text.printable import quoted
from ..http_outcome import Refused, Unanswered
from ..live import read_back, settle
from ..merge_policy import Current, check_overwrite, missing_fields
from ..protocol import Saved, SaveLog
from .client import VendureClient
from .documents import update
from .edits import TEXTS, Rules, UnstorableError, change, update_input
from .item import Item
from .replies import Answered
from .restoring import MAX_BATCH, RestoringSink, decided, existing, is_id
from .shop_settings import Seo
from .stored_result import Write, result

MAX_BODY_BYTES = 90_000
"""Of one write: express, in front of Vendure, takes 100 kB where nobody raised it."""
BYTES_OF_ONE = 80
"""Of the document, for each product."""

Pair = tuple[Product, Description]
Body = tuple[str, Mapping[str, Any]]
"""A product's id, and what is sent of it."""
Outcome = Answered | Refused | Unanswered
DONE = Answered({}, {})


@dataclass(kw_only=True, eq=False, repr=False)
class VendureSink(RestoringSink):
    """Sink for copy of products that are in the shop; it creates and deletes none.

    Writes `title` (name) and `description` (with `bullets` as a list below it) of the
    description's own language; texts of other languages stay. With `seo` also `seo_title`
    and `seo_description`, into two custom fields. apply=False: says what it would write,
    and writes nothing. own: leaving this closes the client too. batch: how many products
    `save_many` writes in one request. language: in which `look` reads products, as the
    source did; "": the channel's default one. Not to be shared by threads.
    """

    client: InitVar[VendureClient] = field(kw_only=False)
    overwrite: Collection[str] = ()
    apply: bool = False
    seo: Seo = None
    own: bool = False
    batch: int = MAX_BATCH
    language: str = ""

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

    def languages(self) -> tuple[str, ...]:
        """The channel's languages, its default one first; raises `CatalogError`."""
        return self._client.settings().languages

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read."""
        missing = missing_fields(
            Current.of(product), writes=self._writes, overwrite=self._overwrite
        )
        below = {"bullets"} if "description" in missing else set()
        return missing | below

    def _plan(self, batch: list[Pair]) -> Iterator[Saved | Write]:
        now = self._read([product.id for product, _ in batch])
        for product, description in batch:
            yield self._planned(product, description, now)

    def _planned(
        self, product: Product, description: Description, now: Mapping[str, Item | str]
    ) -> Saved | Write:
        """What to write of one product, or all that there is to say of it."""
        if not is_id(product.id):
            shown = quoted(product.id, "name")
            return Saved(
                product.id, "refused", reason=f"{shown} is no id of a Vendure product"
            )
        item = existing(product.id, now)
        if isinstance(item, Saved):
            return item
        try:
            language = self._language(description)
            todo = change(item, product, description, language, self._limits())
        except (UnstorableError, CatalogError) as e:
            return Saved(product.id, "refused", reason=f"product {item.id}: {e}")
        return decided(item, todo, language)

    def _language(self, description: Description) -> str:
        """The shop's code of a description's language. Raises `CatalogError`."""
        settings = self._client.settings()
        language = settings.language(description.language)
        if self._guard and language != (own := settings.language(self.language)):
            raise CatalogError(
                f"its copy is in {language}, and this sink looks at texts in {own}; give "
                f"it language={language!a}"
            )
        return language

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
