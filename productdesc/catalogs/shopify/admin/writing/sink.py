"""`ShopifySink`: descriptions into a shop, one product at a time or many in bulk.

Reads a product right before it is written and right after; says "written" only for what
the shop was seen to hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from .....errors import CatalogError
from .....records import Description, Product
from ....http_outcome import Refused, Unanswered
from ....merge_policy import check_overwrite
from ....protocol import Closing, Edit, Saved
from ..api.client import ShopifyClient
from ..api.replies import Answered, user_errors
from ..reading import fetch as reading
from ..reading.product_node import ProductNode
from .batch import save_all
from .edits import CategoryId, Plan, Rules, Step, plan
from .verify import missing, stored_otherwise

_METAFIELD = re.compile(r"[\w$:-]{3,255}\.[\w-]{2,64}")


class ShopifySink(Closing):
    """Writes titles, descriptions (with the bullets as a list), SEO texts, alt texts, tags.

    overwrite: fields whose present text may be replaced; tags are added, never removed.
    apply: False: `save` only says what it would write. category_id: finds the id of a
    description's category, which is written then. metafields: which attributes are
    written, each into which metafield: {"material": "custom.material"}. own: leaving
    this closes the shop's connections.
    """

    def __init__(
        self,
        shop: ShopifyClient,
        *,
        overwrite: Collection[str] = (),
        apply: bool = False,
        category_id: CategoryId | None = None,
        metafields: Mapping[str, str] | None = None,
        own: bool = False,
    ) -> None:
        for name, where in (metafields or {}).items():
            if not _METAFIELD.fullmatch(where):
                raise ValueError(
                    f"metafields: {name!r} goes to {where!r}; it must be namespace.key"
                )
        rules = Rules(category_id=category_id, metafields=dict(metafields or {}))
        allowed = check_overwrite(overwrite, rules.writes)
        self._rules = Rules(allowed, category_id, rules.metafields)
        self._shop = shop
        self._own = own
        self._apply = apply

    def close(self) -> None:
        """Close the shop's connections, where they are this one's own."""
        if self._own:
            self._shop.close()

    def save(self, product: Product, description: Description) -> Saved:
        """What was done, or would be; raises `CatalogError` where nothing was."""
        gid = reading.find_gid(self._shop, product.id)
        listing = reading.by_id(self._shop, gid) if gid else None
        if listing is None:
            why = f"{self._shop.domain}: there is no product {product.id!r}"
            return Saved(product.id, "refused", reason=why)
        made = plan(listing, product, description, self._rules)
        if made.unfit:
            return Saved(product.id, "refused", (), made.kept, made.unfit)
        if not made.edits:
            return Saved(product.id, "unchanged", (), made.kept, made.notes)
        if not self._apply:
            return Saved(product.id, "planned", made.edits, made.kept, made.notes)
        return self._write(product.id, listing.gid, made)

    def save_many(
        self, pairs: Iterable[tuple[Product, Description]], *, batch: int = 2000
    ) -> Iterator[Saved]:
        """The same as `save` of each, in the same order, through bulk operations.

        Nothing happens before the first result is asked for; `batch` products are read,
        written and read back at a time, and held in memory meanwhile.
        """
        if batch < 1:
            raise ValueError(f"batch is {batch}; 1 is the least")
        return save_all(self._shop, self._rules, pairs, batch=batch, apply=self._apply)

    def _write(self, product_id: str, gid: str, made: Plan) -> Saved:
        done: tuple[Edit, ...] = ()
        for step in made.steps:
            try:
                told = self._shop.mutate(step.document, **step.variables)
            except CatalogError as e:
                if not done:
                    raise
                return Saved(product_id, "refused", done, made.kept, str(e))
            match told:
                case Answered(data, request_id):
                    why = user_errors(data.get(step.document.name), request_id)
                case Refused(reason):
                    why = reason
                case Unanswered(reason):
                    self._shop.sleep(self._shop.patience.settle_seconds)
                    if not self._shows(gid, step):
                        edits = (*done, *step.edits)
                        return Saved(product_id, "unknown", edits, made.kept, reason)
                    why = ""
            if why:
                return Saved(product_id, "refused", done, made.kept, why)
            done += step.edits
        return self._read_back(product_id, gid, made)

    def _shows(self, gid: str, step: Step) -> bool:
        listing = self._look(gid)
        return listing is not None and not missing(step, listing, self._rules)

    def _look(self, gid: str) -> ProductNode | None:
        try:
            return reading.by_id(self._shop, gid)
        except CatalogError:
            return None  # what it holds is not known then

    def _read_back(self, product_id: str, gid: str, made: Plan) -> Saved:
        listing = self._look(gid)
        if listing is None:
            why = "the shop took it, but it could not be read back"
            return Saved(product_id, "unknown", made.edits, made.kept, why)
        lost = [e for step in made.steps for e in missing(step, listing, self._rules)]
        if lost:
            there = tuple(e for e in made.edits if e not in lost)
            return Saved(product_id, "refused", there, made.kept, stored_otherwise(lost))
        return Saved(product_id, "written", made.edits, made.kept, made.notes)
