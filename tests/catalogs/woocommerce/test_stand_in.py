"""The WooCommerce stand-in does as a real shop does, in what was measured in one.

WooCommerce 10.5.0 over WordPress 6.8.8 and 7.1.0: requests over HTTP with keys of several
users, and all tables of the database before and after.
"""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

import pytest
import trustme
from doubles.shop_servers.woocommerce_server import Key, Server, Shop
from doubles.shop_servers.woocommerce_shop import TEXTS
from doubles.wordpress.characters import addslashes
from doubles.wordpress.markup import products
from doubles.wordpress.stored import UNFILTERED, stored

from productdesc.catalogs.woocommerce.rest.oauth import query_string, signed
from productdesc.secret import Secret

ROLES = ["administrator", "shop_manager"]
KEY = Key("ck_1", "cs_1")
HELD = {
    "name": "Video shoe & <i>sock</i> <span>x</span> \\o/",
    "description": '<iframe src="https://a.example/v"></iframe> 5 < 6 & C:\\dir',
    "short_description": '<p style="display:flex">A < B > C</p>',
}


@pytest.fixture
def shop() -> Shop:
    return Shop(KEY.key, KEY.secret)


def put(shop: Shop, number: int, body: Mapping[str, Any], role: str = KEY.role) -> Any:
    key = Key("ck_2", "cs_2", role=role)
    value, _ = shop.handle(key, "PUT", f"products/{number}", {}, body)
    return value


def texts(shop: Shop, number: int) -> dict[str, str]:
    return {name: shop.products[number][name] for name in TEXTS}


def ask(
    server: Server,
    method: str = "GET",
    path: str = "/wp-json/wc/v3/products",
    key: Key = KEY,
    *,
    site: str = "",
    age: float = 0,
) -> tuple[int, Any, str]:
    """Status, JSON or text, and where to, of a request signed for `site`."""
    url = (site or f"http://127.0.0.1:{server.port}") + path
    pairs = signed(
        method,
        url,
        [],
        key=Secret(key.key),
        secret=Secret(key.secret),
        timestamp=int(time.time() - age),
        nonce=f"{time.monotonic_ns()}",
    )
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request(method, f"{path}?{query_string(pairs)}", body=b"{}")
    return answer(connection)


def answer(connection: HTTPConnection) -> tuple[int, Any, str]:
    got = connection.getresponse()
    body = got.read().decode()
    connection.close()
    is_json = "json" in got.headers["content-type"]
    return got.status, json.loads(body) if is_json else body, got.headers["location"] or ""


# --- 1 and 2: the three texts are saved together, and cleaned by role --------------------


def test_one_text_that_is_sent_saves_all_three_anew_for_a_shop_manager(shop: Shop) -> None:
    shop.add(5, **HELD)
    shown = put(shop, 5, {"short_description": "<b>New</b>"})
    assert texts(shop, 5) == {name: shown[name] for name in TEXTS}
    assert texts(shop, 5) == {
        "name": "Video shoe &amp; <i>sock</i> x o/",
        "description": " 5 &lt; 6 &amp; C:dir",
        "short_description": "<b>New</b>",
    }


