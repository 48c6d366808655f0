"""One product of a page that is broken: one problem line, and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from doubles.shop_servers.woocommerce_server import Fault, Server, Shop
from doubles.shops.live.woocommerce import KEY, SECRET, http

from productdesc.catalogs.live import RETRY_POLICIES, Clock
from productdesc.catalogs.woocommerce.rest import WooCommerceClient, WooCommerceSource
from productdesc.errors import CatalogError
from productdesc.records import Product

DEEP = "[" * 400 + "]" * 400
BOTTOMLESS = "[" * 100_000 + "]" * 100_000


def product(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Shoe {number}",
        "type": "simple",
        "description": '<p>Says "hello", [a] {b} \\ é</p>',
        "short_description": "",
        "categories": [{"id": 1, "name": "Shoes", "slug": "shoes"}],
        "tags": [],
        "images": [{"id": 5, "src": "https://a.example/1.jpg", "alt": ""}],
        "attributes": [],
        "meta_data": [{"id": 1, "key": "x", "value": ""}],
    }


def read(page: str) -> tuple[list[Product], list[str]]:
    """What is read of a shop that answers with this page."""
    shop = Shop(KEY, SECRET)
    headers = {"content-type": "application/json", "x-wp-total": "3"}
    shop.faults = [Fault("GET", "products", (200, headers, page.encode()), times=99)]
    with Server(shop) as server:
        client = WooCommerceClient(
            f"http://127.0.0.1:{server.port}",
            KEY,
            SECRET,
            http=http(server.port),
            clock=Clock(sleep=lambda seconds: None),
            retry=RETRY_POLICIES["woocommerce"]._replace(attempts=2),
        )
        with WooCommerceSource(client) as source:
            products = list(source.products())
            return products, list(map(str, source.problems))


def page_with(second: str) -> str:
    return f"[{json.dumps(product(1))},\n{second} ,{json.dumps(product(3))}]\n"


def altered(**values: Any) -> str:
    return json.dumps(product(2) | values)


def value_of_meta(value: str) -> str:
    return json.dumps(product(2)).replace('"value": ""', f'"value": {value}')


BROKEN: dict[str, str] = {
    "null": "null",
    "a number": "2",
    "a text": '"product"',
    "a list": f"[{altered()}]",
    "without id": '{"name": "Shoe"}',
    "id null": altered(id=None),
    "id below one": altered(id=-2),
    "id a list": altered(id=[2]),
    "5,000 digits": altered().replace('"id": 2', '"id": ' + "2" * 5000),
    "name a list": altered(name=["Shoe"]),
    "name deep": altered(name="").replace('"name": ""', f'"name": {DEEP}'),
    "half a character": altered(name="\ud83d"),
    "half a tag": altered(tags=[{"id": 1, "name": "\ud83d", "slug": "x"}]),
    "half a value of a plugin": altered(meta_data=[{"key": "x", "value": "\ud83d"}]),
    "half an option": altered(attributes=[{"name": "Size", "options": ["\ud83d"]}]),
    "not a number": altered(name=float("nan")),
    "infinite": altered(description=float("-inf")),
    "categories a text": altered(categories="Shoes"),
    "a category null": altered(categories=[None]),
    "images an object": altered(images={"1": {"src": "https://a.example/1.jpg"}}),
    "an image a number": altered(images=[5]),
    "options an object": altered(attributes=[{"name": "Size", "options": {"1": "S"}}]),
    "meta a text": altered(meta_data="x"),
    "deeper": value_of_meta(BOTTOMLESS),
    "objects in objects": value_of_meta('{"a":' * 100_000 + "1" + "}" * 100_000),
    "meta not a number": value_of_meta("NaN"),
    "meta of 5,000 digits": value_of_meta("1" * 5000),
}


@pytest.mark.parametrize("second", BROKEN.values(), ids=BROKEN)
def test_a_broken_product_of_a_page_is_one_problem(second: str) -> None:
    products, [problem] = read(page_with(second))
    assert [one.id for one in products] == ["1", "3"]
    assert problem.startswith("product ")
    assert len(problem) < 250 and "\n" not in problem


@pytest.mark.parametrize("name", ["deeper", "meta not a number", "meta of 5,000 digits"])
def test_a_product_that_cannot_be_parsed_is_named(name: str) -> None:
    _, [problem] = read(page_with(BROKEN[name]))
    assert problem.startswith("product 2: is no JSON: ")


def test_what_a_plugin_stores_with_a_product_may_be_of_any_kind() -> None:
    for value in (DEEP, "5", "null", '{"a": [1, {"b": "]"}]}'):
        products, problems = read(page_with(value_of_meta(value)))
        assert [one.id for one in products] == ["1", "2", "3"] and not problems, value


def test_a_large_product_beside_a_broken_one_is_read() -> None:
    large = altered(description="<p>" + 'x "]}\\ ' * 900_000 + "</p>")
    first = json.dumps(product(1) | {"id": 1, "meta_data": [{"value": float("nan")}]})
    products, problems = read(f"[{first},{large},{json.dumps(product(3))}]")
    assert [one.id for one in products] == ["2", "3"] and len(problems) == 1
    assert len(products[0].description) > 6_000_000


@pytest.mark.parametrize("cut", [lambda page: page[:-40], lambda page: page[:-2]])
def test_a_page_that_is_cut_short_is_never_read_in_parts(cut: Callable[[str], str]) -> None:
    for second in (altered(), BROKEN["deeper"], BROKEN["not a number"]):
        with pytest.raises(CatalogError, match="no JSON"):
            read(cut(page_with(second)))
