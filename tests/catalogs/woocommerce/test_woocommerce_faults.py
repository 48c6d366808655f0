"""A WooCommerce shop that fails: what was written is known, or known to be unknown."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from doubles.processor_time import MAX_RATIO, growth
from doubles.shop_servers.woocommerce_server import (
    Answer,
    Fault,
    Server,
    Shop,
    with_products,
)
from doubles.shops import CANARY
from doubles.shops.live.woocommerce import KEY, SECRET, http
from factories import description

from productdesc.catalogs.live import RETRY_POLICIES, Clock
from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.woocommerce.rest import (
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.catalogs.woocommerce.rest.replies import MAX_READ, judge
from productdesc.errors import CatalogError
from productdesc.net import HttpReply
from productdesc.records import Product

OURS = description(title="Our title", description="Our words.")
HTML = b"<html><head><title>Briefly unavailable</title></head><body>...</body></html>"
JSON_ERROR = b'{"code":"internal_server_error","message":"<p>A critical error.</p>"}'


class Slept:
    """Waits that take no time; a shop's abandoned processes end while one waits."""

    def __init__(self, shop: Shop, *, catches_up: bool = True) -> None:
        self.shop, self.catches_up = shop, catches_up
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self.catches_up:
            self.shop.catch_up()


@pytest.fixture
def shop() -> Shop:
    return with_products(Shop(KEY, SECRET), [1, 2, 3])


def hangs(shop: Shop) -> bool:
    """Only then is a short wait right: the machine of the tests may be slow itself."""
    return any(fault.how == "hang" for fault in shop.faults)


@contextmanager
def serving(
    shop: Shop, *, catches_up: bool = True, **options: Any
) -> Iterator[WooCommerceClient]:
    with Server(shop) as server:
        yield WooCommerceClient(
            f"http://127.0.0.1:{server.port}",
            KEY,
            SECRET,
            http=http(server.port, idle_seconds=0.8 if hangs(shop) else 10.0),
            clock=Clock(sleep=Slept(shop, catches_up=catches_up)),
            **options,
        )


def save(client: WooCommerceClient, **options: Any) -> Saved:
    with WooCommerceSink(client, apply=True, overwrite=["title"], **options) as sink:
        return sink.save(Product(id="1"), OURS)


def writes(shop: Shop) -> int:
    """Requests that asked for a change, whatever came of them."""
    return sum(method != "GET" for method, _, _ in shop.requests)


BAD_GATEWAY: Answer = (502, {"content-type": "text/html"}, HTML)
MAINTENANCE: Answer = (503, {"retry-after": "40"}, HTML)
CRITICAL: Answer = (500, {}, JSON_ERROR)
WEB_PAGE: Answer = (200, {"content-type": "text/html"}, HTML)
CUT_SHORT: Answer = (200, {}, b'{"id": 1, "name": "Our ti')


# --- A write that got no answer ----------------------------------------------------------


@pytest.mark.parametrize("how", ["apply-then-drop", "half", "hang", "apply-later"])
def test_a_change_that_was_made_unanswered_is_found_and_not_sent_again(
    shop: Shop, how: str
) -> None:
    shop.faults = [Fault("PUT", "products/1", how)]
    with serving(shop) as client:
        saved = save(client)
    assert saved.status == "written" and saved.edits
    assert writes(shop) == len(shop.changes) == 1
    assert client.clock.sleep.seconds == [10.0]


@pytest.mark.parametrize("answer", [BAD_GATEWAY, CRITICAL, WEB_PAGE, CUT_SHORT])
def test_a_change_that_was_made_behind_an_error_page_is_found(
    shop: Shop, answer: Answer
) -> None:
    shop.faults = [Fault("PUT", "products/1", answer, applies=True)]
    with serving(shop) as client:
        assert save(client).status == "written"
    assert writes(shop) == len(shop.changes) == 1


@pytest.mark.parametrize("answer", ["reset", BAD_GATEWAY, CRITICAL, WEB_PAGE, CUT_SHORT])
def test_a_change_of_which_nothing_is_known_is_unknown_and_not_sent_again(
    shop: Shop, answer: str | Answer
) -> None:
    shop.faults = [Fault("PUT", "products/1", answer)]
    with serving(shop) as client:
        saved = save(client)
    assert saved.status == "unknown" and saved.edits and saved.reason
    assert writes(shop) == 1 and not shop.changes


def test_a_change_that_is_made_after_we_looked_was_called_unknown(shop: Shop) -> None:
    shop.faults = [Fault("PUT", "products/1", "apply-later")]
    with serving(shop, catches_up=False) as client:
        saved = save(client)
        assert saved.status == "unknown"
        shop.catch_up()
        assert save(client).status == "unchanged"
    assert len(shop.changes) == 1