def test_an_administrator_loses_backslashes_only_in_what_is_not_sent(shop: Shop) -> None:
    shop.add(5, **HELD)
    put(shop, 5, {"description": HELD["description"]}, "administrator")
    assert texts(shop, 5) == {
        "name": HELD["name"].replace("\\", ""),
        "description": " 5 &lt; 6 &amp; C:dir",  # sent, so cleaned for every role
        "short_description": HELD["short_description"],
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("body", [{"tags": []}, {"images": []}, {"meta_data": []}, {}])
def test_without_a_text_in_the_request_no_text_changes(
    shop: Shop, role: str, body: Mapping[str, Any]
) -> None:
    shop.add(5, **HELD)
    put(shop, 5, body, role)
    assert texts(shop, 5) == HELD


@pytest.mark.parametrize("role", ROLES)
def test_a_text_that_is_sent_as_it_stands_is_no_change(shop: Shop, role: str) -> None:
    held = HELD | {"short_description": "Wool &amp; silk"}
    shop.add(5, **held)
    put(shop, 5, {"short_description": held["short_description"]}, role)
    assert texts(shop, 5) == held


@pytest.mark.parametrize("role", ROLES)
def test_backslashes_stay_where_they_are_sent_doubled(shop: Shop, role: str) -> None:
    held = {"name": "a \\ b", "description": "<p>C:\\dir \\\\srv</p>"}
    shop.add(5, **held)
    put(shop, 5, {"short_description": "x"} | {k: addslashes(v) for k, v in held.items()})
    assert texts(shop, 5) == held | {"short_description": "x"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("field", TEXTS)
def test_random_products_become_what_the_filter_makes_of_them(
    shop: Shop, role: str, field: str
) -> None:
    for number, product in enumerate(products(7, 60), start=1):
        shop.add(number, **product)
        put(shop, number, {field: "Sent"}, role)
        assert texts(shop, number) == {
            name: stored(
                "Sent" if name == field else product[name],
                name,
                role,
                is_sent=name == field,
            )
            for name in TEXTS
        }


def test_a_batch_does_the_same_by_the_role_of_the_key(shop: Shop) -> None:
    for number, role in enumerate(ROLES, start=1):
        shop.add(number, **HELD)
        key = Key("ck_2", "cs_2", role=role)
        row = {"id": number, "name": "New"}
        shop.handle(key, "POST", "products/batch", {}, {"update": [row]})
        assert ("<iframe" in shop.products[number]["description"]) == (role in UNFILTERED)


@pytest.mark.parametrize(
    "body",
    [dict.fromkeys(TEXTS, ""), dict.fromkeys(TEXTS, "<script>"), {"name": "x" * 65_536}],
    ids=["empty", "emptied", "too long"],
)
def test_what_wordpress_refuses_leaves_the_texts_and_is_no_error(
    shop: Shop, body: Mapping[str, str]
) -> None:
    shop.add(5, **HELD)
    shown = put(shop, 5, body)
    assert texts(shop, 5) == HELD == {name: shown[name] for name in TEXTS}


# --- 3: escaped and raw -------------------------------------------------------------------


def test_options_of_the_shops_attributes_are_html_and_a_products_own_are_text(
    shop: Shop,
) -> None:
    shop.add(5, categories=[{"id": 1, "name": "Shoes &amp; socks"}])
    rows = [
        {"id": 2, "options": ["Navy & White", "Navy &amp; White", 'A "B"']},
        {"id": 0, "name": "Care", "options": ["wash & dry", "no \\ iron | 30 < 40"]},
    ]
    shown = put(shop, 5, {"attributes": rows})
    assert [a["options"] for a in shown["attributes"]] == [
        ["Navy &amp; White", "Navy &amp; White", 'A "B"'],
        ["wash & dry", "no \\ iron", "30 < 40"],
    ]
    assert put(shop, 5, {"attributes": shown["attributes"]}) == shown
    assert shown["categories"][0]["name"] == "Shoes &amp; socks"


# --- 4 and 8: images ----------------------------------------------------------------------

GALLERY = [(71, "https://a.example/a.jpg", ""), (72, "https://a.example/b.jpg", "")]


def test_the_first_image_sent_becomes_the_featured_one_and_lost_ones_go(shop: Shop) -> None:
    shop.add(5, images=[*GALLERY, (99, "", "")], thumbnail=0)
    before = shop.handle(KEY, "GET", "products/5", {"context": "edit"}, None)[0]
    assert [image["id"] for image in before["images"]] == [71, 72]
    assert shop.products[5]["images"] == [71, 72, 99]
    after = put(shop, 5, {"images": [{"id": 71, "alt": "front"}, {"id": 72}]})
    assert [image["id"] for image in after["images"]] == [71, 72]
    assert shop.products[5]["images"] == [71, 72]
    assert shop.products[5]["thumbnail"] == 71 and "thumbnail" not in after
    assert shop.parents == {71: 5, 72: 0}


def test_of_two_alt_texts_for_one_image_the_last_one_stays(shop: Shop) -> None:
    shop.add(5, images=GALLERY)
    shop.add(6, images=GALLERY[:1])
    rows = [{"id": n, "images": [{"id": 71, "alt": f"of {n}"}]} for n in (5, 6)]
    answered, _ = shop.handle(KEY, "POST", "products/batch", {}, {"update": rows})
    assert [row["images"][0]["alt"] for row in answered["update"]] == ["of 5", "of 6"]
    assert shop.shown(5)["images"][0]["alt"] == "of 6"


# --- 5, 6: addresses ----------------------------------------------------------------------


def test_the_signature_is_of_the_sites_own_address(shop: Shop) -> None:
    with Server(shop) as server:
        assert ask(server)[0] == 200
        status, body, _ = ask(server, site=f"http://localhost:{server.port}")
        assert (status, body["code"]) == (401, "woocommerce_rest_authentication_error")
        assert body["message"].startswith("Invalid signature")
        shop.home = f"http://127.0.0.1:{server.port}/shop"
        assert "Invalid signature" in ask(server)[1]["message"]
        assert ask(server, path="/shop/wp-json/wc/v3/products")[0] == 200
        assert ask(server, site=shop.home)[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_plain_permalinks_lead_to_the_home_page(shop: Shop, method: str) -> None:
    shop.plain_permalinks = True
    with Server(shop) as server:
        status, body, there = ask(server, method)
        if method == "GET":
            assert (status, body) == (301, "")
            place = f"http://127.0.0.1:{server.port}/wp-json/wc/v3/products/?"
            assert there.startswith(place) and "oauth_consumer_key=ck_1" in there
        else:
            assert status == 200 and body.startswith("<!DOCTYPE html>")
        assert ask(server, path="/wp-json/wc/v3/products/")[1].startswith("<!DOCTYPE html>")
    assert not shop.changes


@pytest.mark.parametrize("plain", [False, True])
def test_every_answer_says_where_the_api_of_the_site_is(shop: Shop, plain: bool) -> None:
    """Also a refusal: so a shop's own address is known without another request."""
    shop.home, shop.plain_permalinks = "http://www.shop.test/shop", plain
    with Server(shop) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("POST", "/shop/wp-json/wc/v3/products", body=b"{}")
        got = connection.getresponse()
        link, status = got.getheader("link"), got.status
        connection.close()
    there = "index.php?rest_route=/" if plain else "wp-json/"
    assert link == f'<http://www.shop.test/shop/{there}>; rel="https://api.w.org/"'
    assert status == (200 if plain else 401)


# --- 7: empty names -----------------------------------------------------------------------


def test_a_product_made_without_a_name_is_called_product(shop: Shop) -> None:
    for body in ({"name": ""}, {"name": "", "description": "x"}, {}):
        made, _ = shop.handle(KEY, "POST", "products", {}, body)
        assert made["name"] == shop.products[made["id"]]["name"] == "Product"


def test_a_name_that_is_emptied_later_stays_empty(shop: Shop) -> None:
    shop.add(5, **HELD)
    assert put(shop, 5, {"name": "<script></script>"})["name"] == ""


# --- 9, 10: keys --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["customer", "editor"])
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "products", "cannot_view"),
        ("GET", "products/1", "cannot_view"),
        ("GET", "products/tags", "cannot_view"),
        ("PUT", "products/1", "cannot_edit"),
        ("POST", "products/batch", "cannot_batch"),
        ("POST", "products/tags", "cannot_create"),
    ],
)
def test_a_key_of_another_role_is_forbidden(
    role: str, method: str, path: str, code: str
) -> None:
    with Server(Shop(KEY.key, KEY.secret, role=role)) as server:
        status, body, _ = ask(server, method, f"/wp-json/wc/v3/{path}")
    assert (status, body["code"]) == (403, f"woocommerce_rest_{code}")


