"""A Vendure shop that fails: what was written is known, or known to be unknown."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from doubles.shop_servers.vendure_server import serving
from doubles.shop_servers.vendure_shop import Answer, Fault, Shop, with_products
from doubles.shops import CANARY
from factories import description

from productdesc.catalogs import RETRY_POLICIES, Saved, VendureSink, VendureSource
from productdesc.catalogs.live import Clock
from productdesc.errors import CatalogError
from productdesc.records import Product

OURS = description(title="Our title", description="Our words.")
UPDATE, TEXTS = "ProductdescUpdate", "ProductdescTexts"


class Slept:
    """Waits that take no time; what the shop still does ends while one waits."""

    def __init__(self, shop: Shop, *, catches_up: bool = True) -> None:
        self.shop, self.catches_up = shop, catches_up
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self.catches_up:
            self.shop.catch_up()


@pytest.fixture
def shop() -> Shop:
    return with_products(Shop(CANARY), [1, 2, 3])


@contextmanager
def waited_for(shop: Shop, *, catches_up: bool = True, **options: Any) -> Iterator[Any]:
    """A client of this shop; machines of tests are slow, so only a hang is short."""
    hangs = any(fault.how == "hang" for fault in shop.faults)
    clock = Clock(sleep=Slept(shop, catches_up=catches_up))
    limits = {"idle_seconds": 0.8 if hangs else 10.0}
    with serving(shop, clock=clock, limits=limits, **options) as client:
        yield client


def save(client: Any, **options: Any) -> Saved:
    with VendureSink(client, apply=True, overwrite=["title"], **options) as sink:
        return sink.save(Product(id="1"), OURS)


def errors(code: str, status: int = 200, message: str = "It failed", **more: Any) -> Answer:
    row = {"message": message, "extensions": {"code": code}, **more}
    body = json.dumps({"errors": [row], "data": None}).encode()
    return status, {"content-type": "application/json"}, body


BAD_GATEWAY: Answer = (502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")
MAINTENANCE: Answer = (503, {"retry-after": "40"}, b"<html>Soon</html>")
INTERNAL: Answer = errors("INTERNAL_SERVER_ERROR", path=["p0"])
WEB_PAGE: Answer = (200, {"content-type": "text/html"}, b"<html>Hello</html>")
CUT_SHORT: Answer = (200, {}, b'{"data": {"p0": {"id"')
NO_DATA: Answer = (200, {}, b'{"data": null}')
LOST = ["apply-then-drop", "half", "hang", "apply-later"]
PAGES = [BAD_GATEWAY, INTERNAL, WEB_PAGE, CUT_SHORT, NO_DATA]


# --- A write that got no answer ----------------------------------------------------------


@pytest.mark.parametrize("how", LOST)
def test_a_change_that_was_made_unanswered_is_found_and_not_sent_again(
    shop: Shop, how: str
) -> None:
    shop.faults = [Fault(UPDATE, how)]
    with waited_for(shop) as client:
        saved = save(client)
    assert saved.status == "written" and saved.edits
    assert shop.count(UPDATE) == len(shop.changes) == 1
    assert client.clock.sleep.seconds == [10.0]


@pytest.mark.parametrize("answer", PAGES, ids=lambda v: ascii(v)[:30])
def test_a_change_that_was_made_behind_an_error_page_is_found(
    shop: Shop, answer: Answer
) -> None:
    shop.faults = [Fault(UPDATE, answer, applies=True)]
    with waited_for(shop) as client:
        assert save(client).status == "written"
    assert shop.count(UPDATE) == len(shop.changes) == 1


@pytest.mark.parametrize("answer", ["reset", *PAGES], ids=lambda v: ascii(v)[:30])
def test_a_change_of_which_nothing_is_known_is_unknown_and_not_sent_again(
    shop: Shop, answer: str | Answer
) -> None:
    shop.faults = [Fault(UPDATE, answer)]
    with waited_for(shop) as client:
        saved = save(client)
    assert saved.status == "unknown" and saved.edits and "product 1" in saved.reason
    assert shop.count(UPDATE) == 1 and not shop.changes


def test_a_change_that_is_made_after_we_looked_was_called_unknown(shop: Shop) -> None:
    shop.faults = [Fault(UPDATE, "apply-later")]
    with waited_for(shop, catches_up=False) as client:
        assert save(client).status == "unknown"
        shop.catch_up()
        assert save(client).status == "unchanged"
    assert len(shop.changes) == 1


def test_a_shop_in_maintenance_is_left_alone_as_long_as_it_asks(shop: Shop) -> None:
    shop.faults = [Fault(UPDATE, MAINTENANCE)]
    with waited_for(shop) as client:
        assert save(client).status == "unknown"
    assert client.clock.sleep.seconds == [40.0]


def test_a_change_that_cannot_be_read_back_is_unknown(shop: Shop) -> None:
    def break_down(sent: Any) -> None:
        if sent.name == UPDATE:
            shop.faults = [Fault(TEXTS, BAD_GATEWAY, times=99)]

    shop.before = break_down
    with waited_for(shop) as client:
        saved = save(client)
    assert saved.status == "unknown" and "cannot be read back" in saved.reason


@pytest.mark.parametrize("how", ["apply-then-drop", "half", "apply-later", "reset"])
def test_each_product_of_an_unanswered_batch_is_looked_at(shop: Shop, how: str) -> None:
    shop.faults = [Fault(UPDATE, how)]
    pairs = [(Product(id=str(n)), OURS) for n in (1, 2, 3)]
    with waited_for(shop) as client:
        said = list(VendureSink(client, apply=True).save_many(pairs))
    expected = "unknown" if how == "reset" else "written"
    assert [one.status for one in said] == [expected] * 3
    assert shop.count(UPDATE) == 1


# --- Waiting and asking again ------------------------------------------------------------


@pytest.mark.parametrize("asked", ["7", "30"])
def test_a_change_that_came_too_fast_is_made_after_the_asked_wait(
    shop: Shop, asked: str
) -> None:
    shop.faults = [Fault(UPDATE, (429, {"retry-after": asked}, b"slow down"), times=2)]
    with waited_for(shop) as client:
        assert save(client).status == "written"
    assert client.clock.sleep.seconds == [float(asked)] * 2
    assert len(shop.changes) == 1


@pytest.mark.parametrize(
    "answer",
    ["reset", "half", "hang", *PAGES, MAINTENANCE, errors("RATE_LIMITED")],
    ids=lambda v: ascii(v)[:30],
)
def test_a_question_is_asked_until_it_is_answered(shop: Shop, answer: str | Answer) -> None:
    shop.faults = [Fault("ProductdescProducts", answer, times=2)]
    with waited_for(shop) as client:
        assert [p.id for p in VendureSource(client).products()] == ["1", "2", "3"]
    assert shop.count("ProductdescProducts") == 3


def test_a_shop_is_not_asked_for_ever_nor_waited_for_too_long(shop: Shop) -> None:
    shop.faults = [Fault("", "reset", times=99)]
    with waited_for(shop) as client:
        with pytest.raises(CatalogError, match="connection failed"):
            list(VendureSource(client).products())
        assert client.clock.sleep.seconds == [0.5, 1.0, 2.0, 4.0]
        shop.faults = [Fault("", (429, {"retry-after": "3600"}, b""), times=99)]
        with pytest.raises(CatalogError, match="3600 s"):
            list(VendureSource(client).products())


def test_a_shop_is_never_asked_faster_than_it_is_said_to_allow(shop: Shop) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    retry = RETRY_POLICIES["vendure"]._replace(per_second=2)
    clock = Clock(monotonic=lambda: now[0], sleep=sleep)
    with serving(shop, clock=clock, retry=retry) as client:
        list(VendureSink(client, apply=True).save_many([(Product(id="1"), OURS)]))
    assert len(shop.requests) == 4 and now[0] == 1.5


# --- Refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            errors("FORBIDDEN", message="You are not"),
            "FORBIDDEN: You are not; is the token",
        ),
        (errors("CHANNEL_NOT_FOUND"), "no channel with this token"),
        (errors("GRAPHQL_VALIDATION_FAILED", 400), "is it Vendure 3"),
        (errors("USER_INPUT_ERROR"), "USER_INPUT_ERROR: It failed"),
        ((401, {}, b"Unauthorized"), "a password of its own"),
        ((403, {"cf-ray": "8f1"}, b"<html>"), "(cf-ray 8f1); does a firewall"),
        ((404, {}, b"Cannot POST /"), "ends in /admin-api"),
        ((405, {}, b""), "it is empty; is this the address"),
        ((301, {"location": "https://www.shop.example/x?token=1"}, b""), "it sends on to"),
        ((200, {}, b'{"data": {"products": {"items": 5}}}'), "no list of them"),
        ((200, {}, b"[" * 100_000), "no GraphQL"),
        ((200, {}, b'{"errors": 5}'), "5"),
        ((200, {}, b'{"errors": [5, {"extensions": 7}], "data": 1}'), "5; None"),
    ],
    ids=lambda v: ascii(v)[:40],
)
def test_an_answer_of_no_use_is_told_with_what_to_do(
    shop: Shop, answer: Answer, words: str
) -> None:
    shop.faults = [Fault("ProductdescProducts", answer, times=99)]
    with waited_for(shop) as client, pytest.raises(CatalogError) as raised:
        list(VendureSource(client).products())
    assert words in str(raised.value) and client.url in str(raised.value)
    assert "token=1" not in str(raised.value)


def test_a_token_that_may_only_read_stops_the_run_before_anything_is_written(
    shop: Shop,
) -> None:
    shop.may_write = False
    with waited_for(shop) as client, pytest.raises(CatalogError, match="UpdateCatalog"):
        save(client)


def test_settings_that_are_none_are_told(shop: Shop) -> None:
    shop.faults = [Fault("ProductdescSettings", (200, {}, b'{"data": {}}'), times=9)]
    with waited_for(shop) as client, pytest.raises(CatalogError, match="activeChannel"):
        client.settings()


# --- Secrets -----------------------------------------------------------------------------

TELLTALE = f"the token {CANARY} is bad"


@pytest.mark.parametrize(
    "answer",
    [
        "reset",
        "half",
        errors("FORBIDDEN", message=TELLTALE),
        errors("USER_INPUT_ERROR", message=TELLTALE),
        errors(CANARY),
        (401, {}, TELLTALE.encode()),
        (500, {"x-request-id": CANARY}, TELLTALE.encode()),
        (301, {"location": f"https://x.example/{CANARY}"}, b""),
        (200, {}, TELLTALE.encode()),
        (429, {"retry-after": "9999"}, TELLTALE.encode()),
    ],
    ids=lambda v: ascii(v)[:40],
)
@pytest.mark.parametrize("on", [UPDATE, TEXTS])
def test_no_error_shows_a_secret(
    shop: Shop,
    on: str,
    answer: str | Answer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.faults = [Fault(on, answer, times=99)]
    shown: list[str] = []
    with waited_for(shop) as client:
        shown += [repr(client), repr(vars(client))]
        try:
            shown.append(repr(save(client)))
        except CatalogError as e:
            error: BaseException | None = e
            while error is not None:
                shown += [str(error), repr(error), repr(vars(error)), repr(error.args)]
                error = error.__cause__ or error.__context__
    shown += [record.getMessage() for record in caplog.records]
    shown += list(capfd.readouterr())
    assert shown[2]
    assert CANARY not in "\n".join(shown)
