"""What becomes of a Shopify shop's data when its answers are late, broken or missing.

The stand-in keeps its own record of what changed, which the client never sees.
"""

from __future__ import annotations

import email.utils
import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from doubles.shop_servers.shopify_server import DOMAIN, Fault, Kind, Sent, ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT
from doubles.shops import CANARY
from factories import description

from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.shopify.admin import (
    ShopifyClient,
    ShopifySink,
    ShopifySource,
)
from productdesc.errors import CatalogError
from productdesc.records import Product

KINDS: tuple[Kind, ...] = get_args(Kind)
NOT_DONE = {"429", "throttled"}  # the shop says so itself
CLOSED = {"401", "access"}
LOST = {"drop", "502", "503", "internal", "late"}  # nothing was carried out (yet)
DONE = set(KINDS) - NOT_DONE - CLOSED - LOST  # carried out, and nobody was told

OURS = description(description="Ours.", alt_texts=("Front",), tags=("shoes",))
PHOTO = "https://cdn.shopify.com/s/files/1/1.jpg"


@pytest.fixture
def server() -> Iterator[ShopifyServer]:
    with ShopifyServer(f"shpat_{CANARY}") as made:
        for number in range(3):
            made.shop.add(str(1000 + number), title="Shoe", images=[(PHOTO, "")])
        yield made
    assert not made.leaks and not made.crashes


@pytest.fixture
def shop(server: ShopifyServer, request: pytest.FixtureRequest) -> ShopifyClient:
    late = "delay" in request.node.name
    return server.connection(http=server.http(idle_seconds=2.0 if late else 20.0))


def read(shop: ShopifyClient, **options: Any) -> list[Product]:
    with ShopifySource(shop, **options) as source:
        return list(source.products())


def once(server: ShopifyServer) -> bool:
    """Whether no value was changed twice."""
    counted = Counter((c.gid, c.field) for c in server.shop.changes)
    return all(times == 1 for times in counted.values())


def changed(server: ShopifyServer, gid: str = PRODUCT + "1000") -> set[str]:
    return {c.field for c in server.shop.changes if c.gid == gid}


# ---- reading ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])
def test_a_question_is_asked_again_until_it_is_answered(
    server: ShopifyServer, shop: ShopifyClient, kind: Kind, bulk: bool
) -> None:
    server.faults.append(Fault(kind, "bulkOperation" if bulk else "products"))
    if kind in CLOSED:
        with pytest.raises(CatalogError, match="token"):
            read(shop, bulk=bulk)
    else:
        assert [p.id for p in read(shop, bulk=bulk)] == ["1000", "1001", "1002"]
    assert not server.shop.changes


@pytest.mark.parametrize("kind", sorted(LOST | DONE))
def test_a_shop_that_never_answers_is_given_up(
    server: ShopifyServer, shop: ShopifyClient, kind: Kind
) -> None:
    if kind == "delay":
        shop = server.connection(http=server.http(idle_seconds=0.3))
    server.faults.append(Fault(kind, times=99))
    with pytest.raises(CatalogError) as caught:
        read(shop)
    assert DOMAIN in str(caught.value) and "after 3 attempts" in str(caught.value)
    assert len(server.requests) == 3
    if kind in ("502", "503"):
        assert f"the answer was {kind} (request id req-7f3a)" in str(caught.value)


@pytest.mark.parametrize("kind", ["half", "reset-body", "reset", "502", "drop", "delay"])
def test_a_bulk_file_that_breaks_off_is_fetched_again(
    server: ShopifyServer, shop: ShopifyClient, kind: Kind
) -> None:
    server.faults.append(Fault(kind, "download"))
    assert len(read(shop, bulk=True)) == 3


def test_a_bulk_file_that_is_cut_is_never_taken_for_the_whole(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.faults.append(Fault("cut", "download", times=99))
    with pytest.raises(CatalogError, match="206 with 0 bytes"):
        read(shop, bulk=True)


@pytest.mark.parametrize("form", ["7", "date"])
def test_retry_after_is_honoured_in_both_forms(
    server: ShopifyServer, shop: ShopifyClient, form: str
) -> None:
    asked = form
    if form == "date":
        asked = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=9), True)
    server.faults.append(Fault("429", times=2, retry_after=asked))
    began = server.clock()
    assert len(read(shop)) == 3
    gaps = [b.at - a.at for a, b in zip(server.requests, server.requests[1:], strict=False)]
    # the date form says seconds from the real now, of which a few pass here
    assert len(gaps) == 2 and min(gaps) >= (7 if form == "7" else 2)
    assert server.clock() - began < 60


