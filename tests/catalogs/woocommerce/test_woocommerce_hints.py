"""What a WooCommerce shop refuses, and what is said to be wrong then.

The answers of the stand-in are those that a real shop gave (WooCommerce 10.5.0, WordPress
6.8.8); what comes from web servers and plugins before it is made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from doubles.pages import blocks
from doubles.shop_servers.woocommerce_server import Fault, Shop, with_products
from doubles.shops.live.woocommerce import AWAKE, KEY, SECRET, serving
from factories import description

from productdesc import ScriptedEngine
from productdesc.catalogs.woocommerce.rest import (
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.catalogs.woocommerce.rest.hints import HINTS, sent_on
from productdesc.errors import CatalogError
from productdesc.net import NetworkAccess
from productdesc.records import Product

AUTH = "woocommerce_rest_authentication_error"


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop(KEY, SECRET)
    with_products(made, [1])
    yield made


def error(shop: Shop, **options: Any) -> str:
    """What reading this shop fails with."""
    with serving(shop, **options) as client, WooCommerceSource(client) as source:
        with pytest.raises(CatalogError) as raised:
            list(source.products())
        return str(raised.value).replace(client.url, "SHOP")


# --- As a real shop answers ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (180, "180 minutes ahead of the shop's"),
        (-40, "40 minutes behind the shop's"),
    ],
)
def test_a_clock_that_is_wrong_is_told_by_how_much(
    shop: Shop, minutes: int, says: str
) -> None:
    clock = AWAKE._replace(now=lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    text = error(shop, clock=clock)
    assert "Invalid timestamp" in text and says in text


def test_a_clock_that_is_right_enough_is_not_blamed(shop: Shop) -> None:
    body = json.dumps({"code": AUTH, "message": "Invalid timestamp."}).encode()
    shop.faults = [Fault("GET", "products", (401, {}, body))]
    assert "is the clock of this machine right?" in error(shop)


@pytest.mark.parametrize("home", ["http://www.shop.test", "http://127.0.0.1:{port}/shop"])
def test_another_address_of_the_site_is_named(shop: Shop, home: str) -> None:
    with serving(shop) as client:
        shop.home = home.format(port=client.url.rpartition(":")[2])
        source = WooCommerceSource(client)
        with pytest.raises(CatalogError, match="Invalid signature") as raised:
            list(source.products())
    assert f"the shop's own address is {shop.home}; give that one" in str(raised.value)


def test_a_wrong_secret_is_not_taken_for_a_wrong_address(shop: Shop) -> None:
    text = error(shop, secret="cs_other")
    assert "are key and secret right, and is the address" in text
    assert "own address" not in text


def test_a_shop_that_speaks_another_language_is_understood_by_its_code(shop: Shop) -> None:
    body = json.dumps({"code": AUTH, "message": "Ungültiger Zeitstempel."}).encode()
    early = AWAKE._replace(now=lambda: datetime.now(UTC) - timedelta(hours=2))
    home = {"link": '<https://www.shop.test/wp-json/>; rel="https://api.w.org/"'}
    for clock, headers, says in (
        (early, {}, "120 minutes behind"),
        (AWAKE, home, "own address is https://www.shop.test;"),
        (AWAKE, {}, "are key and secret right, of this shop"),
    ):
        shop.faults = [Fault("GET", "products", (401, headers, body))]
        assert says in error(shop, clock=clock)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_plain_permalinks_are_told_with_the_setting_to_change(
    shop: Shop, method: str
) -> None:
    with serving(shop) as client:
        shop.plain_permalinks = True
        with pytest.raises(CatalogError, match="Settings > Permalinks") as raised:
            if method == "GET":
                client.get("products")
            else:
                client.change("PUT", "products/1", {"name": "x"})
    assert "not plain" in str(raised.value) and "oauth" not in str(raised.value)
    assert len(shop.requests) == 1 and not shop.changes


@pytest.mark.parametrize(
    ("permissions", "says"),
    [
        ("read", "write permissions.; the key may only read; give it Read/Write"),
        ("write", "read permissions.; the key may only write; give it Read/Write"),
    ],
)
def test_a_key_of_one_way_only_is_told(shop: Shop, permissions: str, says: str) -> None:
    shop.permissions = permissions
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
        pytest.raises(CatalogError) as raised,
    ):
        sink.save(Product(id="1"), description(description="Our words."))
    assert says in str(raised.value)
    assert not shop.changes


@pytest.mark.parametrize("role", ["customer", "editor"])
def test_a_role_without_rights_is_told_with_one_that_has_them(role: str) -> None:
    shop = Shop(KEY, SECRET, role=role)
    text = error(shop)
    assert "403 woocommerce_rest_cannot_view" in text
    assert "may not see products; it takes a Shop manager or an administrator" in text
    with serving(shop) as client:
        for path, says in (
            ("products/1", "may not change products"),
            ("products/batch", "may not change products"),
            ("products/tags", "may not make tags"),
        ):
            method = "PUT" if path == "products/1" else "POST"
            assert says in str(client.change(method, path, {}))


# --- As what stands before it may answer -------------------------------------------------

PAGE = b"<html><title>Authorization Required</title></html>"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((401, {"www-authenticate": "Basic"}, PAGE), "asks for a password of its own"),
        ((401, {}, b'{"code":"rest_not_logged_in","message":"x"}'), "a plugin close the"),
        (
            (401, {}, b'{"code":"woocommerce_rest_cannot_view","message":"x"}'),
            "may not hand the Authorization header on",
        ),
        ((403, {}, PAGE), "a firewall before the shop"),
        ((403, {}, b'{"code":"rest_forbidden","message":"x"}'), "may the key's user do"),
        ((404, {}, PAGE), "is this the address of the WordPress site?"),
        ((404, {}, b'{"code":"rest_no_route","message":"x"}'), "is WooCommerce active"),
        (
            (400, {}, b"<p>The plain HTTP request was sent to HTTPS port</p>"),
            "the server speaks https at this port",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_stands_before_a_shop_is_told_from_the_shop(
    shop: Shop, answer: Any, says: str
) -> None:
    shop.faults = [Fault("GET", "products", answer)]
    assert says in error(shop)


ASKED = "https://shop.test/blog/wp-json/wc/v3/products?oauth_x=1"


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("https://www.shop.test/wp-json/wc/v3/products?oauth_x=1", "is https://www.shop."),
        ("https://shop.test/wp-json/wc/v3/products", "its address is https://shop.test"),
        ("//www.shop.test/", "its address is https://www.shop.test"),
        ("http://shop.test/blog/wp-json/wc/v3/products", "is http://shop.test/blog"),
        ("/blog/wp-json/wc/v3/products/", "Settings > Permalinks"),
        ("/wp-login.php?redirect_to=%2Fwp-json", "a page for logging in"),
        ("https://shop.test/coming-soon/", "a page for logging in"),
        ("https://[", "it sends on to 'https://['"),
        ("", "a page for logging in"),
    ],
)
def test_a_redirect_is_told_with_where_it_leads(location: str, says: str) -> None:
    text = sent_on(ASKED, location)
    assert says in text and "oauth_x" not in text


def test_a_key_is_not_sent_on_to_anywhere(shop: Shop) -> None:
    """Not even to the same host, nor to one that is let through."""
    with serving(shop) as client:
        for place in ("/wp-json/wc/v3/other", "http://localhost/wp-json/wc/v3/products"):
            answer = (302, {"location": place}, b"")
            shop.faults = [Fault("GET", "products", answer)]
            before = len(shop.requests)
            with pytest.raises(CatalogError, match="it sends on to"):
                client.get("products")
            assert len(shop.requests) == before + 1


def test_every_hint_is_a_sentence_of_its_own() -> None:
    texts = [row.text for row in HINTS]
    assert len(set(texts)) == len(texts) >= 15


# --- Where it stands ---------------------------------------------------------------------


def test_a_shop_on_this_machine_is_let_through_by_its_origin(shop: Shop) -> None:
    with serving(shop) as reached:
        url = reached.url
        photo = f"{url}/wp-content/uploads/a.jpg"
        shop.add(7, name="B", images=[(71, photo, ""), (72, "http://localhost/b.jpg", "")])
        with (
            WooCommerceClient(url, KEY, SECRET, network=NetworkAccess(url)) as client,
            WooCommerceSource(client) as source,
        ):
            assert [p.photos for p in source.products()] == [(), (photo,)]
            [problem] = source.problems
        assert "photo 'http://localhost/b.jpg' was left out" in str(problem)
        with (
            WooCommerceClient(url, KEY, SECRET) as client,
            pytest.raises(CatalogError, match=f"--allow-host {url}"),
        ):
            client.get("products")


def test_the_limits_of_the_adapter_stay_with_a_network_of_ones_own() -> None:
    url = "http://127.0.0.1:8099"
    with (
        WooCommerceClient(url, KEY, SECRET) as plain,
        WooCommerceClient(url, KEY, SECRET, network=NetworkAccess(url)) as own,
    ):
        assert vars(own)["_http"].policy == vars(plain)["_http"].policy
        assert vars(own)["_http"].policy.deadline_seconds == 90.0


def test_a_key_goes_over_plain_http_to_this_machine_only() -> None:
    url = "http://192.168.255.254:8099"
    with (
        WooCommerceClient(url, KEY, SECRET, network=NetworkAccess(url)) as client,
        pytest.raises(CatalogError, match=r"with a key http:// .*--insecure") as raised,
    ):
        client.get("products")
    assert KEY not in str(raised.value)


def test_the_program_of_the_docs_reads_a_staging_shop(shop: Shop) -> None:
    program: dict[str, Any] = {}
    for block in blocks("docs/woocommerce.md")[:2]:
        exec(block.body, program)
    with serving(shop) as reached:
        engine = ScriptedEngine()
        shop.add(1, name="Linen tee", attributes=[{"name": "colour", "options": ["navy"]}])
        outcomes = list(program["describe_staging"](reached.url, KEY, SECRET, engine))
    assert [type(outcome).__name__ for outcome in outcomes] == ["Described"]
