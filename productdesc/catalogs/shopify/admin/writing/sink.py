"""Sink of a Shopify shop: descriptions written one by one, or many in bulk operations.

Reads a product right before it is written and right after; says "written" only for what
the shop was seen to hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from functools import cached_property

from .....errors import CatalogError
from .....records import Description, Product
from ....http_outcome import Refused, Unanswered
from ....live import Unread, read_back, settle, status_of
from ....merge_policy import check_overwrite
from ....output.guarded_writes import Held
from ....output.live_sink import LiveSink
from ....output.publishable import publishable, save_publishable
from ....protocol import Edit, Saved, SaveLog
from ..api import bulk
from ..api.bulk import MAX_UPLOAD_BYTES
from ..api.client import ShopifyClient
from ..api.replies import Answered, refused
from ..reading import fetch
from ..reading.product_node import ProductNode
from ..reading.shop_locales import SCOPE, ShopLocales, shop_locales
from .batch import BulkWriter
from .edits import CategoryId, Plan, Rules, Step
from .restoring import same_value
from .shop_texts import PrimaryTexts, ShopTexts, TranslatedTexts
from .translated_edits import WRITES as TRANSLATED_WRITES
from .translated_edits import TranslationRules
from .verify import changed_meanwhile, no_product, stored_otherwise, unwritten

_METAFIELD = re.compile(r"[\w$:-]{3,255}\.[\w-]{2,64}")


@dataclass(kw_only=True, eq=False, repr=False)
class ShopifySink(LiveSink):
    """Sink for titles, descriptions (bullets as a list), SEO texts, alt texts, tags.

    overwrite: fields whose present text may be replaced; tags are added, never removed.
    apply: False: `save` only says what it would write. category_id: finds the id of a
    description's category, which is written then. metafields: which attributes are
    written, each into which metafield: {"material": "custom.material"}. own: leaving
    this closes the client too. batch: how many products `save_many` reads, writes and
    reads back at a time. max_upload_bytes: of one bulk operation. language: whose texts are
    written; where it is not the shop's primary one, as translations (no tags, categories
    or attributes); "": the products' own, whatever they are in. assume_primary: take
    `language` for the primary one where the token may not read which the shop has.
    """

    client: InitVar[ShopifyClient] = field(kw_only=False)
    overwrite: Collection[str] = ()
    apply: bool = False
    category_id: CategoryId | None = None
    metafields: Mapping[str, str] | None = None
    own: bool = False
    batch: int = 2000
    max_upload_bytes: int = MAX_UPLOAD_BYTES
    language: str = ""
    assume_primary: bool = False

    def __post_init__(self, client: ShopifyClient) -> None:
        if self.batch < 1:
            raise ValueError(f"batch is {self.batch}; 1 is the least")
        for name, where in (self.metafields or {}).items():
            if not _METAFIELD.fullmatch(where):
                raise ValueError(
                    f"metafields: {name!r} goes to {where!r}; it must be namespace.key"
                )
        rules = Rules(category_id=self.category_id, metafields=dict(self.metafields or {}))
        allowed = check_overwrite(self.overwrite, rules.writes)
        self._rules = replace(rules, overwrite=allowed)
        self._client: ShopifyClient = client
        self._saves = SaveLog(lambda: client.domain)
        self._locales: ShopLocales | None = None

    @property
    def place(self) -> str:
        """The shop's domain."""
        return self._client.domain

    def languages(self) -> tuple[str, ...]:
        """The shop's languages, its primary one first; raises `CatalogError`."""
        return tuple(one.code for one in self._shop_locales().locales)

    def _shop_locales(self) -> ShopLocales:
        if self._locales is None:
            self._locales = shop_locales(self._client)
        return self._locales

    @cached_property
    def _texts(self) -> ShopTexts:
        """The texts that are written; raises `CatalogError` for a language it has not."""
        own = PrimaryTexts(self._client, self._rules)
        if not self.language:
            return own
        try:
            shop = self._shop_locales()
        except CatalogError as e:
            if self.assume_primary and SCOPE in str(e):
                return own
            raise
        locale = shop.find(self.language)
        if locale.primary:
            return replace(own, language=locale.code)
        allowed = self._rules.overwrite & {*TRANSLATED_WRITES}
        rules = TranslationRules(locale, shop.primary, allowed)
        return TranslatedTexts(self._client, rules)

    def settle(self, seconds: float) -> None:
        """Wait so long, and until no bulk write of this app runs; raises `CatalogError`."""
        super().settle(seconds)
        bulk.wait_for_writes(self._client)

    def look(self, ids: Sequence[str]) -> dict[str, Held]:
        """What the shop holds of these products now; raises `CatalogError`."""
        gids = {fetch.find_gid(self._client, one) or "": one for one in ids}
        texts = self._texts
        nodes = texts.read([gid for gid in gids if gid])
        return {gids[gid]: texts.held(node) for gid, node in nodes if node}

    def is_same(self, field: str, one: str, other: str) -> bool:
        """Whether two raw values of a field are the same to the shop's readers."""
        return same_value(field, one, other)

    def restore(self, edits: Iterable[tuple[str, Sequence[Edit]]]) -> Iterator[Saved]:
        """Give products back the raw texts in `Edit.after`; raises `CatalogError`."""
        return map(self._saves.note, self._writer().restore(edits, self.batch))

    def _writer(self) -> BulkWriter:
        return BulkWriter(
            *(self._client, self._texts, self.apply, self.max_upload_bytes, self._guard)
        )

    def close(self) -> None:
        """Close the client, where it is this sink's own."""
        self._saves.end()
        if self.own:
            self._client.close()

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read.

        Raises `CatalogError` for a language that the shop has not.
        """
        return self._texts.needs(product.in_language(self.language))

    def save(self, product: Product, description: Description) -> Saved:
        """Save one product, or plan it; raises `CatalogError` where nothing was done."""
        description, held_back = publishable(description)
        saved = self._saved(product, description).with_reason(held_back)
        return self._saves.note(saved)

    def _saved(self, product: Product, description: Description) -> Saved:
        gid = fetch.find_gid(self._client, product.id)
        texts = self._texts
        node = texts.read_one(gid) if gid else None
        if node is None:
            return no_product(self._client.domain, product.id)
        todo = texts.plan(node, product, description)
        if todo.unfit or not todo.edits or not self.apply:
            return unwritten(product.id, todo)
        return self._write(product.id, node.gid, todo)

    def save_many(self, pairs: Iterable[tuple[Product, Description]]) -> Iterator[Saved]:
        """The same as `save` of each, in the same order, through bulk operations.

        Nothing happens before the first result is asked for; a batch of products is held
        in memory. Raises `CatalogError` where nothing of a batch was done.
        """
        writer = self._writer()

        def save(pairs: Iterable[tuple[Product, Description]]) -> Iterator[Saved]:
            return writer.write(pairs, self.batch)

        return map(self._saves.note, save_publishable(pairs, save))

    def _write(self, product_id: str, gid: str, todo: Plan) -> Saved:
        done: tuple[Edit, ...] = ()
        for step in todo.steps:
            try:
                outcome = self._send(step)
            except CatalogError as e:
                if not done:
                    raise
                outcome = Refused(str(e))
            if not isinstance(outcome, Answered):
                status = status_of(outcome, stored=self._is_stored(outcome, gid, step))
                if status == "unknown":
                    edits = (*done, *step.edits)
                    return Saved(product_id, status, edits, todo.untouched, outcome.reason)
                if not done and changed_meanwhile(outcome):
                    return unwritten(product_id, todo).with_reason(outcome.reason)
                if status == "refused":
                    return Saved(product_id, status, done, todo.untouched, outcome.reason)
            done += step.edits
        return self._verified(product_id, gid, todo)

    def _send(self, step: Step) -> Answered | Refused | Unanswered:
        outcome = self._client.mutate(step.document, **step.variables)
        if isinstance(outcome, Answered):
            payload = outcome.data.get(step.document.name)
            return refused(payload, outcome.request_id) or outcome
        return outcome

    def _is_stored(
        self, outcome: Refused | Unanswered, gid: str, step: Step
    ) -> bool | None:
        """Whether a step without an answer was done; None: that cannot be known."""
        if isinstance(outcome, Refused):
            return None
        settle(self._client.retry, self._client.clock.sleep, [outcome])
        node = self._look(gid)
        return None if node is None else not self._texts.missing(step, node)

    def _look(self, gid: str) -> ProductNode | None:
        node = read_back(lambda: self._texts.read_one(gid))
        return None if isinstance(node, Unread) else node

    def _verified(self, product_id: str, gid: str, todo: Plan) -> Saved:
        """What is known of a product whose steps are all done."""
        node = self._look(gid)
        if node is None:
            why = "the shop took it, but it could not be read back"
            status = status_of(None, stored=None)
            return Saved(product_id, status, todo.edits, todo.untouched, why)
        missing = self._texts.missing
        lost = [e for step in todo.steps for e in missing(step, node)]
        there = tuple(e for e in todo.edits if e not in lost)
        why = stored_otherwise(lost) if lost else todo.notes
        status = status_of(None, stored=not lost)
        return Saved(product_id, status, there, todo.untouched, why)