def test_a_shop_that_asks_for_an_hour_is_not_waited_for(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.faults.append(Fault("429", retry_after="3600"))
    with pytest.raises(CatalogError, match="asks to wait 3600 s, 120 s is the limit"):
        read(shop)
    assert server.clock.slept == []


def test_a_bucket_that_another_program_empties_is_waited_for(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.bucket.spend(1990)
    assert len(read(shop)) == 3
    assert server.throttled == 1 and sum(server.clock.slept) >= 7.9


def test_a_shop_that_gives_the_same_page_for_ever_is_left(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    def stuck(body: dict[str, Any]) -> None:
        page = body["data"]["products"]["pageInfo"]
        page.update(hasNextPage=True, endCursor="cursor-0")

    server.alter = stuck
    with pytest.raises(CatalogError, match="the same page again"):
        read(shop)


def test_a_product_that_is_not_whole_is_reported_and_the_rest_read(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    def torn(body: dict[str, Any]) -> None:
        del body["data"]["products"]["nodes"][1]["descriptionHtml"]

    server.alter = torn
    with ShopifySource(shop) as source:
        assert [p.id for p in source.products()] == ["1000", "1002"]
    assert [str(p) for p in source.problems] == [
        "product 1001: the shop's answer is not whole: descriptionHtml: Field required"
    ]


# ---- writing ---------------------------------------------------------------------------


def save_first(shop: ShopifyClient) -> Saved:
    with ShopifySink(shop, apply=True) as sink:
        return sink.save(read(shop)[0], OURS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", ["productUpdate", "fileUpdate"])
def test_no_write_is_lost_or_doubled_that_could_be_known(
    server: ShopifyServer, shop: ShopifyClient, step: str, kind: Kind
) -> None:
    server.faults.append(Fault(kind, step))
    first = step == "productUpdate"
    if kind in CLOSED and first:
        with pytest.raises(CatalogError):
            save_first(shop)
        assert not server.shop.changes
        return
    said = save_first(shop)
    fields = {"descriptionHtml", "tags"}
    if kind in NOT_DONE:
        assert said.status == "written" and server.count(step) == 2
    elif kind in DONE:
        assert said.status == "written" and server.count(step) == 1
    elif kind in CLOSED:
        assert said.status == "refused" and "token" in said.reason
        assert {e.field for e in said.edits} == {"description", "tags"}
    else:
        assert said.status == "unknown" and server.count(step) == 1
        assert said.reason and {e.field for e in said.edits} >= {"description", "tags"}
    if said.status == "written":
        assert changed(server) == fields
        assert changed(server, "gid://shopify/MediaImage/5000") == {"alt"}
    elif kind == "late":  # which is why nobody may say that it was not done
        assert changed(server) == fields
    else:
        assert changed(server) == (set() if first else fields)
    assert once(server)


def test_an_answer_that_was_lost_is_looked_for_after_a_while(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.faults.append(Fault("apply-then-drop", "productUpdate"))
    assert save_first(shop).status == "written"
    names = [sent.name for sent in server.requests]
    assert names == [
        "products",
        "product",
        "productUpdate",
        "product",
        "fileUpdate",
        "product",
    ]
    at = {n: sent.at for n, sent in enumerate(server.requests)}
    assert at[3] - at[2] >= shop.retry.settle_seconds


def test_what_cannot_be_read_back_is_unknown(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    def after_writing(sent: Sent) -> None:
        if sent.name == "fileUpdate":
            server.faults.append(Fault("502", "product", times=99))

    server.before = after_writing
    said = save_first(shop)
    assert said.status == "unknown" and "could not be read back" in said.reason


def test_nothing_is_read_as_empty_that_was_not_answered(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    product = read(shop)[0]

    def partial(body: dict[str, Any]) -> None:
        body["data"]["product"]["descriptionHtml"] = ""
        body["errors"] = [{"message": "a field could not be resolved"}]

    server.alter = partial
    with pytest.raises(CatalogError, match="could not be resolved"):
        ShopifySink(shop, apply=True).save(product, OURS)
    assert server.count("productUpdate") == 0


# ---- writing in bulk -------------------------------------------------------------------


def save_many(shop: ShopifyClient) -> list[Saved]:
    pairs = [(product, OURS) for product in read(shop)]
    return list(ShopifySink(shop, apply=True).save_many(pairs))


@pytest.mark.parametrize("kind", ["drop", "apply-then-drop", "half", "502", "429", "delay"])
@pytest.mark.parametrize("step", ["stagedUpload", "bulkOperation", "productsById"])
def test_the_steps_around_a_bulk_write_may_fail_once(
    server: ShopifyServer, shop: ShopifyClient, step: str, kind: Kind
) -> None:
    server.faults.append(Fault(kind, step))
    assert {one.status for one in save_many(shop)} == {"written"}
    assert once(server) and server.count("bulkWrite") == 2


@pytest.mark.parametrize("kind", ["half", "reset", "502", "drop", "apply-then-drop"])
@pytest.mark.parametrize("step", ["upload", "download"])
def test_the_files_of_a_bulk_write_are_moved_again(
    server: ShopifyServer, shop: ShopifyClient, step: str, kind: Kind
) -> None:
    server.faults.append(Fault(kind, step))
    assert {one.status for one in save_many(shop)} == {"written"}
    assert once(server)


@pytest.mark.parametrize("kind", sorted(LOST | DONE))
def test_a_bulk_write_that_may_run_is_never_started_again(
    server: ShopifyServer, shop: ShopifyClient, kind: Kind
) -> None:
    server.faults.append(Fault(kind, "bulkWrite"))
    said = save_many(shop)
    assert {one.status for one in said} == {"unknown"} and said[0].reason
    assert server.count("bulkWrite") == 1 and not server.shop.changes


def test_a_bulk_write_that_cannot_be_watched_is_unknown(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.faults.append(Fault("502", "bulkOperation", times=99))
    said = save_many(shop)
    assert {one.status for one in said} == {"unknown"}
    assert "the answer was 502 (request id req-7f3a)" in said[0].reason
    assert server.count("bulkWrite") == 1


def test_a_bulk_write_without_its_results_is_read_back(
    server: ShopifyServer, shop: ShopifyClient
) -> None:
    server.faults.append(Fault("502", "download", times=99))
    assert {one.status for one in save_many(shop)} == {"written"}
    assert once(server)


@pytest.mark.parametrize("step", ["stagedUpload", "upload", "bulkWrite"])
def test_a_bulk_write_that_never_began_stops_the_run(
    server: ShopifyServer, shop: ShopifyClient, step: str
) -> None:
    server.faults.append(Fault("502" if step == "upload" else "access", step, times=99))
    with pytest.raises(CatalogError):
        save_many(shop)
    assert not server.shop.changes


# ---- secrets ---------------------------------------------------------------------------


SEEN = sorted({"delay", "drop", "half", "cut", "502"} | NOT_DONE | CLOSED)


@pytest.mark.parametrize("kind", SEEN)
def test_the_token_is_in_nothing_that_anybody_sees(
    server: ShopifyServer,
    kind: Kind,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    http = server.http(idle_seconds=0.5)
    shown: list[str] = []
    for on in ("products", "productUpdate", "fileUpdate", "bulkWrite", "upload"):
        server.faults = [Fault(kind, on, times=99, retry_after="9999")]
        shop = server.connection(http=http)
        sink = ShopifySink(shop, apply=True, overwrite=["description"])
        shown += [repr(shop), repr(vars(shop)), repr(vars(sink)), f"{shop!s}"]
        try:
            products = read(shop)
            shown.append(repr(sink.save(products[0], OURS)))
            shown += map(repr, sink.save_many([(products[1], OURS)]))
        except CatalogError as e:
            shown += [repr(e), "".join(traceback.format_exception(e))]
            cause: BaseException | None = e
            while cause is not None:
                shown.append(repr(vars(cause)))
                cause = cause.__cause__ or cause.__context__
    shown += [record.getMessage() for record in caplog.records]
    shown += [str(vars(record)) for record in caplog.records]
    shown += list(capfd.readouterr())
    assert CANARY not in "\n".join(shown)
    assert "signed-policy" not in "\n".join(shown)


def test_a_shop_that_quotes_the_token_is_not_repeated(server: ShopifyServer) -> None:
    shop = server.connection(token=f"shpat_wrong-{CANARY}")
    with pytest.raises(CatalogError) as caught:
        read(shop)
    assert CANARY not in str(caught.value)
    assert "Invalid API key or access token [secret]" in str(caught.value)
    assert "401: the token is not valid here" in str(caught.value)
