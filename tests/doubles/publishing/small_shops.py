"""Small live shops with a journal of approved drafts, and their independent auditors."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from doubles.shop_servers.shopify_server import Fault, ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT
from doubles.shop_servers.shopify_translations import locale
from doubles.shop_servers.vendure_server import Server as VendureServer
from doubles.shop_servers.vendure_server import loopback
from doubles.shop_servers.vendure_shop import Answer
from doubles.shop_servers.vendure_shop import Fault as VendureFault
from doubles.shop_servers.vendure_shop import Shop as VendureState
from doubles.shop_servers.woocommerce_server import Server
from doubles.shop_servers.woocommerce_shop import Shop as WooState
from doubles.shops.live.woocommerce import http

from productdesc import Description, Product, sync
from productdesc.catalogs.live import RETRY_POLICIES, Clock
from productdesc.catalogs.output.guarded_writes import GuardedSink
from productdesc.catalogs.shopify.admin import ShopifySink, ShopifySource
from productdesc.catalogs.vendure import VendureClient, VendureSink, VendureSource
from productdesc.catalogs.woocommerce.rest import (
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.records import Provenance
from productdesc.sync.stored import Cost, Entry, Scope

KEY, SECRET = "ck_0123456789", "cs_0123456789"
TEXT = "A mug for tea, number {} of this shop."
PERSON = "<p>What a person wrote.</p>"


class DiedError(BaseException):
    """A process that is killed while it waits; what it has committed stays."""


class LiveShop:
    """A shop whose products have a title and no description, looked at from behind."""

    name: str
    scope: tuple[str, str]
    late: str
    """The fault of a change that is done when nobody listens any more."""
    lost: str
    """That of one that is never done."""
    slept: list[float]
    dies: int = 0
    """So many waits of its clients are the end of their process."""
    patience: float = 1.0
    """Seconds that its clients wait for an answer; less than "delay" takes."""

    def may_die(self) -> None:
        if self.dies:
            self.dies -= 1
            raise DiedError

    def source(self) -> Any: ...

    def sink(self, *, apply: bool = True) -> GuardedSink:
        raise NotImplementedError

    def texts(self) -> dict[str, Any]:
        """All that the shop stores of each product."""
        raise NotImplementedError

    def audit(self) -> list[tuple[str, str]]:
        """Each write of a product's content: its id, and "change" or "rewrite"."""
        raise NotImplementedError

    def fault(self, kind: str, times: int = 1) -> None:
        """The next requests that change something go wrong in this way."""
        raise NotImplementedError

    def edit(self, product_id: str, text: str = PERSON) -> None:
        """A person changes the description in the shop's own admin."""
        raise NotImplementedError

    def writes(self) -> int:
        """Requests so far that were to change something."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """The shop does what it still has to do."""
        raise NotImplementedError


class WooShop(LiveShop):
    """WooCommerce, by orders of its REST API; `late` work is done as somebody sleeps."""

    name = "woocommerce"
    scope = ("woocommerce", "en")
    late, lost = "apply-later", "reset"
    faults = ("delay", "reset", "apply-then-drop", "apply-later", "502", "apply-502", "429")

    def __init__(self, count: int) -> None:
        self.state = WooState(KEY, SECRET)
        for number in range(1, count + 1):
            self.state.add(number, name=f"Mug {number}")
        self.server = Server(self.state)
        self.slept = []

    def __enter__(self) -> WooShop:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _sleep(self, seconds: float) -> None:
        self.may_die()
        self.slept.append(seconds)
        self.state.catch_up()

    def client(self) -> WooCommerceClient:
        return WooCommerceClient(
            f"http://127.0.0.1:{self.server.port}",
            KEY,
            SECRET,
            http=http(self.server.port, idle_seconds=self.patience),
            clock=Clock(sleep=self._sleep),
            retry=RETRY_POLICIES["woocommerce"]._replace(attempts=3),
        )

    def source(self) -> Any:
        return WooCommerceSource(self.client())

    def sink(self, *, apply: bool = True, **options: Any) -> WooCommerceSink:
        return WooCommerceSink(self.client(), apply=apply, **options)

    def texts(self) -> dict[str, Any]:
        return {str(n): self.state.shown(n) for n in self.state.products}

    def audit(self) -> list[tuple[str, str]]:
        return self.state.audit

    def fault(self, kind: str, times: int = 1) -> None:
        self.state.fail(kind, times)

    def edit(self, product_id: str, text: str = PERSON) -> None:
        self.state.products[int(product_id)]["description"] = text

    def writes(self) -> int:
        return sum(method != "GET" for method, _, _ in self.state.requests)

    def catch_up(self) -> None:
        self.state.catch_up()


class ShopifyShop(LiveShop):
    """Shopify, by bulk operations, which run while they are asked about; `late` work is
    done as somebody sleeps."""

    name = "shopify"
    scope = ("shopify", "en")
    late, lost = "apply-then-drop", "drop"
    faults = (
        "delay", "reset", "drop", "apply-then-drop", "late", "half", "502", "apply-502",
        "429", "throttled", "internal",
    )  # fmt: skip

    def __init__(self, count: int) -> None:
        self.server = ShopifyServer()
        for number in range(1, count + 1):
            self.server.shop.add(str(number), title=f"Mug {number}")
        self.slept = self.server.clock.slept

    def __enter__(self) -> ShopifyShop:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        assert not self.server.leaks and not self.server.crashes

    def source(self) -> Any:
        return ShopifySource(self.server.connection())

    def sink(self, *, apply: bool = True, **options: Any) -> ShopifySink:
        clock = Clock(self.server.clock, self._sleep)
        http = self.server.http(idle_seconds=self.patience)
        retry = RETRY_POLICIES["shopify"]._replace(attempts=3, bulk_seconds=600.0)
        client = self.server.connection(http=http, clock=clock, retry=retry)
        return ShopifySink(client, apply=apply, **options)

    def _sleep(self, seconds: float) -> None:
        self.may_die()
        self.server.clock.sleep(seconds)
        self.server.catch_up()

    def texts(self) -> dict[str, Any]:
        return {
            gid.removeprefix(PRODUCT): {k: v for k, v in one.items()}
            for gid, one in self.server.shop.products.items()
        }

    def audit(self) -> list[tuple[str, str]]:
        return self.server.shop.audit

    def fault(self, kind: str, times: int = 1) -> None:
        self.server.faults.append(Fault(kind, "bulkWrite", times))  # type: ignore[arg-type]

    def edit(self, product_id: str, text: str = PERSON) -> None:
        self.server.shop.products[PRODUCT + product_id]["descriptionHtml"] = text

    def writes(self) -> int:
        return sum(sent.name in ("bulkWrite", "productUpdate", "fileUpdate")
                   for sent in self.server.requests)  # fmt: skip

    def catch_up(self) -> None:
        self.server.catch_up()
        self.server.shop.run_operations()


class GermanShopifyShop(ShopifyShop):
    """Shopify in a language beside its primary one: what is written are translations."""

    name = "shopify-de"
    scope = ("shopify", "de")

    def __init__(self, count: int) -> None:
        super().__init__(count)
        shop = self.server.shop
        shop.translations.locales.append(locale("de"))
        for number, gid in enumerate(shop.products, start=1):
            shop.products[gid]["descriptionHtml"] = f"<p>Mug {number}, in English.</p>"
            shop.translations.add(gid, "de", title=f"Tasse {number}")

    def source(self) -> Any:
        return ShopifySource(self.server.connection(), languages=["de"])

    def sink(self, *, apply: bool = True, **options: Any) -> ShopifySink:
        return super().sink(apply=apply, language="de", **options)

    def texts(self) -> dict[str, Any]:
        held = self.server.shop.translations.held
        return {
            number: {**one, "de": {k: v for (gid, _, k), (v, _) in held.items()
                                   if gid == PRODUCT + number}}
            for number, one in super().texts().items()
        }  # fmt: skip

    def edit(self, product_id: str, text: str = PERSON) -> None:
        self.server.shop.translations.add(PRODUCT + product_id, "de", body_html=text)


class VendureShop(LiveShop):
    """Vendure, by mutations of its Admin API; `late` work is done as somebody sleeps."""

    name = "vendure"
    scope = ("vendure", "en")
    late, lost = "apply-later", "reset"
    faults = (
        "delay", "reset", "apply-then-drop", "apply-later", "half", "502", "apply-502",
        "429", "throttled", "internal", "apply-internal",
    )  # fmt: skip

    def __init__(self, count: int, *, fields: dict[str, str] | None = None) -> None:
        self.state = VendureState(KEY, fields=fields)
        for number in range(1, count + 1):
            texts = {"en": {"name": f"Mug {number}"}, "de": {"name": f"Tasse {number}"}}
            self.state.add(str(number), texts=texts)
        self.server = VendureServer(self.state)
        self.slept = []

    def __enter__(self) -> VendureShop:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _sleep(self, seconds: float) -> None:
        self.may_die()
        self.slept.append(seconds)
        self.catch_up()

    def client(self) -> VendureClient:
        return VendureClient(
            self.server.url,
            KEY,
            http=loopback(self.server.port, idle_seconds=self.patience),
            clock=Clock(sleep=self._sleep),
            retry=RETRY_POLICIES["vendure"]._replace(attempts=3),
        )

    def source(self) -> Any:
        return VendureSource(self.client())

    def sink(self, *, apply: bool = True, **options: Any) -> VendureSink:
        return VendureSink(self.client(), apply=apply, **options)

    def texts(self) -> dict[str, Any]:
        return copy.deepcopy(self.state.products)

    def audit(self) -> list[tuple[str, str]]:
        return self.state.audit

    def fault(self, kind: str, times: int = 1) -> None:
        applies = kind.startswith("apply-") and kind[6:] in ANSWERS
        how = ANSWERS.get(kind.removeprefix("apply-") if applies else kind, kind)
        how = "hang" if how == "delay" else how
        self.state.faults.append(VendureFault("ProductdescUpdate", how, times, applies))

    def edit(self, product_id: str, text: str = PERSON) -> None:
        self.state.texts(product_id)["description"] = text

    def writes(self) -> int:
        return self.state.count("ProductdescUpdate")

    def catch_up(self) -> None:
        self.state.catch_up()


def _errors(code: str) -> bytes:
    error = {"message": "a fault", "extensions": {"code": code}}
    return json.dumps({"errors": [error], "data": None}).encode()


ANSWERS: dict[str, Answer] = {
    "502": (502, {}, b"<html>Bad Gateway</html>"),
    "429": (429, {"retry-after": "7"}, b"Too Many Requests"),
    "throttled": (200, {}, _errors("RATE_LIMITED")),
    "internal": (200, {}, _errors("INTERNAL_SERVER_ERROR")),
}
"""What Vendure, and a server before it, answers instead."""

SHOPS = (WooShop, ShopifyShop, GermanShopifyShop, VendureShop)


def description(product: Product, scope: tuple[str, str], **more: Any) -> Description:
    """A finished description of one text."""
    provenance = Provenance(
        model="scripted", revision="", weights_digest="", templates={}, schemas={},
        photos=(), library="1", settings={"inferred": "all"},
        time=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    channel, language = scope
    values: dict[str, Any] = {"description": TEXT.format(product.id), **more}
    return Description(
        product_id=product.id, channel=channel, language=language, provenance=provenance,
        **values,
    )  # fmt: skip


def described(
    path: Path, shop: LiveShop, *, approve: str = "state:generated", **more: Any
) -> None:
    """A journal in which every product of the shop is described, and approved."""
    with sync.Journal(path) as journal, shop.source() as source:
        scope = Scope(*shop.scope, 0, "options")
        scope = journal.begin(scope, {"settings": "1"})
        journal.take_in([(scope, [Entry(p) for p in source.products()])])
        journal.read_whole(scope)
        while rows := journal.waiting(scope):
            for row in rows:
                ours = description(row.product, shop.scope, **more)
                journal.described(scope, row, ours, Cost())
        if approve:
            sync.approve(journal, approve, who="tester")


def publish(path: Path, shop: LiveShop, *, apply: bool = True, **options: Any) -> list[Any]:
    """All outcomes of one call of `publish`."""
    with sync.Journal(path) as journal, shop.sink(apply=apply) as sink:  # type: ignore[attr-defined]
        return [*sync.publish(journal, sink, **options)]


def states(path: Path) -> dict[str, int]:
    """How many rows are in each state that any is in."""
    with sync.Journal(path) as journal:
        found = sync.job_status(journal).states
    return {state: number for state, number in found.items() if number}


@contextmanager
def opened(kind: type[Any], count: int) -> Iterator[Any]:
    with kind(count) as shop:
        yield shop


def ids(outcomes: Sequence[Any], state: str) -> set[str]:
    return {one.product_id for one in outcomes if one.state == state}