def test_an_unknown_outcome_says_what_the_shop_said(shop: Shop) -> None:
    shop.faults = [Fault("PUT", "products/1", BAD_GATEWAY)]
    with serving(shop) as client:
        assert "502" in (reason := save(client).reason)
    assert "Briefly unavailable" in reason and "product 1" in reason


def test_a_shop_in_maintenance_is_left_alone_as_long_as_it_asks(shop: Shop) -> None:
    shop.faults = [Fault("PUT", "products/1", MAINTENANCE)]
    with serving(shop) as client:
        assert save(client).status == "unknown"
    assert client.clock.sleep.seconds == [40.0]


def test_the_time_to_settle_is_the_users(shop: Shop) -> None:
    shop.faults = [Fault("PUT", "products/1", "apply-later")]
    retry = RETRY_POLICIES["woocommerce"]._replace(settle_seconds=77.0)
    with serving(shop, retry=retry) as client:
        save(client)
    assert client.clock.sleep.seconds == [77.0]


def test_a_change_that_cannot_be_read_back_is_unknown(shop: Shop) -> None:
    shop.faults = [Fault("GET", "never", "reset"), Fault("PUT", "products/1", "half")]
    seen = 0

    def break_down(shop: Shop) -> None:
        nonlocal seen
        seen = writes(shop)
        if seen:
            shop.faults = [Fault("GET", "products", BAD_GATEWAY, times=99)]

    with serving(shop) as client:
        shop.before = break_down
        saved = save(client)
    assert seen == 1
    assert saved.status == "unknown" and "cannot be read back" in saved.reason


@pytest.mark.parametrize("how", ["apply-then-drop", "half", "apply-later", "reset"])
def test_each_product_of_an_unanswered_batch_is_looked_at(shop: Shop, how: str) -> None:
    shop.faults = [Fault("POST", "products/batch", how)]
    pairs = [(Product(id=str(n)), OURS) for n in (1, 2, 3)]
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        said = list(sink.save_many(pairs))
    expected = "unknown" if how == "reset" else "written"
    assert [one.status for one in said] == [expected] * 3
    assert writes(shop) == 1


def test_a_tag_that_was_made_unanswered_is_found(shop: Shop) -> None:
    shop.faults = [Fault("POST", "products/tags", "apply-then-drop")]
    ours = description(tags=("shoes",))
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        assert sink.save(Product(id="1"), ours).status == "written"
    assert list(shop.tags.values()) == ["shoes"]


def test_a_product_whose_tag_could_not_be_made_is_not_written(shop: Shop) -> None:
    shop.faults = [Fault("POST", "products/tags", "reset")]
    ours = description(tags=("shoes",), description="Our words.")
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        saved = sink.save(Product(id="1"), ours)
    assert saved.status == "refused" and "'shoes'" in saved.reason
    assert not shop.changes


# --- Waiting and asking again ------------------------------------------------------------


@pytest.mark.parametrize("asked", ["7", "30"])
def test_a_change_that_came_too_fast_is_made_after_the_asked_wait(
    shop: Shop, asked: str
) -> None:
    answer = (429, {"retry-after": asked}, b"slow down")
    shop.faults = [Fault("PUT", "products/1", answer, times=2)]
    with serving(shop) as client:
        assert save(client).status == "written"
    assert client.clock.sleep.seconds == [float(asked)] * 2
    assert len(shop.changes) == 1


@pytest.mark.parametrize(
    "answer",
    ["reset", "half", "hang", BAD_GATEWAY, MAINTENANCE, CRITICAL, WEB_PAGE, CUT_SHORT],
)
def test_a_question_is_asked_until_it_is_answered(shop: Shop, answer: str | Answer) -> None:
    shop.faults = [Fault("GET", "products", answer, times=2)]
    with serving(shop) as client, WooCommerceSource(client) as source:
        assert [p.id for p in source.products()] == ["1", "2", "3"]
    assert len(shop.requests) == 3
    least = 40.0 if answer is MAINTENANCE else 0.5
    assert all(seconds >= least for seconds in client.clock.sleep.seconds)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (BAD_GATEWAY, "502: a web page titled 'Briefly unavailable'"),
        (CRITICAL, "500 internal_server_error: A critical error"),
        (WEB_PAGE, "no JSON: a web page titled"),
        (CUT_SHORT, "no JSON: it begins with"),
        ((200, {}, b""), "it is empty"),
        ((400, {}, b'{"code":"rest_invalid_param","message":"Bad"}'), "400 rest_invalid_p"),
        ((404, {}, HTML), "permalinks"),
        ((403, {"cf-ray": "8f1"}, HTML), "cf-ray 8f1"),
        ((200, {}, b'{"not": "a list"}'), "no list"),
    ],
    ids=lambda v: ascii(v)[:30],
)
def test_an_answer_of_no_use_is_told_in_the_shops_own_words(
    shop: Shop, answer: Answer, words: str
) -> None:
    shop.faults = [Fault("GET", "products", answer, times=99)]
    with serving(shop) as client:
        source = WooCommerceSource(client)
        with pytest.raises(CatalogError) as raised:
            list(source.products())
    assert words in str(raised.value) and client.url in str(raised.value)


