"""Many products into any sink: in batches where it takes them, else one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from doubles.shop_servers.shopify_server import Fault as ShopifyFault
from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT
from doubles.shop_servers.woocommerce_server import Fault, Server, Shop, with_products
from doubles.shops.live.woocommerce import KEY, SECRET, http
from factories import description

from productdesc.catalogs import (
    BulkSink,
    JsonlSink,
    ShopifySink,
    ShopifySource,
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
    save_all,
)
from productdesc.catalogs.live import Clock
from productdesc.catalogs.protocol import Saved
from productdesc.cli.job.saving import endings
from productdesc.errors import CatalogError, EngineError, OutputError
from productdesc.pipeline import Described, Failed, Outcome
from productdesc.records import Description, Product

OURS = description(description="Ours.", tags=("shoes", "red"))
Pairs = Iterator[tuple[Product, Description]]


def pairs(*numbers: int) -> Pairs:
    return ((Product(id=str(number)), OURS) for number in numbers)


@contextmanager
def woocommerce(shop: Shop, **options: Any) -> Iterator[WooCommerceSink]:
    with Server(shop) as server:
        client = WooCommerceClient(
            f"http://127.0.0.1:{server.port}",
            KEY,
            SECRET,
            http=http(server.port),
            clock=Clock(sleep=lambda seconds: None),
        )
        yield WooCommerceSink(client, apply=True, **options)


@contextmanager
def shopify(count: int, **options: Any) -> Iterator[tuple[ShopifyServer, ShopifySink]]:
    with ShopifyServer() as server:
        for number in range(1, count + 1):
            server.shop.add(str(number), title="Shoe")
        yield server, ShopifySink(server.connection(), apply=True, **options)
    assert not server.crashes


# --- Requests ----------------------------------------------------------------------------


def test_63_products_cost_woocommerce_three_requests_and_their_tags() -> None:
    shop = with_products(Shop(KEY, SECRET), range(1, 64))
    with woocommerce(shop) as sink:
        statuses = {one.status for one in save_all(sink, pairs(*range(1, 64)))}
    assert statuses == {"written"}
    assert Counter((method, path) for method, path, _ in shop.requests) == {
        ("GET", "products"): 2,
        ("POST", "products/batch"): 1,
        ("GET", "products/tags"): 2,  # each name once
        ("POST", "products/tags"): 2,
    }


def test_63_products_cost_shopify_one_bulk_write() -> None:
    with shopify(63) as (server, sink):
        statuses = {one.status for one in save_all(sink, pairs(*range(1, 64)))}
    assert statuses == {"written"}
    counts = Counter(sent.name for sent in server.requests)
    assert counts["bulkWrite"] == counts["stagedUpload"] == 1
    assert counts["productsById"] == 2 * 4  # 20 a page, before and after
    assert not counts["product"] + counts["productUpdate"]


def test_a_sink_that_takes_one_at_a_time_is_given_one_at_a_time(tmp_path: Path) -> None:
    taken: list[str] = []

    def watched() -> Pairs:
        for product, ours in pairs(1, 2):
            taken.append(product.id)
            yield product, ours

    with JsonlSink(tmp_path / "out.jsonl") as sink:
        assert not isinstance(sink, BulkSink)
        results = save_all(sink, watched())
        assert taken == []
        assert next(results).product_id == "1" and taken == ["1"]
        assert [one.product_id for one in results] == ["2"]


@pytest.mark.parametrize("batch", [0, -1])
def test_a_batch_of_none_is_refused(batch: int) -> None:
    with shopify(0) as (server, _), pytest.raises(ValueError, match="1 is the least"):
        ShopifySink(server.connection(), batch=batch)


@pytest.mark.parametrize(
    "kind", [ShopifySource, ShopifySink, WooCommerceSource, WooCommerceSink]
)
@pytest.mark.parametrize("own", [True, False])
def test_leaving_closes_the_client_where_it_is_owned(kind: Any, own: bool) -> None:
    class Client:
        closed = False

        def close(self) -> None:
            self.closed = True

    client = Client()
    with kind(client, own=own):
        assert not client.closed
    assert client.closed == own


# --- Errors ------------------------------------------------------------------------------


def broken() -> Pairs:
    yield from pairs(1, 2, 3)
    raise EngineError("the engine stopped")


def until_error(results: Iterator[Saved]) -> tuple[list[Saved], Exception]:
    """What came before the error, and the error."""
    seen: list[Saved] = []
    with pytest.raises((CatalogError, EngineError)) as raised:
        seen.extend(results)
    return seen, raised.value


def test_what_was_described_before_an_error_is_saved_in_woocommerce() -> None:
    shop = with_products(Shop(KEY, SECRET), [1, 2, 3])
    with woocommerce(shop) as sink:
        seen, error = until_error(save_all(sink, broken()))
    assert [(one.product_id, one.status) for one in seen] == [
        (number, "written") for number in "123"
    ]
    assert isinstance(error, EngineError)


def test_what_was_described_before_an_interrupt_is_saved_too() -> None:
    """Ctrl-C comes while the model is at work: minutes of it are in the batch."""

    def interrupted() -> Pairs:
        yield from pairs(1, 2)
        raise KeyboardInterrupt

    shop, seen = with_products(Shop(KEY, SECRET), [1, 2]), []
    with woocommerce(shop) as sink, pytest.raises(KeyboardInterrupt):
        seen.extend(save_all(sink, interrupted()))
    assert [one.status for one in seen] == ["written", "written"]


def test_what_was_described_before_an_error_is_saved_in_shopify() -> None:
    with shopify(3) as (server, sink):
        seen, error = until_error(save_all(sink, broken()))
    assert [(one.product_id, one.status) for one in seen] == [
        (number, "written") for number in "123"
    ]
    assert isinstance(error, EngineError) and server.count("bulkWrite") == 1


def close_after(writes: int) -> Callable[[Shop], None]:
    """A WooCommerce shop whose key may not write any more after so many writes."""

    def before(shop: Shop) -> None:
        if sum(method == "POST" for method, _, _ in shop.requests) > writes:
            shop.faults = [Fault("POST", "products", (401, {}, b"{}"), times=99)]

    return before


def test_an_error_in_the_second_batch_keeps_the_results_of_the_first_woocommerce() -> None:
    shop = with_products(Shop(KEY, SECRET), range(1, 6))
    shop.products[3] |= {"description": "<p>Mine.</p>"}  # so that it is unchanged
    shop.before = close_after(1)
    ours = description(description="Ours.")
    with woocommerce(shop, batch=2) as sink:
        todo = ((product, ours) for product, _ in pairs(1, 2, 3, 99, 4, 5))
        seen, error = until_error(save_all(sink, todo))
    assert [(one.product_id, one.status) for one in seen] == [
        ("1", "written"),
        ("2", "written"),
        ("3", "unchanged"),
        ("99", "refused"),
    ]
    assert "401" in str(error)
    assert [path for _, path, _ in shop.changes] == ["products/1", "products/2"]


def test_an_error_in_the_second_batch_keeps_the_results_of_the_first_shopify() -> None:
    with shopify(5, batch=2) as (server, sink):
        results = save_all(sink, pairs(1, 2, 404, 3, 4, 5))
        seen = [next(results), next(results)]
        server.faults.append(ShopifyFault("access", "bulkWrite", times=99))
        more, error = until_error(results)
    assert [(one.product_id, one.status) for one in [*seen, *more]] == [
        ("1", "written"),
        ("2", "written"),
        ("404", "refused"),  # there is no such product
    ]
    assert "token" in str(error)
    assert {c.gid for c in server.shop.changes} == {f"{PRODUCT}1", f"{PRODUCT}2"}


# --- The command line --------------------------------------------------------------------


def outcome(number: int, *, failed: bool = False) -> Outcome:
    product = Product(id=str(number))
    return Failed(product, OutputError("no")) if failed else Described(product, OURS)


def test_the_command_line_tells_of_every_product_in_order() -> None:
    outcomes = [outcome(n, failed=n in (1, 3, 4, 6)) for n in range(1, 7)]
    shop = with_products(Shop(KEY, SECRET), range(1, 7))
    with woocommerce(shop) as sink:
        results = list(endings(sink, iter(outcomes)))
    assert [(status, saved.product_id) for status, saved in results] == [
        ("failed", "1"),
        ("written", "2"),
        ("failed", "3"),
        ("failed", "4"),
        ("written", "5"),
        ("failed", "6"),
    ]


def test_the_command_line_tells_of_what_failed_before_an_error() -> None:
    def outcomes() -> Iterator[Outcome]:
        yield from (outcome(1), outcome(2, failed=True))
        raise EngineError("the engine stopped")

    shop = Shop(KEY, SECRET)
    shop.faults = [Fault("GET", "products", (401, {}, b"{}"), times=99)]
    results: list[tuple[str, str]] = []
    with woocommerce(shop) as sink, pytest.raises(CatalogError):
        results.extend((s, one.product_id) for s, one in endings(sink, outcomes()))
    assert results == [("failed", "2")]