@pytest.mark.parametrize(
    ("minutes", "right"), [(20, False), (-20, False), (14, True), (-14, True)]
)
def test_a_clock_may_be_a_quarter_of_an_hour_off(
    shop: Shop, minutes: int, right: bool
) -> None:
    with Server(shop) as server:
        status, body, _ = ask(server, age=60 * minutes)
    assert status == 200 if right else body["message"] == "Invalid timestamp."


def test_a_key_that_may_not_write_or_read_is_told_so(shop: Shop) -> None:
    with Server(shop) as server:
        for permissions, method in (("read", "POST"), ("write", "GET")):
            shop.permissions = permissions
            status, body, _ = ask(server, method)
            assert status == 401 and "permissions" in body["message"]


def test_an_unknown_key_is_told_so_over_http_and_cannot_view_over_https(shop: Shop) -> None:
    with Server(shop) as server:
        status, body, _ = ask(server, key=Key("ck_9", "cs_9"))
    assert (status, body["message"]) == (401, "Consumer key is invalid.")
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    expected = {
        "ck_9:cs_9": (401, "woocommerce_rest_cannot_view"),
        "ck_1:cs_9": (401, "woocommerce_rest_authentication_error"),
        "ck_1:cs_1": (200, ""),
    }
    with Server(shop, tls=tls) as server:
        for pair, wanted in expected.items():
            connection = HTTPSConnection("127.0.0.1", server.port, context=trust, timeout=5)
            basic = base64.b64encode(pair.encode()).decode()
            header = {"authorization": f"Basic {basic}"}
            connection.request("GET", "/wp-json/wc/v3/products", headers=header)
            status, body, _ = answer(connection)
            assert (status, body["code"] if status != 200 else "") == wanted