def test_a_shop_that_asks_for_too_long_a_wait_is_not_waited_for(shop: Shop) -> None:
    answer = (429, {"retry-after": "3600"}, b"")
    shop.faults = [Fault("GET", "products", answer, times=99)]
    with serving(shop) as client:
        source = WooCommerceSource(client)
        with pytest.raises(CatalogError, match="3600 s"):
            list(source.products())
    assert client.clock.sleep.seconds == []


def test_a_shop_is_not_asked_for_ever(shop: Shop) -> None:
    shop.faults = [Fault("GET", "products", "reset", times=99)]
    with serving(shop) as client:
        source = WooCommerceSource(client)
        with pytest.raises(CatalogError, match="connection failed"):
            list(source.products())
    assert len(shop.requests) == 5
    assert client.clock.sleep.seconds == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_shop_that_sends_on_to_another_address_is_not_followed(
    shop: Shop, method: str
) -> None:
    answer = (301, {"location": "https://www.shop.example/wp-json/?oauth_x=1"}, b"")
    shop.faults = [Fault(method, "products", answer)]
    with serving(shop) as client, pytest.raises(CatalogError) as raised:
        save(client)
    assert "www.shop.example" in str(raised.value) or "redirects" in str(raised.value)
    assert "oauth_x" not in str(raised.value)
    assert not shop.changes


def test_a_shop_that_sends_on_within_itself_is_named(shop: Shop) -> None:
    answer = (302, {"location": "/wp-json/wc/v3/other"}, b"")
    shop.faults = [Fault("GET", "products", answer)]
    with (
        serving(shop) as client,
        pytest.raises(CatalogError, match=r"sends on to .*/other"),
    ):
        save(client)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_redirect_to_the_same_path_with_a_slash_means_plain_permalinks(
    shop: Shop, method: str
) -> None:
    path = "products" if method == "GET" else "products/1"
    answer = (301, {"location": f"/wp-json/wc/v3/{path}/"}, b"")
    shop.faults = [Fault(method, "products", answer)]
    with serving(shop) as client, pytest.raises(CatalogError, match="not plain"):
        save(client)


def error(message: str) -> HttpReply:
    body = json.dumps({"code": "x", "message": message}).encode()
    return HttpReply(400, {}, body, "https://shop.example")


@pytest.mark.parametrize("unit", ["<", "<a ", "<title>", "<b>x</b>"])
@pytest.mark.parametrize(
    "reply", [error, lambda page: replace(error(""), body=page.encode())]
)
def test_the_time_for_an_error_grows_as_its_words_do(
    reply: Callable[[str], HttpReply], unit: str
) -> None:
    def judged(size: int) -> object:
        return judge(reply(unit * size), datetime.now(UTC))

    assert growth(judged) < MAX_RATIO


def test_of_a_message_without_end_the_beginning_is_read() -> None:
    outcome = judge(error("<b>Bad</b> " + "<i>" * MAX_READ + "late"), datetime.now(UTC))
    assert "Bad" in str(outcome) and "late" not in str(outcome)


# --- Secrets -----------------------------------------------------------------------------

TELLTALE = f'{{"code":"x","message":"key {KEY} with {SECRET} is bad"}}'.encode()


@pytest.mark.parametrize(
    "answer",
    [
        "reset",
        "half",
        BAD_GATEWAY,
        WEB_PAGE,
        (401, {}, TELLTALE),
        (400, {}, TELLTALE),
        (500, {}, TELLTALE),
        (429, {"retry-after": "9999"}, TELLTALE),
        (301, {"location": f"https://x.example/?oauth_consumer_key={KEY}"}, b""),
        (302, {"location": f"/elsewhere?consumer_secret={SECRET}"}, b""),
        (200, {}, f"<title>{KEY}</title>".encode()),
    ],
    ids=lambda v: ascii(v)[:24],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_no_error_shows_a_secret(
    shop: Shop,
    method: str,
    answer: str | Answer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.faults = [Fault(method, "products", answer, times=99)]
    shown: list[str] = []
    ours = description(title="Our title", tags=("made",) if method == "POST" else ())
    with serving(shop) as client:
        sink = WooCommerceSink(client, apply=True, overwrite=["title"])
        try:
            with sink:
                shown.append(repr(sink.save(Product(id="1"), ours)))
        except CatalogError as e:
            error: BaseException | None = e
            while error is not None:
                shown += [str(error), repr(error), repr(vars(error)), repr(error.args)]
                error = error.__cause__ or error.__context__
    shown += [record.getMessage() for record in caplog.records]
    shown += list(capfd.readouterr())
    assert shown[0]
    assert CANARY not in "\n".join(shown)
